"""Messages to the owner of a run: answers, and requests to clean up, freeze or release.

Only the owner writes segments; everybody else drops a message here, and the owner journals what
came of it. A message is no evidence by itself.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
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


def pending(store: Store, run: str, seen: Collection[str]) -> list[Message]:
    """Messages whose names are not in `seen`, oldest first; what is none is skipped."""
    found = (item for item in _unseen(store, run, seen) if isinstance(item, Message))
    return sorted(found, key=lambda message: (message.at, message.name))


def unreadable(store: Store, run: str, seen: Collection[str]) -> list[Unreadable]:
    """What `pending` skips, by name: to be journalled once, as a note."""
    return [item for item in _unseen(store, run, seen) if isinstance(item, Unreadable)]


def _unseen(store: Store, run: str, seen: Collection[str]) -> Iterator[Message | Unreadable]:
    for name in store.names(f"{run_prefix(run)}inbox/"):
        if name in seen:
            continue
        try:
            yield _message(name, store.read(name))
        except (ValueError, TypeError, KeyError, RecursionError, JournalError) as err:
            yield Unreadable(name, f"{type(err).__name__}: {err}")


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
    at = instant_of(value["at"])
    if at.tzinfo is None:
        raise ValueError("its instant has no time zone")
    return Message(
        name=name,
        kind=value["kind"],
        by=value["by"],
        via=value["via"],
        at=at,
        question=value.get("question"),
        answer=value.get("answer"),
    )
