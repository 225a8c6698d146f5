"""What a route claims to rest on, and what the catalogue holds for it."""

from __future__ import annotations

import re

import pytest

from docs.coverage import CLUSTERS, coverage, evidence
from muster.simulator.routes import TABLE
from tests.conformance.entries import SPECIFICATION

_NONE = re.compile(r"\b(nothing|none|never|not|no|nobody)\b", re.IGNORECASE)


def tells_of_a_recording(note: str) -> bool:
    """Whether a sentence, or a part of one, says what was recorded, and not that it was not."""
    parts = re.split(r"[.;:,] ", note)
    return any("recorded" in part and not _NONE.search(part) for part in parts)


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("Nothing of this is recorded.", False),
        ("No job of it was recorded; its words are ours.", False),
        ("Durations are recorded. Names: inferred.", True),
        ("Nothing is documented; the answer is recorded.", True),
        ("Inferred.", False),
    ],
)
def test_only_a_note_that_says_so_tells_of_a_recording(note: str, told: bool) -> None:
    assert tells_of_a_recording(note) == told


def test_an_operation_that_claims_a_recording_has_one_or_says_which_part_was_recorded() -> None:
    known = evidence()
    unfounded = [
        key
        for key, route in TABLE.items()
        if route.rests == "recorded"
        and all(entry.rests == SPECIFICATION for entry in known.get(key, ()))
        and not tells_of_a_recording(route.note)
    ]
    assert unfounded == []


def test_an_operation_that_was_recorded_says_so() -> None:
    silent = [
        key
        for key, entries in evidence().items()
        if key in TABLE
        and TABLE[key].rests in ("specified", "inferred")
        and any(entry.rests != SPECIFICATION for entry in entries)
        and not tells_of_a_recording(TABLE[key].note)
    ]
    assert silent == []


def test_every_answer_of_the_catalogue_belongs_to_an_operation() -> None:
    strays = {kind for kind, verb in evidence() if (kind, verb) not in TABLE}
    assert {kind for kind in strays if CLUSTERS not in kind} == set()


def test_every_operation_stands_in_the_table_with_what_it_rests_on() -> None:
    page = "\n".join(coverage())
    vault = "microsoft.recoveryservices/vaults/"
    for (kind, verb), route in TABLE.items():
        if kind.startswith(vault) and route.rests != "not modelled":
            short = kind.replace(
                f"{vault}replicationfabrics/replicationprotectioncontainers/", "…/"
            )
            assert f"| `{verb} {short.replace(vault, '…/')}` |" in page
