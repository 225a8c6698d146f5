"""What counts as excused, and that no excuse outlives what it excuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.entries import FIRST_CONTACT, Entry, Exchange, load
from tests.conformance.judged import Deviation, Judge, deviations
from tests.conformance.specimens import exchange
from tests.conformance.telling import answer_to

CATALOGUE = load()
FABRIC = next(entry for entry in CATALOGUE if entry.name == "fabric_get")
WRITE = next(entry for entry in CATALOGUE if entry.name == "fabric_create_put")
SPEC = next(entry for entry in CATALOGUE if entry.name == "spec_protected_item_test_failover")
REASON = "For a reason that is long enough."


def told(entry: Entry, **headers: str) -> Exchange:
    conforming = exchange(entry)
    return replace(conforming, headers=dict(conforming.headers) | headers)


def sick() -> Exchange:
    """A fabric whose health has another word."""
    conforming = exchange(FABRIC)
    properties = conforming.body["properties"] | {"health": "Unwell"}
    return replace(conforming, body=conforming.body | {"properties": properties})


def kinds(judge: Judge, entry: Entry, answer: Exchange) -> list[tuple[str, str]]:
    return [(one.where, one.kind) for one in judge.left(entry, answer)]


def test_a_difference_without_an_excuse_stays() -> None:
    assert kinds(Judge(CATALOGUE, []), FABRIC, sick()) == [("body.properties.health", "word")]


@pytest.mark.parametrize(
    ("entries", "where", "more"),
    [
        (("fabric_get",), ("body.properties.health",), {}),
        (("fabric_*",), ("body.properties.*",), {}),
        (("*",), ("body.properties.health",), {"kinds": ("word",)}),
    ],
)
def test_an_excuse_covers_the_entries_and_places_that_it_names(
    entries: tuple[str, ...], where: tuple[str, ...], more: dict[str, Any]
) -> None:
    judge = Judge(CATALOGUE, [Deviation(entries, where, REASON, **more)])
    assert kinds(judge, FABRIC, sick()) == []
    assert judge.unused() == []


@pytest.mark.parametrize(
    ("entries", "where", "more"),
    [
        (("fabric_create_put",), ("body.properties.health",), {}),
        (("fabric_get",), ("body.properties.healthErrorDetails",), {}),
        (("fabric_get",), ("body.properties.health",), {"kinds": ("missing",)}),
    ],
)
def test_an_excuse_for_something_else_covers_nothing_and_is_unused(
    entries: tuple[str, ...], where: tuple[str, ...], more: dict[str, Any]
) -> None:
    judge = Judge(CATALOGUE, [Deviation(entries, where, REASON, **more)])
    assert kinds(judge, FABRIC, sick()) == [("body.properties.health", "word")]
    assert judge.unused() == [f"{each} ({REASON})" for each in (*entries, *where)]


def test_each_pattern_of_an_excuse_has_to_be_needed() -> None:
    places = ("body.properties.health", "body.properties.bcdrState")
    judge = Judge(CATALOGUE, [Deviation(("fabric_get",), places, REASON)])
    judge.left(FABRIC, sick())
    assert judge.unused() == [f"body.properties.bcdrState ({REASON})"]


def test_a_header_that_another_answer_of_that_status_has_was_cut_from_the_sample() -> None:
    judge = Judge(CATALOGUE, [])
    assert kinds(judge, WRITE, told(WRITE, **{"Retry-After": "30"})) == []
    assert kinds(judge, FABRIC, told(FABRIC, Location="somewhere")) == [
        ("headers.Location", "invented")
    ]


def test_a_key_that_an_example_leaves_out_is_no_invention_if_a_recording_has_it() -> None:
    judge = Judge(CATALOGUE, [])
    conforming = exchange(SPEC)
    properties = conforming.body["properties"]
    more = properties | {"policyId": None, "neverSeen": 1}
    answer = replace(conforming, body=conforming.body | {"properties": more})
    assert kinds(judge, SPEC, answer) == [("body.properties.neverSeen", "invented")]


def test_a_recording_leaves_nothing_out() -> None:
    conforming = exchange(FABRIC)
    answer = replace(conforming, body=conforming.body | {"location": "eastus"})
    assert kinds(Judge(CATALOGUE, []), FABRIC, answer) == [("body.location", "invented")]


def test_excuses_are_read_with_their_reasons_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "deviations.yaml"
    path.write_text("- {entries: [a], where: [b], kinds: [form], reason: 'Because\n  of that.'}\n")
    assert deviations(path) == [Deviation(("a",), ("b",), "Because of that.", ("form",))]


def test_an_excuse_without_kinds_is_none(tmp_path: Path) -> None:
    path = tmp_path / "deviations.yaml"
    path.write_text("- {entries: [a], where: [b], reason: Because.}\n")
    with pytest.raises(KeyError, match="kinds"):
        deviations(path)


class Told:
    """As much of a story as is looked at for a recording that dropped in."""

    def __init__(self, *log: Exchange) -> None:
        self.told = {FABRIC.name: log[0]}
        self.drive = self
        self.log = list(log)


def test_a_recording_that_dropped_in_is_held_against_the_nearest_answer() -> None:
    story: Any = Told(sick(), exchange(FABRIC), exchange(WRITE))
    assert answer_to(FABRIC, story) == sick()  # the story says where
    dropped = replace(FABRIC, name="fabric_at_first_contact", rests=FIRST_CONTACT)
    assert answer_to(dropped, story) == exchange(FABRIC)
    assert answer_to(replace(dropped, path="{v}/replicationPolicies/{}"), story) is None
