"""Messages reach the owner in order; garbage is named and skipped; nothing enters a closed run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from muster.errors import InputError, RunClosed, RunNotFound
from muster.journal.inbox import drop, pending, unreadable
from muster.journal.journal import read_run
from muster.journal.stores import DirectoryStore, MemoryStore, Store
from muster.journal.verify import verify_run
from tests.unit.journal.runs import closed_run, open_run

AT = datetime(2026, 1, 1, 3, tzinfo=UTC)


@pytest.fixture(params=["directory", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return DirectoryStore(tmp_path) if request.param == "directory" else MemoryStore()


def a_message(**changes: Any) -> dict[str, Any]:
    return {"kind": "cleanup", "by": "kim", "via": "cli", "at": AT, **changes}


async def test_messages_are_read_oldest_first_and_once(store: Store) -> None:
    await open_run(store)
    later = drop(store, "r1", a_message(at=AT + timedelta(minutes=1), kind="release"))
    answer = {"kind": "answer", "question": "q1", "answer": "yes"}
    first = drop(store, "r1", a_message(**answer))
    one, two = pending(store, "r1", set())
    assert (one.name, two.name) == (first, later)
    assert (one.kind, one.question, one.answer, one.by, one.via, one.at) == (
        "answer",
        "q1",
        "yes",
        "kim",
        "cli",
        AT,
    )
    assert pending(store, "r1", {first}) == [two]
    assert pending(store, "r1", {first, later}) == []


async def test_a_message_is_no_segment_and_breaks_no_evidence(store: Store) -> None:
    await open_run(store)
    name = drop(store, "r1", a_message())
    assert name.startswith("runs/r1/inbox/")
    assert len(read_run(store, "r1")) == 2
    assert verify_run((store, "r1")).ok


GARBAGE = [
    (b"", "JSONDecodeError"),
    (b"\xff\xfe{", "UnicodeDecodeError"),
    (b"[1]", "no JSON object"),
    (b'{"kind":"shutdown","by":"x","via":"y","at":"2026-01-01T00:00:00Z"}', "shutdown"),
    (b'{"kind":["answer"],"by":"x","via":"y","at":"2026-01-01T00:00:00Z"}', "none of"),
    (b'{"kind":"answer","by":"x","via":"y","at":"2026-01-01T00:00:00Z"}', "question, answer"),
    (b'{"kind":"cleanup","by":"x","via":"y","at":"today"}', "ValueError"),
    (b'{"kind":"cleanup","by":"x","via":"y","at":"2026-01-01T00:00:00"}', "no time zone"),
    (b'{"kind":"cleanup","by":7,"via":"y","at":"2026-01-01T00:00:00Z"}', "does not say by"),
    (b"[" * 20_000, "RecursionError"),
    (b'"' + b"x" * 70_000 + b'"', "70002 bytes"),
]


@pytest.mark.parametrize(("content", "why"), GARBAGE, ids=[why for _, why in GARBAGE])
async def test_garbage_is_named_and_skipped(store: Store, content: bytes, why: str) -> None:
    await open_run(store)
    store.create("runs/r1/inbox/garbage.json", content)
    good = drop(store, "r1", a_message())
    assert [message.name for message in pending(store, "r1", set())] == [good]
    (bad,) = unreadable(store, "r1", set())
    assert bad.name == "runs/r1/inbox/garbage.json"
    assert why in bad.why
    assert unreadable(store, "r1", {bad.name}) == []


async def test_what_is_no_message_is_not_dropped(store: Store) -> None:
    await open_run(store)
    for message in (a_message(kind="shutdown"), a_message(by=None), a_message(by="x" * 70_000)):
        with pytest.raises(InputError, match="no message"):
            drop(store, "r1", message)
    assert store.names("runs/r1/inbox/") == []


async def test_secrets_stay_out_of_the_inbox(store: Store) -> None:
    await open_run(store)
    answer = {"kind": "answer", "question": "q", "answer": "password=hunter-2"}
    name = drop(store, "r1", a_message(**answer))
    assert b"hunter-2" not in store.read(name)


async def test_nobody_reads_the_inbox_of_a_run_that_is_closed_or_not_there(store: Store) -> None:
    with pytest.raises(RunNotFound):
        drop(store, "r1", a_message())
    await closed_run(store)
    with pytest.raises(RunClosed):
        drop(store, "r1", a_message())
