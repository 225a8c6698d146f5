"""The journal of one run: append-only, hash-chained, owned by one process at a time."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Self

from muster.clock import Clock
from muster.errors import JournalError, RunClosed, SegmentTaken
from muster.journal.chain import read_on, read_run
from muster.journal.events import Event, EventKind
from muster.journal.index import EventIndex
from muster.journal.plain import plain
from muster.journal.process import started_of
from muster.journal.register import as_opened, register_run
from muster.journal.scrub import scrub, scrub_text
from muster.journal.segments import segment_names
from muster.journal.signing import Signer, sign_head
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.journal.writer import Draft, Writer

__all__ = ["Journal", "read_run", "seal_run"]

logger = logging.getLogger(__name__)

TAKEOVER_TRIES = 50
"""A live owner may append between our reading and our claim; each such append costs one try."""

Subscriber = Callable[[Event], None]


class Journal:
    """What happens in one run, durable event by event. Use it from one event loop.

    Every append is on disk when it returns. Appends made at the same time share one segment.
    Another process that takes the run over fences this one: its next append raises SegmentTaken,
    and so does every later one.
    """

    def __init__(self, store: Store, clock: Clock, run: str, events: list[Event]) -> None:
        """Use `open_run` or `take_over`; this takes events that are already stored and checked."""
        self.store = store
        self.run = run
        self._clock = clock
        self._process = f"{platform.node() or 'host'}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._events = list(events)
        self._index = EventIndex(events)
        self._state = RunState.of(events)
        self._subscribers: list[Subscriber] = []
        self._is_closing = False
        self._writer = Writer(store, run, events[-1] if events else None, self._deliver)

    @classmethod
    async def open_run(
        cls,
        store: Store,
        clock: Clock,
        *,
        run: str,
        plan: str,
        operation: str,
        opened: Mapping[str, Any],
    ) -> Self:
        """Register a run and write its first two events, `opened` and `owner` of epoch 1.

        Args:
            store: Where the journal is kept.
            clock: Azure time.
            run: An id nobody used; letters, digits, dots and dashes.
            plan: The plan's name: whose register the run goes into.
            operation: What the plan was compiled for.
            opened: The data of the `opened` event; run, plan, operation and register are added.

        Raises:
            SegmentTaken: The run exists: take it over instead.
        """
        data = scrub(plain(opened))  # before the register: bad data must not cost a number
        entry = await _beside(store, _registered, store, clock, run, plan, operation)
        data |= {"run": run, "plan": plan, "operation": str(operation)}
        data["register"] = as_opened(entry)
        journal = cls(store, clock, run, [])
        await journal._own(1, "opened", journal._draft(EventKind.OPENED, data, None))
        return journal

    @classmethod
    async def take_over(cls, store: Store, clock: Clock, run: str, *, why: str) -> Self:
        """Become the owner of a run that another process began; that one is fenced.

        Raises:
            RunNotFound: No such run.
            RunClosed: It is closed, and stays as it is.
            Tampered: Its chain does not hold, with the place.
            SegmentTaken: A live owner appends faster than we can claim the run.
        """
        journal = cls(store, clock, run, await _beside(store, read_run, store, run))
        for _ in range(TAKEOVER_TRIES):
            if journal.is_closed:
                raise RunClosed(f"Run {run} is closed ({journal.state.outcome})")
            try:
                await journal._own(journal.epoch + 1, why)
            except SegmentTaken:
                await journal._catch_up()
                continue
            return journal
        raise SegmentTaken(f"Run {run} is being written by a live owner; it was not taken over")

    @property
    def events(self) -> tuple[Event, ...]:
        """Every durable event so far."""
        return tuple(self._events)

    @property
    def index(self) -> EventIndex:
        """The same by what they are asked for; kept up to date."""
        return self._index

    @property
    def state(self) -> RunState:
        """What the events so far add up to; kept up to date, not to be changed."""
        return self._state

    @property
    def head(self) -> str:
        """The digest of the newest durable event."""
        return self._events[-1].digest()

    @property
    def epoch(self) -> int:
        """Which owner this is, from 1."""
        return self._state.epoch

    @property
    def is_closed(self) -> bool:
        return self._state.is_closed

    @property
    def is_fenced(self) -> bool:
        """Whether another process is known to have taken this run over."""
        return self._writer.fence is not None

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Hear every durable event, in order, in the event loop, before its append returns.

        A callback that raises is logged and hinders nothing.

        Returns:
            What ends the subscription.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    async def append(
        self, kind: EventKind, data: Mapping[str, Any], *, step: str | None = None
    ) -> Event:
        """Write one event; durable when this returns, even if the caller is cancelled meanwhile.

        Instants, spans and enums are made JSON values, secrets are taken out.

        Raises:
            SegmentTaken: Another process owns the run now.
            RunClosed: The run is closed or closing.
            JournalError: A value cannot be kept (JRN-006), or the store cannot be written
                (JRN-005): nothing was written, and appending may be tried again.
        """
        if kind is EventKind.CLOSED:
            raise JournalError("A run is closed by Journal.close, which also signs it")
        if self._is_closing or self.is_closed:
            raise RunClosed(f"Run {self.run} is closed: {kind} was not written")
        (event,) = await self._writer.write([self._draft(kind, data, step)])
        return event

    async def ensure_owned(self) -> None:
        """Look whether this process still owns the run; asked right before a request is sent.

        Raises:
            SegmentTaken: It does not.
        """
        await self._writer.check_fence()

    async def close(self, data: Mapping[str, Any], signer: Signer | None) -> Event:
        """Write `closed` as the last event and sign the head.

        Without a signer, or after a crash in between, the run reads "closed, unsigned" until
        `seal_run` signs it.

        Raises:
            SegmentTaken, RunClosed, JournalError: As `append`.
        """
        if self._is_closing or self.is_closed:
            raise RunClosed(f"Run {self.run} is closed already")
        self._is_closing = True  # before the first await: nothing may be queued behind `closed`
        try:
            (event,) = await self._writer.write([self._draft(EventKind.CLOSED, data, None)])
        except BaseException:
            self._is_closing = False
            raise
        self._writer.stop()
        if signer is not None:
            await _beside(self.store, sign_head, self.store, self.run, event, signer)
        return event

    def _draft(self, kind: EventKind, data: Mapping[str, Any], step: str | None) -> Draft:
        return Draft(
            kind=kind,
            at=self._clock.now(),
            wall=self._clock.wall_now(),
            mono=self._clock.monotonic().total_seconds(),
            process=self._process,
            step=scrub_text(step) if step is not None else None,
            data=scrub(plain(data)),
        )

    async def _own(self, epoch: int, why: str, *before: Draft) -> None:
        host = platform.node() or "host"
        pid = os.getpid()
        owner = {"epoch": epoch, "host": host, "pid": pid, "started": started_of(pid), "why": why}
        await self._writer.write([*before, self._draft(EventKind.OWNER, owner, None)])

    async def _catch_up(self) -> None:
        """Read what another owner wrote meanwhile; only that, or a busy one is never caught."""
        for event in await _beside(self.store, read_on, self.store, self.run, self._events[-1]):
            self._deliver(event)
        self._writer = Writer(self.store, self.run, self._events[-1], self._deliver)

    def _deliver(self, event: Event) -> None:
        self._events.append(event)
        self._index.add(event)
        self._state.apply(event)
        for callback in tuple(self._subscribers):
            try:
                callback(event)
            except Exception:
                logger.exception("A subscriber of run %s failed at event %d", self.run, event.seq)


async def seal_run(store: Store, run: str, signer: Signer) -> None:
    """Sign the head of a run that was closed but not signed; does nothing when it is signed.

    Raises:
        RunNotFound: No such run.
        JournalError: It is not closed (JRN-010).
    """
    events = await _beside(store, read_run, store, run)
    if events[-1].kind is not EventKind.CLOSED:
        raise JournalError(
            f"Run {run} is open: only a closed run can be signed",
            code="JRN-010",
            hint="Run `muster cleanup RUN`: it cleans up and closes.",
        )
    await _beside(store, sign_head, store, run, events[-1], signer)


def _registered(store: Store, clock: Clock, run: str, plan: str, operation: str) -> Any:
    if segment_names(store, run):
        raise SegmentTaken(
            f"Run {run} exists already", hint="Take it over, or give the new run an id of its own."
        )
    return register_run(store, run=run, plan=plan, operation=operation, at=clock.now())


async def _beside(store: Store, work: Callable[..., Any], *args: Any) -> Any:
    """Do what may wait for a disk off the event loop."""
    return await asyncio.to_thread(work, *args) if store.is_blocking else work(*args)


def run_exists(store: Store, run: str) -> bool:
    """Whether a run has begun in this journal."""
    return bool(segment_names(store, run))
