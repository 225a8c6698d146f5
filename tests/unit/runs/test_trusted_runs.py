"""Runs count as far as register and signed heads vouch for them; a doubt stands for the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import rfc8785

from muster.journal.journal import Journal
from muster.journal.register import entry_name, entry_of, register_run
from muster.journal.stores import MemoryStore
from muster.replication.claims_made import Doubt
from muster.runs.trusted_runs import TrustedRuns
from tests.fakes.clock import VirtualClock
from tests.unit.journal.runs import a_signer

ERP = "erp"


async def a_run(store: MemoryStore, n: int, operation: str = "replicate") -> None:
    journal = await Journal.open_run(
        store, VirtualClock(), run=f"{ERP}-{n}", plan=ERP, operation=operation, opened={}
    )
    await journal.close({"outcome": "passed"}, a_signer())


def told(store: MemoryStore) -> list[str]:
    """Runs that count, and why others do not, in the order of the register."""
    return [
        one.why if isinstance(one, Doubt) else one.entry.run
        for one in TrustedRuns(store).of_plan(ERP)
    ]


def lose(name: str) -> Callable[[MemoryStore], None]:
    def losing(store: MemoryStore) -> None:
        for one in store.names(name):
            del store.contents[one]

    return losing


def rewrite(n: int, **values: object) -> Callable[[MemoryStore], None]:
    def writing(store: MemoryStore) -> None:
        name = entry_name(ERP, n)
        data = json.loads(store.contents[name])
        store.contents[name] = rfc8785.dumps({**data, **values})

    return writing


def cut(n: int) -> Callable[[MemoryStore], None]:
    def cutting(store: MemoryStore) -> None:
        store.contents[entry_name(ERP, n)] = b"{"

    return cutting


async def test_runs_of_replicate_and_disable_count_and_no_others():
    store = MemoryStore()
    for n, operation in enumerate(("replicate", "drill", "disable", "drill"), start=1):
        await a_run(store, n, operation)
    assert told(store) == ["erp-1", "erp-3"]
    assert list(TrustedRuns(store).unregistered()) == []


@pytest.mark.parametrize(
    ("spoil", "counts", "why"),
    [
        (lose("plans/erp/000001"), ["erp-2", "erp-3"], "number 1 of the register is missing"),
        (lose("plans/erp/000002"), ["erp-1", "erp-3"], "number 2 of the register is missing"),
        (cut(2), ["erp-1", "erp-3"], "is no entry of the register"),
        (rewrite(2, operation="drill"), ["erp-1", "erp-3"], "one of the two was changed"),
        (rewrite(3, operation="drill"), ["erp-1", "erp-2"], "not the one that it was opened with"),
        (rewrite(3, operation="release"), ["erp-1", "erp-2"], "`release`, which is no operation"),
        (lose("runs/erp-2/"), ["erp-1", "erp-3"], "No journal of a run"),
        (lose("runs/erp-2/head"), ["erp-1", "erp-3"], "signed head is missing"),
    ],
)
async def test_what_was_changed_or_lost_is_a_doubt_at_its_place(spoil, counts, why):
    store = MemoryStore()
    for n in (1, 2, 3):
        await a_run(store, n)
    assert told(store) == ["erp-1", "erp-2", "erp-3"]
    spoil(store)
    found = told(store)
    assert [one for one in found if one.startswith("erp-") and " " not in one] == counts
    assert any(why in one for one in found)


async def test_a_run_that_ended_and_was_not_signed_is_told_with_what_signs_it():
    store = MemoryStore()
    await a_run(store, 1)
    lose("runs/erp-1/head")(store)
    (doubt,) = TrustedRuns(store).of_plan(ERP)
    assert isinstance(doubt, Doubt)
    assert doubt.remedy.startswith("If its process died at its end, `muster cleanup erp-1` signs")


async def test_a_run_that_is_opened_meanwhile_is_in_no_doubt():
    store = MemoryStore()
    await a_run(store, 1)
    runs = TrustedRuns(store)
    assert len(list(runs.of_plan(ERP))) == 1
    await a_run(store, 2)
    assert list(runs.unregistered()) == []


async def test_a_journal_that_ends_otherwise_than_the_next_run_saw_is_a_doubt():
    store, other = MemoryStore(), MemoryStore()
    await a_run(store, 1)
    await a_run(store, 2)
    journal = await Journal.open_run(
        other, VirtualClock(), run="erp-1", plan=ERP, operation="replicate", opened={"more": 1}
    )
    await journal.close({"outcome": "failed"}, a_signer())
    lose("runs/erp-1/")(store)
    copied = {name: content for name, content in other.contents.items() if "runs/" in name}
    store.contents |= copied
    (doubt, second) = told(store)
    assert (doubt, second) == ("it does not end as run erp-2 saw it end", "erp-2")


async def test_a_run_that_never_began_is_none_once_the_next_one_saw_that():
    store = MemoryStore()
    at = VirtualClock().now()
    register_run(store, run="erp-1", plan=ERP, operation="replicate", at=at)
    assert ["No journal of a run" in one for one in told(store)] == [True]
    await a_run(store, 2)
    assert told(store) == ["erp-2"]


async def test_a_replication_that_stands_in_no_register_is_a_doubt_and_a_drill_is_none():
    store = MemoryStore()
    await a_run(store, 1)
    await a_run(store, 2, "drill")
    for n in (1, 2):
        entry = entry_of(entry_name(ERP, n), store.contents.pop(entry_name(ERP, n)))
        assert replace(entry, n=n) == entry
    (doubt,) = TrustedRuns(store).unregistered()
    assert (doubt.plan, doubt.what) == (ERP, "run erp-1")
