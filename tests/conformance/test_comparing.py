"""The comparer sees every kind of difference, wherever in whichever entry it is planted."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.compare import Difference, differences
from tests.conformance.entries import Entry, Exchange, load
from tests.conformance.specimens import exchange

CATALOGUE = load()
WITH_BODY = [entry for entry in CATALOGUE if entry.body is not None]
Place = tuple[tuple[str | int, ...], Any]
Spoil = Callable[[Any], Any]


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_an_answer_of_the_recorded_shape_has_no_difference(entry: Entry) -> None:
    assert differences(entry, exchange(entry)) == []


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from leaves(each, (*path, at))
    else:
        yield path, value


def objects(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            yield from objects(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from objects(each, (*path, at))


TOLD = {entry.name: exchange(entry) for entry in CATALOGUE}
FREE = {"tags", "parameters"}
LEAVES = [
    (entry, (path, value))
    for entry in WITH_BODY
    for path, value in leaves(TOLD[entry.name].body)
    if path and not FREE & set(path)
]
"""Every value of every body but those whose keys people choose."""
OBJECTS = [
    (entry, path, each)
    for entry in WITH_BODY
    for path, each in objects(TOLD[entry.name].body)
    if not FREE & set(path)
]


def with_value(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    within = changed
    for step in path[:-1]:
        within = within[step]
    within[path[-1]] = value
    return changed


def spoilt(entry: Entry, path: tuple[str | int, ...], value: Any) -> list[Difference]:
    told = TOLD[entry.name]
    return differences(entry, replace(told, body=with_value(told.body, path, value)))


def where(path: tuple[str | int, ...]) -> str:
    return "body" + "".join("[]" if isinstance(step, int) else f".{step}" for step in path)


def a_leaf(data: st.DataObject, wanted: Callable[[Any], bool]) -> tuple[Entry, Place]:
    """Some place of some entry whose value is of the wanted sort."""
    return data.draw(st.sampled_from([one for one in LEAVES if wanted(one[1][1])]))


def seen(found: list[Difference], path: tuple[str | int, ...], *kinds: str) -> bool:
    return any(one.where == where(path) and one.kind in kinds for one in found)


@given(st.data())
def test_a_value_that_becomes_null_is_seen(data: st.DataObject) -> None:
    entry, (path, _) = a_leaf(data, lambda value: value is not None)
    assert seen(spoilt(entry, path, None), path, "null")


@given(st.data())
def test_a_null_that_becomes_a_value_is_seen(data: st.DataObject) -> None:
    entry, (path, _) = a_leaf(data, lambda value: value is None)
    value = data.draw(st.sampled_from(["text", 5, True, [], {}]))
    assert seen(spoilt(entry, path, value), path, "not null")


@given(st.data())
def test_another_type_is_seen(data: st.DataObject) -> None:
    entry, (path, old) = a_leaf(data, lambda value: value is not None)
    others = [
        value for value in ("text", 5, 1.5, True, {"a": 1}, [1]) if type(value) is not type(old)
    ]
    assert seen(spoilt(entry, path, data.draw(st.sampled_from(others))), path, "type")


@given(st.data())
def test_a_missing_key_is_seen(data: st.DataObject) -> None:
    entry, path, each = data.draw(st.sampled_from([one for one in OBJECTS if one[2]]))
    key = data.draw(st.sampled_from(sorted(each)))
    body = copy.deepcopy(TOLD[entry.name].body)
    within = body
    for step in path:
        within = within[step]
    del within[key]
    found = differences(entry, replace(TOLD[entry.name], body=body))
    assert seen(found, (*path, key), "missing")


@given(st.sampled_from(OBJECTS))
def test_an_invented_key_is_seen(place: tuple[Entry, tuple[str | int, ...], Any]) -> None:
    entry, path, _ = place
    invented = (*path, "neverSeen")
    assert seen(spoilt(entry, invented, "value"), invented, "invented")


OTHER_FORMS = {
    "2023-01-16T09:30:35.1234567Z": (
        "2023-01-16T09:30:35Z",
        "2023-01-16T09:30:35.1234567",
        "2023-01-16T09:30:35.1234567+00:00",
        "2023-01-16T09:30:35.0000000Z",
        "2023-01-16T09:30:35.120Z",
        "some text",
    ),
    "2023-01-16T09:30:35.1234560Z": (
        "2023-01-16T09:30:35.123456Z",
        "2023-01-16T09:30:35Z",
    ),
    "2023-01-16T09:30:35.12345Z": ("2023-01-16T09:30:35.1234500Z",),
    "2023-01-16T09:30:35.0000000Z": (
        "2023-01-16T09:30:35Z",
        "2023-01-16T09:30:35.1234567Z",
    ),
    "2023-01-16T09:30:35Z": ("2023-01-16T09:30:35.5Z", "2023-01-16T09:30:35.0000000Z"),
    "0001-01-01T00:00:00": ("0001-01-01T00:00:00Z", "1753-01-01T01:01:01Z"),
    "1753-01-01T01:01:01Z": ("0001-01-01T00:00:00", "1753-01-01T01:01:01.0000000Z"),
    "0d6c8d0a-7f3e-4c1b-9a55-3f0e2b1c4d5e": ("0d6c8d0a7f3e4c1b9a553f0e2b1c4d5e", "a-name"),
    "10.0.0.4": ("10.0.0", "dynamic"),
    "": ("something",),
    "some text": ("", "2023-01-16T09:30:35Z"),
}


@given(st.data())
def test_another_form_is_seen(data: st.DataObject) -> None:
    entry, (path, value) = a_leaf(data, lambda value: value in OTHER_FORMS)
    other = data.draw(st.sampled_from(OTHER_FORMS[value]))
    assert seen(spoilt(entry, path, other), path, "form", "word")


def is_id(value: Any) -> bool:
    return isinstance(value, str) and value.lower().startswith("/subscriptions/")


@given(st.data())
def test_another_casing_of_an_id_is_seen(data: st.DataObject) -> None:
    entry, (path, value) = a_leaf(data, is_id)
    turns: list[Spoil] = [
        lambda text: (
            text.replace("/Subscriptions/", "/subscriptions/")
            if "/Subscriptions/" in text
            else text.replace("/subscriptions/", "/Subscriptions/")
        ),
        str.lower,
        lambda text: text.replace("/providers/M", "/providers/m"),
        lambda text: text.replace("/resourcegroups/", "/resourceGroups/"),
    ]
    changed = data.draw(st.sampled_from(turns))(value)
    if changed == value:
        assert spoilt(entry, path, changed) == []
    else:
        assert seen(spoilt(entry, path, changed), path, "casing")


@given(st.data())
def test_an_id_of_another_kind_is_seen(data: st.DataObject) -> None:
    entry, (path, value) = a_leaf(data, is_id)
    others = (f"{value}/children/one", value.rpartition("/")[0], "a-name")
    assert seen(spoilt(entry, path, data.draw(st.sampled_from(others))), path, "form")


def is_word(entry: Entry, path: tuple[str | int, ...]) -> bool:
    shape = entry.body
    for step in path:
        if isinstance(shape, dict):
            shape = shape.get(str(step), shape.get(f"{step}?"))
        elif isinstance(shape, list) and isinstance(step, int):
            shape = shape[step]
    return isinstance(shape, str) and shape.startswith("'")


WORDS = [
    (entry, path, value)
    for entry, (path, value) in LEAVES
    if is_word(entry, path) and not value[0].isdigit()
]


@given(st.sampled_from(WORDS))
def test_another_word_and_another_spelling_are_seen(
    place: tuple[Entry, tuple[str | int, ...], str],
) -> None:
    entry, path, value = place
    at = path[:-1] if isinstance(path[-1], int) else path  # of a list of words: any of them
    assert spoilt(entry, path, value.swapcase()) != []
    other = spoilt(entry, path, "NeverSaid")
    assert any(one.where.startswith(where(at)) and one.kind == "word" for one in other)


def test_a_word_that_differs_in_capitals_alone_is_a_matter_of_casing() -> None:
    entry = next(each for each in CATALOGUE if each.name == "container_get_primary")
    found = spoilt(entry, ("properties", "pairingStatus"), "paired")
    assert [(one.kind, one.expected, one.found) for one in found] == [
        ("casing", "'Paired'", "'paired'")
    ]


@given(st.sampled_from(CATALOGUE), st.sampled_from([200, 201, 202, 204, 400, 404, 409]))
def test_another_status_is_seen(entry: Entry, status: int) -> None:
    found = differences(entry, replace(TOLD[entry.name], status=status))
    assert [one.kind for one in found] == ([] if status == entry.status else ["status"])


@given(st.data())
def test_a_missing_header_is_seen_and_an_invented_one(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from([each for each in CATALOGUE if each.headers]))
    told = TOLD[entry.name]
    name = data.draw(st.sampled_from(sorted(told.headers)))
    kept = {key: value for key, value in told.headers.items() if key != name}
    found = differences(entry, replace(told, headers=kept | {"X-Never-Seen": "1"}))
    assert [(one.where, one.kind) for one in found] == [
        (f"headers.{name}", "missing"),
        ("headers.X-Never-Seen", "invented"),
    ]


OTHER_HEADERS = {
    "Location": "/subscriptions/s",
    "Azure-AsyncOperation": "https://arm.example/operations/1",
    "Retry-After": "soon",
    "Date": "2023-01-16T09:30:35Z",
    "Content-Type": "text/plain",
    "Content-Length": "12x",
    "Cache-Control": "max-age=5",
    "x-ms-request-id": "a-name",
}


@given(st.data())
def test_another_form_of_a_header_is_seen(data: st.DataObject) -> None:
    entry = data.draw(
        st.sampled_from([e for e in CATALOGUE if set(e.headers) & set(OTHER_HEADERS)])
    )
    told = TOLD[entry.name]
    name = data.draw(st.sampled_from(sorted(set(told.headers) & set(OTHER_HEADERS))))
    changed = dict(told.headers) | {name: OTHER_HEADERS[name]}
    found = differences(entry, replace(told, headers=changed))
    assert [one.where for one in found] == [f"headers.{name}"]
    assert found[0].kind in ("form", "word")


SIGNATURE = "&t=1&c=2&s=3&h=4"


@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        (lambda url: url + SIGNATURE, "signature"),
        (lambda url: url.replace("/Subscriptions", "/subscriptions"), "casing"),
        (lambda url: url.replace("/Subscriptions", "/subscriptions") + SIGNATURE, "casing"),
        (lambda url: url.replace("/operationresults", "/results"), "form"),
        (lambda url: url.replace("/operationresults", "/results") + SIGNATURE, "form"),
        (lambda url: url.replace("https:", "http:"), "form"),
    ],
)
def test_an_address_may_differ_in_its_signature_alone(turn: Spoil, kind: str) -> None:
    entry = next(each for each in CATALOGUE if each.name == "fabric_create_put")
    told = TOLD[entry.name]
    changed = dict(told.headers) | {"Location": turn(told.headers["Location"])}
    found = differences(entry, replace(told, headers=changed))
    assert [(one.where, one.kind) for one in found] == [("headers.Location", kind)]


def test_header_names_compare_without_case_and_a_charset_says_nothing() -> None:
    entry = next(each for each in CATALOGUE if each.name == "fabric_get")
    told = TOLD[entry.name]
    lowered = {name.lower(): value for name, value in told.headers.items()}
    lowered["content-type"] = "application/json; charset=utf-8"
    assert differences(entry, replace(told, headers=lowered)) == []


def lists(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from lists(each, (*path, key))
    elif isinstance(value, list):
        yield path, value
        for at, each in enumerate(value):
            yield from lists(each, (*path, at))


LISTS = [(e, path, value) for e in WITH_BODY for path, value in lists(TOLD[e.name].body)]


@given(st.sampled_from(LISTS))
def test_an_empty_list_that_is_filled_and_a_filled_one_that_is_empty_are_seen(
    place: tuple[Entry, tuple[str | int, ...], Any],
) -> None:
    entry, path, value = place
    changed, kind = ([], "missing") if value else ([{"neverSeen": 1}], "invented")
    found = spoilt(entry, path, changed)
    assert {(one.where, one.kind) for one in found} == {(f"{where(path)}[]", kind)}


def test_elements_in_another_order_are_seen() -> None:
    entry = next(each for each in CATALOGUE if each.name == "jobs_list")
    told = TOLD[entry.name]
    body = told.body | {"value": told.body["value"][::-1]}
    found = differences(entry, replace(told, body=body))
    assert [(one.where, one.kind) for one in found] == [("body.value[]", "order")]


@given(st.data())
def test_another_request_is_seen(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from([e for e in CATALOGUE if e.request]))
    told = TOLD[entry.name]
    other: Exchange = data.draw(
        st.sampled_from(
            [
                replace(told, method="OPTIONS"),
                replace(told, path=f"{told.path}/children/one"),
                replace(told, request=None),
                replace(told, request=told.request | {"neverSeen": 1}),
            ]
        )
    )
    found = differences(entry, other)
    assert found
    assert all(one.where.startswith("request") for one in found)


def test_a_client_may_ask_with_a_capital_id() -> None:
    entry = next(each for each in CATALOGUE if each.name == "fabric_get")
    told = TOLD[entry.name]
    asked = told.path.replace("/subscriptions/", "/Subscriptions/")
    assert differences(entry, replace(told, path=asked)) == []


def test_a_body_that_should_be_empty_is_seen_and_one_that_is_missing() -> None:
    write = next(each for each in CATALOGUE if each.name == "fabric_create_put")
    read = next(each for each in CATALOGUE if each.name == "fabric_get")
    told = differences(write, replace(TOLD[write.name], body={"status": "Accepted"}))
    assert [(one.where, one.kind) for one in told] == [("body", "invented")]
    told = differences(read, replace(TOLD[read.name], body=None))
    assert [(one.where, one.kind) for one in told] == [("body", "missing")]
