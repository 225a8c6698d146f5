"""Runs that are missing from a plan's register, and chains that tell what cannot be."""

from __future__ import annotations

import json

import pytest
import rfc8785

from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.manifest import write_manifest
from muster.journal.stores import MemoryStore
from muster.journal.verify import verify_run
from tests.fakes.clock import VirtualClock
from tests.unit.journal.evidence_runs import RUN, SIGNER, codes, forged, store
from tests.unit.journal.runs import closed_run, note, open_run

__all__ = ["store"]  # the fixture


async def three_runs() -> MemoryStore:
    store = MemoryStore()
    for run in ("r1", "r2", "r3"):
        await closed_run(store, SIGNER, run=run)
    return store


async def test_a_missing_run_of_the_plan_shows() -> None:
    store = await three_runs()
    assert verify_run((store, "r1")).complete_up_to == 3
    for name in [name for name in store.contents if name.startswith("runs/r2/")]:
        del store.contents[name]
    result = verify_run((store, "r3"))
    assert codes(result) == ["VER-043"]
    assert result.complete_up_to == 1


async def test_a_missing_entry_of_the_register_shows() -> None:
    store = await three_runs()
    del store.contents["plans/small/000002.json"]
    assert codes(verify_run((store, "r1"))) == ["VER-041"]
    assert sorted(codes(verify_run((store, "r2")))) == ["VER-041", "VER-044"]


async def test_a_run_told_anew_does_not_end_as_the_next_one_saw_it() -> None:
    store = await three_runs()
    ones = {name: text for name, text in store.contents.items() if name.startswith(RUN)}
    store.contents |= forged(ones, SIGNER)
    assert codes(verify_run((store, "r3"))) == ["VER-046"]
    assert verify_run((store, "r3")).complete_up_to == 0


async def test_a_register_told_anew_does_not_fit_what_its_runs_were_opened_with() -> None:
    store = await three_runs()
    entry = json.loads(store.contents["plans/small/000003.json"])
    store.contents["plans/small/000003.json"] = rfc8785.dumps(entry | {"run": "r4"})
    assert "VER-044" in codes(verify_run((store, "r3")))
    store.contents["plans/small/000003.json"] = rfc8785.dumps(entry | {"operation": "failover"})
    assert codes(verify_run((store, "r3"))) == ["VER-045"]


async def test_the_head_of_the_newest_run_is_the_anchor_of_all() -> None:
    store = await three_runs()
    newest = verify_run((store, "r3")).head
    assert "VER-051" in codes(verify_run((store, "r1")), "note")
    anchored = verify_run((store, "r1"), expect_head=newest)
    assert (anchored.ok, anchored.complete_up_to) == (True, 3)
    assert "VER-051" not in codes(anchored, "note")
    for name in [name for name in store.contents if "r3/" in name or "/000003." in name]:
        del store.contents[name]
    assert codes(verify_run((store, "r1"), expect_head=newest)) == ["VER-050"]


async def test_a_run_that_was_registered_and_never_began_is_told_from_a_missing_one() -> None:
    store = MemoryStore()
    await closed_run(store, SIGNER, run="r1")
    await closed_run(store, SIGNER, run="dead")
    for name in [name for name in store.contents if name.startswith("runs/dead/")]:
        del store.contents[name]  # as if the process had died right behind the register
    await closed_run(store, SIGNER, run="r3")
    result = verify_run((store, "r3"))
    assert (result.ok, result.complete_up_to) == (True, 3)
    assert "VER-048" in codes(result, "note")


async def test_a_call_that_was_intended_and_never_accepted_is_named() -> None:
    store = MemoryStore()
    journal = await open_run(store)
    for vm in ("db1", "db2", "db3"):
        act = {"act": "test-failover", "subject": vm}
        await journal.append(EventKind.INTENDED, act, step=f"test-failover:{vm}")
    accepted = {"act": "test-failover", "subject": "db2", "job_id": "j"}
    await journal.append(EventKind.ACCEPTED, accepted, step="test-failover:db2")
    failed = {"status": "failed", "error": {"code": "AZ-409"}}
    await journal.append(EventKind.FINISHED, failed, step="test-failover:db3")
    result = verify_run((store, "r1"))
    (finding,) = [finding for finding in result.findings if finding.code == "VER-060"]
    assert finding.place == "00000003.jsonl:1 seq 3"
    assert "test-failover of db1" in finding.sentence


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"process": "somebody"}, "VER-011"),
        ({"mono": -1.0}, "VER-012"),
        ({"kind": EventKind.OPENED}, "VER-008"),
        ({"kind": EventKind.OWNER, "data": {"epoch": 7}}, "VER-010"),
    ],
)
async def test_a_chain_that_holds_and_tells_what_cannot_be_is_refused(
    change: dict[str, object], code: str
) -> None:
    store = MemoryStore()
    journal = await open_run(store)
    await note(journal)
    value = json.loads(journal.events[-1].line()) | change
    store.contents["runs/r1/00000003.jsonl"] = rfc8785.dumps(value) + b"\n"
    assert codes(verify_run((store, "r1"))) == [code]


async def test_a_clock_that_was_set_back_is_a_warning_only() -> None:
    store = MemoryStore()
    clock = VirtualClock()
    journal = await open_run(store, clock=clock)
    clock.start = clock.start.replace(hour=1)
    await note(journal)
    result = verify_run((store, "r1"))
    assert result.ok
    assert "VER-013" in codes(result, "warning")


async def test_an_heir_on_another_machine_continues_the_chain() -> None:
    store = MemoryStore()
    await open_run(store)
    heir = await Journal.take_over(store, VirtualClock(), "r1", why="crash")
    await heir.close({"outcome": "failed"}, SIGNER)
    write_manifest(store, "r1", SIGNER)
    result = verify_run((store, "r1"))
    assert result.ok, result.findings
    assert result.outcome == "failed"
