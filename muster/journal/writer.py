"""Commits events in groups: everything that waits when the disk is free becomes one segment."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from muster.errors import JournalError, SegmentTaken
from muster.journal.events import GENESIS, Event, EventKind
from muster.journal.segments import segment_content, segment_name
from muster.journal.stores import Store

logger = logging.getLogger(__name__)

Deliver = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has its place in the chain."""

    kind: EventKind
    at: datetime
    wall: datetime
    mono: float
    process: str
    step: str | None
    data: Mapping[str, Any]  # JSON values, scrubbed

    def chained(self, seq: int, prev: str) -> Event:
        return Event(
            seq=seq,
            kind=self.kind,
            at=self.at,
            wall=self.wall,
            mono=self.mono,
            process=self.process,
            step=self.step,
            data=self.data,
            prev=prev,
        )


@dataclass(slots=True)
class _Waiting:
    """Drafts that must be written together, and who waits for them."""

    drafts: Sequence[Draft]
    loop: asyncio.AbstractEventLoop
    done: Future[list[Event]] = field(default_factory=Future)


class Writer:
    """The only writer of a run's segments within this process.

    The chain is built when a group is committed, so a group that cannot be written leaves no gap.
    One thread of its own does the writing: what was handed over is written even if the caller, or
    the whole event loop, is cancelled meanwhile.
    """

    def __init__(self, store: Store, run: str, last: Event | None, deliver: Deliver) -> None:
        self.fence: SegmentTaken | None = None
        self._store = store
        self._run = run
        self._seq = last.seq if last else 0
        self._prev = last.digest() if last else GENESIS
        self._deliver = deliver
        self._queue: list[_Waiting] = []
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None

    async def write(self, drafts: Sequence[Draft]) -> list[Event]:
        """Store drafts in order, all in one segment; delivered and durable when this returns.

        Raises:
            SegmentTaken: Another process owns the run; nothing of this was written.
            JournalError: The store cannot be written.
        """
        self._raise_if_fenced()
        waiting = _Waiting(drafts, asyncio.get_running_loop())
        # Running from the start: a caller that is cancelled must not take its event back.
        waiting.done.set_running_or_notify_cancel()
        with self._lock:
            self._queue.append(waiting)
        if self._store.is_blocking:
            self._own_thread().submit(self._commit)
            return await asyncio.wrap_future(waiting.done)
        self._commit()
        await asyncio.sleep(0)  # others get their turn, as they do behind a disk
        return waiting.done.result()

    async def check_fence(self) -> None:
        """Look in the store whether another process has written what would be our next segment."""
        self._raise_if_fenced()
        if self._store.is_blocking:
            # Behind the writes under way, in the thread that does them: it knows the next number.
            await asyncio.wrap_future(self._own_thread().submit(self._look))
        else:
            self._look()
        self._raise_if_fenced()

    def stop(self) -> None:
        """Let the thread end once it has nothing left to write."""
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    def _own_thread(self) -> ThreadPoolExecutor:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"journal-{self._run}")
        return self._thread

    def _raise_if_fenced(self) -> None:
        if self.fence is not None:
            raise SegmentTaken(self.fence.message)

    def _look(self) -> None:
        if self._store.exists(segment_name(self._run, self._seq + 1)):
            self.fence = self._taken()

    def _commit(self) -> None:
        """Write everything that waits. Runs in the writing thread; one at a time."""
        with self._lock:
            group, self._queue = self._queue, []
        if not group:  # an earlier commit took these along
            return
        try:
            self._raise_if_fenced()
            events, content, head = self._chained(group)
            self._store_segment(content)
        except BaseException as err:  # noqa: BLE001 - handed to everybody who waits
            if isinstance(err, SegmentTaken):
                self.fence = err
            for waiting in group:
                waiting.done.set_exception(err)
            return
        self._seq, self._prev = events[-1].seq, head
        self._hand_over(group, events)

    def _chained(self, group: Sequence[_Waiting]) -> tuple[list[Event], bytes, str]:
        """The events of a group, the segment that holds them, and the digest of the last."""
        events: list[Event] = []
        lines: list[bytes] = []
        prev = self._prev
        drafts = (draft for waiting in group for draft in waiting.drafts)
        for seq, draft in enumerate(drafts, start=self._seq + 1):
            event = draft.chained(seq, prev)
            line = event.line()  # once: canonical form is the costly part
            prev = hashlib.sha256(line).hexdigest()
            events.append(event)
            lines.append(line)
        return events, segment_content(lines), prev

    def _store_segment(self, content: bytes) -> None:
        name = segment_name(self._run, self._seq + 1)
        try:
            self._store.create(name, content)
        except JournalError as err:
            # The answer may have been lost after the act: the bytes name this process, so if
            # they stand there, they are ours.
            if self._store.exists(name) and self._store.read(name) == content:
                return
            raise (self._taken() if isinstance(err, SegmentTaken) else err) from err

    def _hand_over(self, group: Sequence[_Waiting], events: Sequence[Event]) -> None:
        rest = list(events)
        for waiting in group:
            mine, rest = rest[: len(waiting.drafts)], rest[len(waiting.drafts) :]
            for event in mine:
                self._tell(waiting.loop, event)
            waiting.done.set_result(mine)  # behind the deliveries in the loop's own order

    def _tell(self, loop: asyncio.AbstractEventLoop, event: Event) -> None:
        if not self._store.is_blocking:
            self._deliver(event)
            return
        try:
            loop.call_soon_threadsafe(self._deliver, event)
        except RuntimeError:  # the loop is closed: nobody is left to hear, the event is stored
            logger.debug(
                "Event %d of run %s was stored after its loop ended", event.seq, self._run
            )

    def _taken(self) -> SegmentTaken:
        return SegmentTaken(
            f"Run {self._run} has another owner: event {self._seq + 1} was written by it"
        )
