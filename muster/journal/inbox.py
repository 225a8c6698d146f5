"""Messages to the owner of a run: answers, and requests to clean up, freeze or release.

Only the owner writes segments; everybody else drops a message here, and the owner journals what
came of it. A message is no evidence by itself.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal, get_args

import rfc8785

from muster.errors import InputError, JournalError, RunClosed, RunNotFound
from muster.journal.events import instant_of
from muster.journal.plain import plain
from muster.journal.scrub import scrub
from muster.journal.segments import run_prefix, segment_names
from muster.journal.signing import HEAD
from muster.journal.stores import Store

MessageKind = Literal["answer", "cleanup", "freeze", "release"]
KINDS: tuple[str, ...] = get_args(MessageKind)

LARGEST = 64 * 1024  # bytes; a message is a few words
LONGEST_TEXT = 1000  # characters of any one of its texts
AT_A_LOOK = 200  # files; whoever drops thousands is read in turns


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody asks of the owner of a run."""

    name: str  # in the store: what `seen` holds
    kind: MessageKind
    by: str
    via: str
    at: datetime
    question: str | None = None  # of an answer
    answer: str | None = None  # of an answer


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file in the inbox that is no message: named, and left alone."""

    name: str
    why: str


def drop(store: Store, run: str, message: Mapping[str, Any]) -> str:
    """Leave a message for the owner of a run.

    Args:
        store: The journal.
        run: The run it is for.
        message: kind, by, via, at (instant), and of an answer question and answer.

    Returns:
        Its name in the store.

    Raises:
        RunNotFound: No such run.
        RunClosed: Nobody will read it any more.
        InputError: It is no message, or too large.
    """
    if not segment_names(store, run):
        raise RunNotFound(f"This journal holds no run {run}")
    if store.exists(run_prefix(run) + HEAD):
        raise RunClosed(f"Run {run} is closed: nobody reads its inbox any more")
    name = f"{run_prefix(run)}inbox/{uuid.uuid4()}.json"
    content = rfc8785.dumps(scrub(plain(message)))
    try:
        _message(name, content)
    except (ValueError, TypeError, KeyError) as err:
        raise InputError(f"This is no message for a run: {err}") from err
    store.create(name, content)
    return name


class Inbox:
    """What was dropped for one run: every file is read once, a few at a look, off the loop.

    Anybody who may write to the journal may put anything there, so nothing of it may stop the
    run, fill its memory, or take its time at every look.
    """

    def __init__(self, store: Store, run: str) -> None:
        self.dismissed: set[str] = set()  # names that were looked at and led to nothing
        self._store = store
        self._prefix = f"{run_prefix(run)}inbox/"
        self._read: dict[str, Message | Unreadable] = {}
        self._lock = asyncio.Lock()

    async def look(self) -> None:
        """Read what is new, at most `AT_A_LOOK` files; the rest comes at the next look.

        Raises:
            JournalError: The folder cannot be listed.
        """
        async with self._lock:
            if self._store.is_blocking:
                await asyncio.to_thread(self._look)
            else:
                self._look()

    def messages(self, seen: Collection[str]) -> list[Message]:
        """Messages read so far whose names are not in `seen`, oldest first."""
        found = (item for item in self._read.values() if isinstance(item, Message))
        unseen = (message for message in found if message.name not in seen)
        return sorted(unseen, key=lambda message: (message.at, message.name))

    def unreadable(self, seen: Collection[str]) -> list[Unreadable]:
        """What is no message, by name: to be journalled once, as a note."""
        found = (item for item in self._read.values() if isinstance(item, Unreadable))
        return [item for item in found if item.name not in seen]

    def _look(self) -> None:
        new = (name for name in self._store.names(self._prefix) if name not in self._read)
        for name in islice(new, AT_A_LOOK):
            self._read[name] = self._one(name)

    def _one(self, name: str) -> Message | Unreadable:
        try:
            return _message(name, self._store.read_small(name, LARGEST))
        except JournalError as err:
            return Unreadable(name, err.message)
        except (ValueError, TypeError, KeyError, RecursionError) as err:
            return Unreadable(name, f"{type(err).__name__}: {err}"[:LONGEST_TEXT])


def _message(name: str, content: bytes) -> Message:
    if len(content) > LARGEST:
        raise ValueError(f"it has {len(content)} bytes, more than {LARGEST}")
    value = json.loads(content)
    if not isinstance(value, dict):
        raise TypeError("it is no JSON object")
    if value["kind"] not in KINDS:
        raise ValueError(f"its kind {value['kind']!r} is none of {', '.join(KINDS)}")
    wanted = ("by", "via", "at", *(("question", "answer") if value["kind"] == "answer" else ()))
    if missing := [key for key in wanted if not isinstance(value.get(key), str)]:
        raise ValueError(f"it does not say {', '.join(missing)}")
    if long := [key for key in wanted if len(value[key]) > LONGEST_TEXT]:
        raise ValueError(f"its {', '.join(long)} has more than {LONGEST_TEXT} characters")
    at = instant_of(value["at"])
    if at.tzinfo is None:
        raise ValueError("its instant has no time zone")
    return Message(
        name=name,
        kind=value["kind"],
        by=value["by"],
        via=value["via"],
        at=at,
        question=value["question"] if value["kind"] == "answer" else None,
        answer=value["answer"] if value["kind"] == "answer" else None,
    )
