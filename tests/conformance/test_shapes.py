"""How a body is told in the catalogue."""

from __future__ import annotations

from tests.conformance.shapes import merged, shape_of


def test_keys_stay_and_values_become_forms() -> None:
    body = {"id": None, "properties": {"friendlyName": "web1", "health": "Normal", "zones": []}}
    told = {
        "id": "null",
        "properties": {"friendlyName": "text", "health": "'Normal'", "zones": []},
    }
    assert shape_of(body) == told


def test_of_keys_that_people_choose_only_the_values_are_told() -> None:
    assert shape_of({"tags": {"mine": "value", "yours": ""}}) == {"tags": {"*": "text | empty"}}
    assert shape_of({"tags": {}}) == {"tags": {}}


def test_a_list_of_words_keeps_each_in_order() -> None:
    allowed = ["UnplannedFailover", "DisableProtection"]
    told = ["'UnplannedFailover'", "'DisableProtection'"]
    assert shape_of({"allowedOperations": allowed}) == {"allowedOperations": told}


def test_elements_of_one_kind_become_one_and_other_kinds_stay_apart_in_order() -> None:
    groups = [
        {"groupType": "Shutdown", "replicationProtectedItems": []},
        {"groupType": "Boot", "replicationProtectedItems": [{"virtualMachineId": "a"}]},
        {"groupType": "Boot", "replicationProtectedItems": []},
    ]
    assert shape_of({"groups": groups}) == {
        "groups": [
            {"groupType": "'Shutdown'", "replicationProtectedItems": []},
            {"groupType": "'Boot'", "replicationProtectedItems": [{"virtualMachineId": "text"}]},
        ]
    }


def test_a_key_that_not_every_element_has_is_marked() -> None:
    assert shape_of([{"a": 1, "b": "x"}, {"a": None}]) == [{"a": "integer | null", "b?": "text"}]


def test_an_object_and_null_are_no_one_kind() -> None:
    found = shape_of([{"customDetails": None}, {"customDetails": {"a": 1}}])
    assert found == [{"customDetails": "null"}, {"customDetails": {"a": "integer"}}]


def test_shapes_merge_like_the_values_they_came_from() -> None:
    one, other = {"a": 1, "b": []}, {"a": "x", "c": True}
    assert merged(shape_of(one), shape_of(other)) == {
        "a": "integer | text",
        "b?": [],
        "c?": "boolean",
    }


def test_names_of_tasks_are_azures_unless_they_are_a_machines() -> None:
    tasks = [
        {
            "taskType": "TaskDetails",
            "taskId": "Check",
            "name": "Check",
            "friendlyName": "Check it",
        },
        {"taskType": "VirtualMachineTaskDetails", "name": "Unknown", "friendlyName": "web1"},
        {
            "taskType": "JobTaskDetails",
            "taskId": "Cleanup",
            "name": "web1",
            "friendlyName": "web1",
        },
    ]
    told = [[task["name"], task["friendlyName"]] for task in shape_of({"tasks": tasks})["tasks"]]
    assert told == [["'Check'", "'Check it'"], ["'Unknown'", "text"], ["text", "text"]]


def test_a_jobs_friendly_name_is_azures_and_an_items_is_not() -> None:
    assert shape_of({"scenarioName": "TestFailover", "friendlyName": "Test failover"}) == {
        "scenarioName": "'TestFailover'",
        "friendlyName": "'Test failover'",
    }
    assert shape_of({"friendlyName": "web1"}) == {"friendlyName": "text"}


def test_numbers_are_values_but_for_those_that_azure_fills_in() -> None:
    told = shape_of({"recoveryPointHistory": 0, "diskSizeGB": 127})
    assert told == {"recoveryPointHistory": "exactly 0", "diskSizeGB": "integer"}
