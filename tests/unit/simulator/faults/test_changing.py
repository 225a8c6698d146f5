"""Changes of an answer's JSON."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from muster.simulator.faults.changing import changed
from muster.simulator.faults.happening import Changing

BODY: dict[str, Any] = {
    "id": "/Subscriptions/S/resourceGroups/Rg",
    "properties": {
        "groups": [
            {"name": "a", "ends": ["x"], "of": "/subscriptions/s/a"},
            {"name": "b", "ends": [], "of": None},
            {"name": "c", "ends": ["z"], "of": "/Not/an/id"},
        ],
        "health": "Normal",
    },
}


def told(**change: Any) -> Any:
    before = copy.deepcopy(BODY)
    after = changed(BODY, Changing.model_validate(change), "seed")
    assert before == BODY  # the world's own body stays as it is
    return after["properties"] if "casing" not in change else after


def test_what_is_there_is_set_and_what_is_not_only_when_asked_for() -> None:
    found = told(set={"properties.health": "Bad", "properties.none": 1, "+properties.new": [2]})
    assert (found["health"], found["new"]) == ("Bad", [2])
    assert "none" not in found
    found = told(set={"properties.groups.*.name": "q", "properties.groups.1.of": 7})
    assert [group["name"] for group in found["groups"]] == ["q"] * 3
    assert found["groups"][1]["of"] == 7
    assert (
        told(set={"properties.groups.9.name": 1, "properties.health.deeper": 1})
        == (BODY["properties"])
    )


def test_what_is_dropped_is_gone_everywhere() -> None:
    found = told(drop=["properties.groups.*.ends", "properties.health", "properties.nothing"])
    assert found == {
        "groups": [{k: g[k] for k in ("name", "of")} for g in BODY["properties"]["groups"]]
    }


def test_rows_of_a_list_are_dropped_all_and_by_their_number() -> None:
    assert told(drop=["properties.groups.*"])["groups"] == []
    names = [group["name"] for group in told(drop=["properties.groups.1"])["groups"]]
    assert names == ["a", "c"]


def test_what_is_no_number_of_a_row_is_no_place() -> None:
    assert told(set={"properties.groups.²": 1, "properties.groups.3": 1}) == BODY["properties"]


def test_only_the_last_key_is_made() -> None:
    assert told(set={"+properties.none.new": 1}) == BODY["properties"]


def test_each_place_gets_a_value_of_its_own() -> None:
    groups = told(set={"properties.groups.*.ends": []})["groups"]
    groups[0]["ends"].append("x")
    assert [group["ends"] for group in groups] == [["x"], [], []]


def test_a_list_whose_order_by_seed_is_the_one_it_has_is_turned_round() -> None:
    for seed in "abcdefgh":
        rows = changed({"rows": [1, 2]}, Changing(shuffle=("rows",)), seed)["rows"]
        assert rows == [2, 1]


def test_lists_get_another_order_and_keep_their_rows() -> None:
    found = told(shuffle=["properties.groups", "properties.groups.*.ends"])
    names = [group["name"] for group in found["groups"]]
    assert sorted(names) == ["a", "b", "c"] != names
    groups = BODY["properties"]["groups"]
    shuffled = told(shuffle=["properties.groups"])["groups"]
    assert shuffled == [groups["abc".index(name)] for name in names]


def test_two_places_are_swapped() -> None:
    found = told(move={"properties.groups.2.ends": "properties.groups.1.ends"})
    assert [group["ends"] for group in found["groups"]] == [["x"], ["z"], []]
    assert (
        told(move={"properties.groups.7.ends": "properties.groups.1.ends"}) == BODY["properties"]
    )


@pytest.mark.parametrize(
    ("casing", "spelled"),
    [
        ("upper", "/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG"),
        ("lower", "/subscriptions/s/resourcegroups/rg"),
        ("swapped", "/sUBSCRIPTIONS/s/RESOURCEgROUPS/rG"),
    ],
)
def test_ids_are_spelled_anew_and_nothing_else(casing: str, spelled: str) -> None:
    found = told(casing=casing)
    assert found["id"] == spelled
    assert found["properties"]["groups"][0]["of"].lower() == "/subscriptions/s/a"
    assert found["properties"]["groups"][2]["of"] == "/Not/an/id"
    assert found["properties"]["health"] == "Normal"
