"""What a route claims to rest on, and what the catalogue holds for it."""

from __future__ import annotations

from docs.coverage import CLUSTERS, coverage, evidence
from muster.simulator.routes import TABLE
from tests.conformance.entries import SPECIFICATION


def test_an_operation_that_claims_a_recording_has_one_or_says_which_part_was_recorded() -> None:
    known = evidence()
    unfounded = [
        key
        for key, route in TABLE.items()
        if route.rests == "recorded"
        and all(entry.rests == SPECIFICATION for entry in known.get(key, ()))
        and "recorded" not in route.note
    ]
    assert unfounded == []


def test_an_operation_that_was_recorded_says_so() -> None:
    silent = [
        key
        for key, entries in evidence().items()
        if key in TABLE
        and TABLE[key].rests in ("specified", "inferred")
        and any(entry.rests != SPECIFICATION for entry in entries)
        and "recorded" not in TABLE[key].note
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
