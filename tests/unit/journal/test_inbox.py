"""Messages reach the owner in order; garbage is named and skipped; nothing enters a closed run."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from muster.errors import InputError, RunClosed, RunNotFound
from muster.journal.inbox import AT_A_LOOK, Inbox, Message, drop
from muster.journal.journal import read_run
from muster.journal.stores import DirectoryStore, MemoryStore, Store
from muster.journal.verify import verify_run
from tests.unit.journal.runs import closed_run, open_run

AT = datetime(2026, 1, 1, 3, tzinfo=UTC)


@pytest.fixture(params=["directory", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return DirectoryStore(tmp_path) if request.param == "directory" else MemoryStore()


async def seen_in(store: Store, run: str = "r1") -> Inbox:
    inbox = Inbox(store, run)
    await inbox.look()
    return inbox


async def pending(store: Store, seen: Collection[str] = ()) -> list[Message]:
    return (await seen_in(store)).messages(seen)


def a_message(**changes: Any) -> dict[str, Any]:
    return {"kind": "cleanup", "by": "kim", "via": "cli", "at": AT, **changes}


async def test_messages_are_read_oldest_first_and_once(store: Store) -> None:
    await open_run(store)
    later = drop(store, "r1", a_message(at=AT + timedelta(minutes=1), kind="release"))
    answer = {"kind": "answer", "question": "q1", "answer": "yes"}
    first = drop(store, "r1", a_message(**answer))
    one, two = await pending(store)
    assert (one.name, two.name) == (first, later)
    assert (one.kind, one.question, one.answer, one.by, one.via, one.at) == (
        "answer",
        "q1",
        "yes",
        "kim",
        "cli",
        AT,
    )
    assert await pending(store, {first}) == [two]
    assert await pending(store, {first, later}) == []


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
    (
        b'{"kind":"cleanup","by":"' + b"x" * 2_000 + b'","via":"y","at":"2026-01-01T00:00:00Z"}',
        "more than 1000 characters",
    ),
]


@pytest.mark.parametrize(("content", "why"), GARBAGE, ids=[why for _, why in GARBAGE])
async def test_garbage_is_named_and_skipped(store: Store, content: bytes, why: str) -> None:
    await open_run(store)
    store.create("runs/r1/inbox/garbage.json", content)
    good = drop(store, "r1", a_message())
    inbox = await seen_in(store)
    assert [message.name for message in inbox.messages(())] == [good]
    (bad,) = inbox.unreadable(())
    assert bad.name == "runs/r1/inbox/garbage.json"
    assert why in bad.why
    assert inbox.unreadable({bad.name}) == []


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


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 << 30)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as plug:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket may not be long
        try:
            plug.bind(path.name)
        finally:
            os.chdir(here)


NO_FILES: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "3 GB of nothing": _sparse,
    "a link to a file": lambda path: path.symlink_to("/etc/hostname"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nothing": lambda path: path.symlink_to("/nowhere"),
    "a socket": _socket,
}


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
async def test_what_is_no_small_plain_file_is_named_and_not_read(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    store = DirectoryStore(tmp_path)
    await open_run(store)
    good = drop(store, "r1", a_message())
    make(tmp_path / "runs/r1/inbox/trap.json")
    inbox = await seen_in(store)
    assert [message.name for message in inbox.messages(())] == [good]
    (bad,) = inbox.unreadable(())
    assert bad.name.endswith("trap.json")
    assert "was not read" in bad.why


async def test_a_flood_is_read_in_turns_and_every_file_once(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    await open_run(store)
    inbox = Inbox(store, "r1")
    box = tmp_path / "runs/r1/inbox"
    box.mkdir(parents=True)
    for number in range(AT_A_LOOK + 1):
        (box / f"m{number:04d}.json").write_bytes(b"x")
    await inbox.look()
    assert len(inbox.unreadable(())) == AT_A_LOOK
    for path in box.iterdir():
        path.unlink()  # what was read is not read again
    drop(store, "r1", a_message())
    await inbox.look()
    assert len(inbox.unreadable(())) == AT_A_LOOK
    assert len(inbox.messages(())) == 1
