"""A clock that never waits: sleeping moves virtual time to the next waiter that is due."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

START = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)


@dataclass
class VirtualClock:
    """`muster.clock.Clock` in which time stands still while anybody has work to do.

    When every task waits, time jumps to the sleeper that is due first (ties: who asked first), so
    concurrent sleeps end in the right order and a drill of an hour takes milliseconds. Do not mix
    it with real I/O that must come first: a pending socket does not hold time back.
    """

    start: datetime = START
    speed: float = 1.0
    elapsed: timedelta = timedelta()
    _sleepers: list[tuple[timedelta, int, asyncio.Future[None]]] = field(default_factory=list)
    _turns: Any = field(default_factory=count)
    _pumping: bool = False

    def now(self) -> datetime:
        return self.start + self.elapsed

    def wall_now(self) -> datetime:
        return self.now()

    def monotonic(self) -> timedelta:
        return self.elapsed

    def advance(self, span: timedelta) -> None:
        """Let time pass by hand; sleepers that are due wake in order."""
        self.elapsed += span
        self._wake_due()

    async def sleep(self, span: timedelta) -> None:
        if span <= timedelta():
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self.elapsed + span, next(self._turns), woken))
        self._pump(loop)
        await woken

    def _pump(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._pumping:
            self._pumping = True
            loop.call_soon(self._turn, loop)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Jump only when nothing else is ready to run in this loop."""
        self._pumping = False
        while self._sleepers and self._sleepers[0][2].done():  # cancelled
            heapq.heappop(self._sleepers)
        if not self._sleepers:
            return
        if not _others_are_ready(loop):
            due, _, woken = heapq.heappop(self._sleepers)
            self.elapsed = max(self.elapsed, due)
            woken.set_result(None)
        self._pump(loop)

    def _wake_due(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self.elapsed:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)


def _others_are_ready(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether anything but a clock of this kind has work to do."""
    ready = loop._ready  # type: ignore[attr-defined]
    turn = VirtualClock._turn
    return any(getattr(handle._callback, "__func__", None) is not turn for handle in ready)
