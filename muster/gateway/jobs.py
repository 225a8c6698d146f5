"""One watcher per vault: a single list of jobs a tick serves everybody who waits for one.

A get is spent only on a job that the list shows as ended (the list has no tasks and no details),
or does not show: the id that a write named can be an operation's, which answers under another
job's name some seconds later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from muster.clock import Clock
from muster.errors import GatewayError
from muster.gateway.ids import parse_id
from muster.gateway.kinds import GatewayWaitEnded, NotFound
from muster.gateway.limits import LIST_LAG
from muster.gateway.values import Job
from muster.gateway.waiting import LONG, SHORT, TEMPORARY, pace

FIRST_LOOK = timedelta(seconds=2)  # so that the VMs of a group, started together, share one list


class JobSource(Protocol):
    """Where a watcher looks."""

    async def listed(self, names: Collection[str]) -> dict[str, Job]:
        """One list, as far as needed to meet these names; by casefolded name."""
        ...

    async def got(self, name: str) -> Job | None: ...


@dataclass(eq=False)
class _Waiter:
    asked: str  # the id waited for
    name: str  # the job's name now; follows the job
    began: timedelta
    expected: timedelta
    within: timedelta
    ended: asyncio.Future[Job]
    seen: str = "nothing"
    next_get: timedelta = timedelta()
    get_pause: timedelta = SHORT

    def put_off(self, now: timedelta) -> None:
        """The list does not show it: ask for it itself, but ever more seldom."""
        self.next_get = now + self.get_pause
        self.get_pause = min(self.get_pause * 2, 2 * LONG)


@dataclass(eq=False)
class JobWatcher:
    """Watches while anybody waits; idle otherwise. Call `close` at the end."""

    source: JobSource
    clock: Clock
    # In the order they came: the same course of things is then told in the same order.
    _waiters: dict[_Waiter, None] = field(default_factory=dict)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def ended(self, job_id: str, *, expected: timedelta, within: timedelta) -> Job:
        """The job as got, once it ended: succeeded, failed or cancelled alike.

        Raises:
            GatewayWaitEnded: It did not end within that span (of Azure time).
            NotFound: Neither list nor get know it, some minutes on.
            GatewayError: Azure refused to show jobs.
        """
        future: asyncio.Future[Job] = asyncio.get_running_loop().create_future()
        name = parse_id(job_id).name.casefold()
        waiter = _Waiter(job_id, name, self.clock.monotonic(), expected, within, future)
        self._waiters[waiter] = None
        self._came.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch(), name="job watcher")
        try:
            return await future
        finally:
            self._waiters.pop(waiter, None)

    async def close(self) -> None:
        """Stop watching; whoever still waits is told."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._fail_all(GatewayError("The gateway was closed while a job was waited for"))

    async def _watch(self) -> None:
        try:
            await self.clock.sleep(FIRST_LOOK)
            while self._open():
                await self._tick()
                if self._open():
                    await self._pause()
        except GatewayError as error:
            self._fail_all(error)
        except Exception:
            self._fail_all(GatewayError("The watcher of jobs stopped by an error of Muster's own"))
            raise

    def _open(self) -> list[_Waiter]:
        return [waiter for waiter in self._waiters if not waiter.ended.done()]

    async def _tick(self) -> None:
        """One list, the gets it calls for, and whoever's time is up."""
        waiters = self._open()
        try:
            listed = await self.source.listed({waiter.name for waiter in waiters})
        except TEMPORARY as error:
            for waiter in waiters:
                waiter.seen = str(error)
        else:
            looks = (self._look(waiter, listed.get(waiter.name)) for waiter in waiters)
            await asyncio.gather(*looks)
        now = self.clock.monotonic()
        for waiter in waiters:
            if now - waiter.began >= waiter.within and not waiter.ended.done():
                what = f"Job {waiter.asked} took longer than {waiter.within}"
                text = f"{what}; last seen: {waiter.seen}"
                waiter.ended.set_exception(GatewayWaitEnded(text))

    async def _look(self, waiter: _Waiter, listed: Job | None) -> None:
        now = self.clock.monotonic()
        if listed is not None and not listed.ended:
            waiter.seen = listed.state
            return
        if listed is None and now < waiter.next_get:
            return
        try:
            job = await self.source.got(waiter.name)
        except TEMPORARY as error:
            waiter.seen = str(error)
            return
        if waiter.ended.done():
            return
        if job is None:
            self._missing(waiter, now)
        elif job.ended:
            waiter.ended.set_result(job)
        else:
            waiter.seen = job.state
            if job.name.casefold() == waiter.name:
                waiter.put_off(now)
            waiter.name = job.name.casefold() or waiter.name

    def _missing(self, waiter: _Waiter, now: timedelta) -> None:
        waiter.put_off(now)
        if now - waiter.began >= min(LIST_LAG, waiter.within):
            text = f"Job {waiter.asked} is not known to the vault"
            waiter.ended.set_exception(NotFound(text, status=404))

    async def _pause(self) -> None:
        """Until the next tick is due for the most eager waiter, newcomers among them."""
        due = self.clock.monotonic() + self._until_next()
        while (left := due - self.clock.monotonic()) > timedelta():
            self._came.clear()
            nap = asyncio.create_task(self.clock.sleep(left))
            came = asyncio.create_task(self._came.wait())
            try:
                await asyncio.wait({nap, came}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                nap.cancel()
                came.cancel()
                await asyncio.gather(nap, came, return_exceptions=True)
            due = min(due, self.clock.monotonic() + self._until_next())

    def _until_next(self) -> timedelta:
        now = self.clock.monotonic()
        spans = []
        for waiter in self._open():
            waited = now - waiter.began
            eager = FIRST_LOOK if waited < FIRST_LOOK else pace(waited, waiter.expected)
            spans.append(min(eager, max(waiter.within - waited, timedelta(seconds=1))))
        return min(spans, default=timedelta())

    def _fail_all(self, error: GatewayError) -> None:
        for waiter in self._open():
            waiter.ended.set_exception(error)
