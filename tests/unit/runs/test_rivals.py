"""Of two runs of a plan started in the same instant one goes on, the other closes itself."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from muster.errors import RunClosed, Tampered
from muster.journal.chain import read_run
from muster.journal.events import EventKind
from muster.journal.register import register_run
from muster.journal.stores import DirectoryStore
from muster.journal.verify import verify_run
from muster.plan.actions import Operation
from muster.runs import rivals
from muster.runs.rivals import StillOpen
from muster.steps.preflight_reads.ours import history_of
from tests.unit.journal.runs import a_signer
from tests.unit.runs.opening import look_round, opened, refuse, settings_in, the_plan

PLAN = the_plan()
NAME = PLAN.plan.plan


def start(root: Path, run: str, both_have_looked: threading.Barrier) -> str:
    """A start in a process of its own, as far as a thread can be one."""

    async def starting() -> str:
        refuse(root, run, PLAN)
        both_have_looked.wait(10)
        journal = await opened(root, run, PLAN)
        try:
            await look_round(root, journal)
        except StillOpen:
            return "gave way"
        return "went on"

    return asyncio.run(starting())


@pytest.mark.parametrize("count", [2, 3])
def test_of_runs_started_at_once_exactly_one_goes_on(tmp_path: Path, count: int) -> None:
    barrier = threading.Barrier(count)
    runs = [f"r{number}" for number in range(1, count + 1)]
    with ThreadPoolExecutor(count) as pool:
        ends = list(pool.map(start, [tmp_path] * count, runs, [barrier] * count))
    assert sorted(ends) == ["gave way"] * (count - 1) + ["went on"]
    store = DirectoryStore(tmp_path)
    for run, end in zip(runs, ends, strict=True):
        events = read_run(store, run)
        assert (events[-1].kind is EventKind.CLOSED) is (end == "gave way")
        if end == "gave way":
            assert events[-1].data["outcome"] == "aborted"
            assert not [event for event in events if event.kind is EventKind.STARTED]
            assert verify_run((store, run)).ok
    with pytest.raises(StillOpen):
        refuse(tmp_path, "r9", PLAN)


async def test_the_lower_number_yields_to_one_that_has_gone_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It registered first and slept; the other one saw nobody, and works by now."""
    monkeypatch.setattr(rivals, "MOST_LOOKS", 2)
    store, clock = DirectoryStore(tmp_path), settings_in(tmp_path).clock
    register_run(store, run="r1", plan=NAME, operation="drill", at=clock.now())
    await look_round(tmp_path, await opened(tmp_path, "r2", PLAN))
    late = await opened(tmp_path, "r1", PLAN)
    assert late.state.opened["register"]["number"] == 1
    with pytest.raises(StillOpen, match="r2"):
        await look_round(tmp_path, late)
    assert late.is_closed


async def test_a_run_is_refused_though_the_newest_one_has_given_way(tmp_path: Path) -> None:
    await opened(tmp_path, "r1", PLAN)
    with pytest.raises(StillOpen, match="r1"):
        await look_round(tmp_path, await opened(tmp_path, "r2", PLAN))
    with pytest.raises(StillOpen, match="r1"):
        refuse(tmp_path, "r3", PLAN)


async def test_closed_runs_and_runs_that_never_began_hinder_nobody(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    first = await opened(tmp_path, "r1", PLAN)
    await first.close({"outcome": "failed"}, a_signer())
    register_run(
        store, run="r2", plan=NAME, operation="drill", at=settings_in(tmp_path).clock.now()
    )
    refuse(tmp_path, "r3", PLAN)
    third = await opened(tmp_path, "r3", PLAN)
    await look_round(tmp_path, third)
    assert not third.is_closed


def cut_last_line(root: Path, run: str) -> None:
    """The last segment of a run ends in the middle of its last line."""
    last = max((root / "runs" / run).glob("*.jsonl"))
    content = last.read_bytes()
    last.chmod(0o644)
    last.write_bytes(content[:-20])


async def test_a_closed_run_whose_last_segment_was_cut_is_damaged_and_hinders_nobody(
    tmp_path: Path,
) -> None:
    first = await opened(tmp_path, "r1", PLAN)
    await first.close({"outcome": "failed"}, a_signer())
    cut_last_line(tmp_path, "r1")
    refuse(tmp_path, "r3", PLAN)
    third = await opened(tmp_path, "r3", PLAN)
    await look_round(tmp_path, third)
    assert not third.is_closed
    with pytest.raises(RunClosed):
        refuse(tmp_path, "r1", PLAN)
    history = history_of(DirectoryStore(tmp_path), NAME, "r3", "simulator")
    assert (history.open_runs, list(history.broken_runs)) == ((), ["r1"])


@pytest.mark.parametrize("head", [None, b"{}", b"of another run"])
async def test_a_run_that_breaks_and_is_not_signed_is_told_so_and_not_called_interrupted(
    tmp_path: Path, head: bytes | None
) -> None:
    await opened(tmp_path, "r1", PLAN)
    cut_last_line(tmp_path, "r1")
    if head is not None:
        other = await opened(tmp_path / "other", "r2", PLAN)
        await other.close({"outcome": "failed"}, a_signer())
        signed = (tmp_path / "other" / "runs" / "r2" / "head.json").read_bytes()
        (tmp_path / "runs" / "r1" / "head.json").write_bytes(head if head == b"{}" else signed)
    with pytest.raises(Tampered) as caught:
        refuse(tmp_path, "r3", PLAN)
    assert "Put the file back" in str(caught.value.shown_hint)
    history = history_of(DirectoryStore(tmp_path), NAME, "r3", "simulator", Operation.REPLICATE)
    assert history.open_runs == ("r1",)
