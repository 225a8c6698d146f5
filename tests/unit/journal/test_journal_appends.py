"""Appending: durable, grouped, chained, fenced, closed once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from muster.clock import ScaledClock
from muster.errors import JournalError, RunClosed, RunNotFound, SegmentTaken, Tampered
from muster.journal.events import GENESIS, EventKind, instant_text
from muster.journal.journal import Journal, read_run, run_exists, seal_run
from muster.journal.state import RunState
from muster.journal.stores import DirectoryStore, MemoryStore, Store
from tests.fakes.clock import VirtualClock
from tests.unit.journal.runs import OPENED, a_signer, closed_run, note, open_run


@pytest.fixture(params=["directory", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return DirectoryStore(tmp_path) if request.param == "directory" else MemoryStore()


class GatedStore(MemoryStore):
    """A disk that waits to be told, so that a test decides what piles up behind it."""

    is_blocking = True

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def create(self, name: str, content: bytes) -> None:
        self.entered.set()
        assert self.gate.wait(20)
        super().create(name, content)


class FailingStore(MemoryStore):
    """A disk that fails when told to, before or after it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: Callable[[], None] | None = None
        self.answer_lost = False

    def create(self, name: str, content: bytes) -> None:
        if self.answer_lost:
            super().create(name, content)
            raise JournalError("timed out", code="JRN-005")
        if self.fails:
            self.fails()
        super().create(name, content)


async def test_a_run_begins_with_opened_and_its_owner_in_one_segment(store: Store) -> None:
    journal = await open_run(store)
    opened, owner = journal.events
    assert (opened.seq, opened.kind, opened.prev) == (1, EventKind.OPENED, GENESIS)
    assert opened.data["register"]["number"] == 1
    assert (opened.data["run"], opened.data["plan"]) == ("r1", "small")
    assert (owner.kind, owner.data["epoch"], owner.prev) == (EventKind.OWNER, 1, opened.digest())
    assert store.names("runs/r1/") == ["runs/r1/00000001.jsonl"]


async def test_an_event_is_stored_when_append_returns(store: Store) -> None:
    journal = await open_run(store)
    event = await note(journal, "now")
    assert read_run(store, "r1")[-1] == event
    assert journal.events[-1] == event
    assert journal.head == event.digest()


async def test_appends_made_together_share_a_segment_and_keep_their_order() -> None:
    store = GatedStore()
    journal = await open_run(store)
    store.gate.clear()
    store.entered.clear()
    first = asyncio.create_task(note(journal, "first"))
    await asyncio.to_thread(store.entered.wait, 20)
    rest = [asyncio.create_task(note(journal, str(n))) for n in range(20)]
    await asyncio.sleep(0)
    assert len(read_run(store, "r1")) == 2  # nothing returned, nothing stored
    store.gate.set()
    events = await asyncio.gather(first, *rest)
    assert [event.seq for event in events] == list(range(3, 24))
    assert [event.data["text"] for event in events] == ["first", *map(str, range(20))]
    assert store.names("runs/r1/") == [f"runs/r1/{first_seq:08d}.jsonl" for first_seq in (1, 3, 4)]


async def test_a_cancelled_caller_does_not_take_its_event_back() -> None:
    store = GatedStore()
    journal = await open_run(store)
    store.gate.clear()
    caller = asyncio.create_task(note(journal, "kept"))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    store.gate.set()
    assert (await note(journal, "after")).seq == 4
    assert [event.data["text"] for event in journal.events[2:]] == ["kept", "after"]
    assert journal.events == tuple(read_run(store, "r1"))


async def test_the_one_who_was_taken_over_is_fenced_for_good(store: Store) -> None:
    journal = await open_run(store)
    heir = await Journal.take_over(store, VirtualClock(), "r1", why="crashed")
    assert (heir.epoch, heir.state.owner["why"]) == (2, "crashed")
    for _ in range(2):
        with pytest.raises(SegmentTaken, match="another owner"):
            await note(journal)
    assert journal.is_fenced
    with pytest.raises(SegmentTaken):
        await journal.close({"outcome": "failed"}, None)
    await note(heir, "mine")
    assert [event.data.get("text") for event in read_run(store, "r1")][2:] == [None, "mine"]


async def test_ownership_can_be_looked_at_before_a_request_is_sent(store: Store) -> None:
    journal = await open_run(store)
    await journal.ensure_owned()
    assert not journal.is_fenced
    await Journal.take_over(store, VirtualClock(), "r1", why="taken")
    with pytest.raises(SegmentTaken):
        await journal.ensure_owned()
    with pytest.raises(SegmentTaken):
        await note(journal)


async def test_taking_over_copes_with_an_owner_who_still_writes(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    journal = await open_run(store)

    async def write_until_fenced() -> int:
        written = 0
        try:
            while True:
                await note(journal, str(written))
                written += 1
        except SegmentTaken:
            return written

    writing = asyncio.create_task(write_until_fenced())
    await asyncio.sleep(0)
    heir = await Journal.take_over(store, ScaledClock(), "r1", why="test")
    written = await writing
    events = read_run(store, "r1")
    assert [event.kind for event in events].count(EventKind.NOTED) == written
    assert events[-1].data["epoch"] == heir.epoch == 2


async def test_a_run_opens_once(store: Store) -> None:
    await open_run(store)
    with pytest.raises(SegmentTaken, match="exists already"):
        await open_run(store)
    assert store.names("plans/") == ["plans/small/000001.json"]


async def test_a_closed_run_takes_nothing_more(store: Store) -> None:
    journal = await closed_run(store)
    assert journal.is_closed
    for attempt in (note(journal), journal.close({"outcome": "passed"}, None)):
        with pytest.raises(RunClosed):
            await attempt
    with pytest.raises(RunClosed, match="passed"):
        await Journal.take_over(store, VirtualClock(), "r1", why="late")
    assert read_run(store, "r1")[-1].kind is EventKind.CLOSED


async def test_nothing_is_queued_behind_closed(store: Store) -> None:
    journal = await open_run(store)
    closing = asyncio.create_task(journal.close({"outcome": "passed"}, a_signer()))
    await asyncio.sleep(0)
    with pytest.raises(RunClosed):
        await note(journal)
    await closing
    assert read_run(store, "r1")[-1].kind is EventKind.CLOSED


async def test_closed_is_written_by_close_alone(store: Store) -> None:
    journal = await open_run(store)
    with pytest.raises(JournalError, match=r"Journal\.close"):
        await journal.append(EventKind.CLOSED, {"outcome": "passed"})
    assert not journal.is_closed


async def test_a_run_closed_without_a_signature_can_be_sealed_later(store: Store) -> None:
    journal = await open_run(store)
    with pytest.raises(JournalError, match="is open"):
        await seal_run(store, "r1", a_signer())
    await journal.close({"outcome": "failed"}, None)
    assert not store.exists("runs/r1/head.json")
    await seal_run(store, "r1", a_signer())
    first = store.read("runs/r1/head.json")
    await seal_run(store, "r1", a_signer())
    assert store.read("runs/r1/head.json") == first


async def test_a_disk_that_fails_loses_no_place_in_the_chain() -> None:
    store = FailingStore()
    journal = await open_run(store)

    def full() -> None:
        raise JournalError("no space left", code="JRN-005")

    store.fails = full
    with pytest.raises(JournalError, match="no space"):
        await note(journal, "lost")
    with pytest.raises(JournalError, match="no space"):
        await journal.close({"outcome": "failed"}, None)
    store.fails = None
    assert (await note(journal, "kept")).seq == 3
    assert [event.data.get("text") for event in read_run(store, "r1")][2:] == ["kept"]


async def test_a_write_whose_answer_was_lost_counts_as_written() -> None:
    store = FailingStore()
    journal = await open_run(store)
    store.answer_lost = True
    assert (await note(journal, "once")).seq == 3
    store.answer_lost = False
    assert (await note(journal, "twice")).seq == 4
    assert [event.seq for event in read_run(store, "r1")] == [1, 2, 3, 4]


async def test_subscribers_hear_every_event_in_order_before_append_returns(store: Store) -> None:
    journal = await open_run(store)
    heard: list[int] = []

    def broken(_: object) -> None:
        raise RuntimeError("a display broke")

    journal.subscribe(broken)
    end = journal.subscribe(lambda event: heard.append(event.seq))
    event = await note(journal)
    assert heard == [event.seq]
    await asyncio.gather(*(note(journal, str(n)) for n in range(10)))
    assert heard == list(range(3, 14))
    end()
    await note(journal)
    assert len(heard) == 11


async def test_the_state_is_kept_up_to_date(store: Store) -> None:
    journal = await open_run(store)
    await journal.append(EventKind.STARTED, {})
    assert journal.state.is_started
    assert journal.state == RunState.of(read_run(store, "r1"))


class Colour(StrEnum):
    RED = "red"


async def test_values_are_made_json_and_come_back_the_same(store: Store) -> None:
    journal = await open_run(store)
    at = datetime(2026, 1, 1, 5, tzinfo=UTC)
    event = await note(
        journal, at=at, span=timedelta(minutes=2), colour=Colour.RED, ids={"b", "a"}, big=2**60
    )
    assert event.data["at"] == instant_text(at) == "2026-01-01T05:00:00.000000Z"
    assert event.data["span"] == 120
    assert (event.data["colour"], event.data["ids"]) == ("red", ["a", "b"])
    assert event.data["big"] == str(2**60)
    assert read_run(store, "r1")[-1].data == event.data


async def test_a_number_that_is_none_is_refused_and_nothing_written(store: Store) -> None:
    journal = await open_run(store)
    with pytest.raises(JournalError, match=r"data\.skew is nan") as caught:
        await note(journal, skew=float("nan"))
    assert caught.value.shown_code == "JRN-006"
    assert (await note(journal)).seq == 3


async def test_bad_opening_data_costs_no_number_of_the_register(store: Store) -> None:
    with pytest.raises(JournalError):
        await Journal.open_run(
            store,
            VirtualClock(),
            run="r1",
            plan="small",
            operation="drill",
            opened={**OPENED, "bad": object()},
        )
    assert store.names() == []


async def test_a_run_that_is_not_there_is_named(store: Store) -> None:
    assert not run_exists(store, "r9")
    with pytest.raises(RunNotFound, match="r9"):
        read_run(store, "r9")
    with pytest.raises(RunNotFound, match="r9"):
        await Journal.take_over(store, VirtualClock(), "r9", why="x")


async def test_a_broken_run_is_not_taken_over_and_the_place_is_named() -> None:
    store = MemoryStore()
    journal = await open_run(store)
    await note(journal, "true")
    await note(journal, "after")
    name = "runs/r1/00000003.jsonl"
    store.contents[name] = store.contents[name].replace(b"true", b"fake")
    with pytest.raises(Tampered, match=r"r1/00000003\.jsonl:1 seq 3"):
        await Journal.take_over(store, VirtualClock(), "r1", why="x")
    assert store.names("runs/r1/")[-1] == "runs/r1/00000004.jsonl"
