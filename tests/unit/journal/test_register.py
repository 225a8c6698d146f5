"""Opening a run means winning the next number of its plan."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.clock import ScaledClock
from muster.errors import JournalError, Tampered
from muster.journal.events import GENESIS
from muster.journal.journal import Journal
from muster.journal.register import entries_of, entry_of_run, plans_of, register_run, runs_of
from muster.journal.stores import DirectoryStore, MemoryStore
from muster.journal.verify import verify_run
from tests.unit.journal.runs import OPENED, closed_run, open_run

AT = datetime(2026, 1, 1, 3, tzinfo=UTC)


async def test_entries_are_chained_and_name_the_run_before_with_its_head() -> None:
    store = MemoryStore()
    first = await closed_run(store, run="r1")
    await open_run(store, "r2")
    await open_run(store, "r3")
    one, two, three = entries_of(store, "small")
    assert (one.n, one.run, one.prev_entry_digest, one.previous_run) == (1, "r1", GENESIS, None)
    assert (two.n, two.prev_entry_digest, two.previous_run) == (2, one.digest(), "r1")
    assert (two.previous_head, two.previous_state) == (first.head, "closed")
    assert (three.previous_head, three.previous_state) == (None, "open")
    assert one.operation == "drill"


async def test_plans_have_registers_of_their_own() -> None:
    store = MemoryStore()
    for run, plan in (("r1", "small"), ("r2", "large"), ("r3", "small")):
        await open_run(store, run, plan)
    assert plans_of(store) == ["large", "small"]
    assert [(entry.plan, entry.n, entry.run) for entry in runs_of(store)] == [
        ("large", 1, "r2"),
        ("small", 1, "r1"),
        ("small", 2, "r3"),
    ]
    assert [entry.run for entry in runs_of(store, "small")] == ["r1", "r3"]
    found = entry_of_run(store, "r3")
    assert found is not None
    assert (found.plan, found.n) == ("small", 2)
    assert entry_of_run(store, "r9") is None


async def test_runs_that_open_at_the_same_time_get_numbers_of_their_own(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    await asyncio.gather(
        *(
            Journal.open_run(
                store, ScaledClock(), run=f"r{n}", plan="small", operation="drill", opened=OPENED
            )
            for n in range(12)
        )
    )
    entries = entries_of(store, "small")
    assert [entry.n for entry in entries] == list(range(1, 13))
    assert {entry.run for entry in entries} == {f"r{n}" for n in range(12)}
    result = verify_run((store, "r5"))
    assert result.complete_up_to == 12, result.findings


async def test_a_run_that_died_behind_the_register_keeps_its_number() -> None:
    store = MemoryStore()
    entry = register_run(store, run="r1", plan="small", operation="drill", at=AT)
    journal = await open_run(store, "r1")
    assert journal.events[0].data["register"]["number"] == entry.n == 1
    assert len(entries_of(store, "small")) == 1
    assert verify_run((store, "r1")).ok


def test_a_run_belongs_to_one_plan() -> None:
    store = MemoryStore()
    register_run(store, run="r1", plan="small", operation="drill", at=AT)
    with pytest.raises(JournalError, match="belongs to plan small"):
        register_run(store, run="r1", plan="large", operation="drill", at=AT)


@pytest.mark.parametrize(
    ("run", "plan"), [("../r", "small"), ("a/b", "small"), ("r", ".."), ("", "p")]
)
def test_a_name_that_could_lead_elsewhere_registers_nothing(run: str, plan: str) -> None:
    store = MemoryStore()
    with pytest.raises(JournalError, match="cannot name a"):
        register_run(store, run=run, plan=plan, operation="drill", at=AT)
    assert store.names() == []


async def test_an_entry_that_was_changed_does_not_read() -> None:
    store = MemoryStore()
    await open_run(store)
    name = "plans/small/000001.json"
    for changed in (b"", b"[]", b"{}", store.contents[name] + b" ", b'{"n":1}'):
        store.contents[name] = changed
        with pytest.raises(Tampered, match=name):
            entries_of(store, "small")
