"""The live feed: one picture for all who watch, redrawn a few times a second, sent as differences.

A watcher is never sent a queue: whoever reads slowly gets, when it is ready again, the difference
between what it saw last and the present. So a slow one costs nobody anything, and the memory it
takes is one picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import traceback
from collections.abc import AsyncGenerator, Callable
from typing import Any

import orjson

from muster.simulator.json_types import Json
from muster.simulator.page.calls import Calls
from muster.simulator.page.picture import Picture, Table

EVERY = 0.25  # seconds on the wall between two pictures, at the least
SHARE = 10  # … and ten times what the last one took: drawing is a tenth of the work, no more
HEARTBEAT = 2.0  # seconds without news after which a watcher hears that all is well
MOST_WATCHERS = 32
logger = logging.getLogger("muster.simulator.page")


class Full(Exception):
    """There are as many watchers as there may be."""


class Feed:
    """Draws while somebody watches; at other times nothing is done."""

    def __init__(self, draw: Callable[[], Picture], calls: Calls, page: str) -> None:
        """`page` tells browsers which version of the page belongs to this feed."""
        self._draw, self._calls, self._page = draw, calls, page
        self._latest: Picture | None = None
        self._drawn_at = self._pause = 0.0
        self._news = asyncio.Event()
        self._watchers = 0
        self._drawing: asyncio.Task[None] | None = None
        self._bugs: set[str] = set()
        self._shared: tuple[Picture | None, Picture, bytes] | None = None
        self.is_closed = False

    def now(self) -> Picture:
        """The present picture, or one that is no older than pictures may be."""
        began = time.monotonic()
        if self._latest is not None and began - self._drawn_at < self._pause:
            return self._latest
        drawn = self._drawn()
        self._drawn_at = time.monotonic()
        self._pause = max(EVERY, SHARE * (self._drawn_at - began))
        if self._latest is None or drawn != self._latest:
            self._latest = drawn
            self._news.set()
            self._news = asyncio.Event()
        return self._latest

    def _drawn(self) -> Picture:
        """A new picture, or the last one where a bug of the page prevents it."""
        try:
            return self._draw()
        except Exception as err:
            if self._latest is None:
                raise
            frame = traceback.extract_tb(err.__traceback__)[-1]
            # Not the error's text, as for the simulator's own: it may hold what a client sent.
            what = f"{type(err).__name__} in {frame.name} (line {frame.lineno})"
            if what not in self._bugs:  # told once, not four times a second
                self._bugs.add(what)
                logger.error(
                    "A bug of the page, which stays as it was: %s. The world is whole.", what
                )
                logger.debug("in full", exc_info=err)
            return self._latest

    def whole(self) -> bytes:
        """Everything as it is now, as JSON."""
        return self._message(None, self._draw())

    async def watch(self) -> AsyncGenerator[bytes, None]:
        """Everything, then what changes, as JSON; ends with the simulator.

        Raises: Full.
        """
        if self._watchers >= MOST_WATCHERS:
            raise Full
        self._watchers += 1
        try:
            if self._drawing is None:
                self._drawing = asyncio.create_task(self._keep_drawing(), name="drawing the page")
            seen: Picture | None = None
            while not self.is_closed:
                present = self.now()
                news = self._news  # set as soon as there is another picture than this one
                yield self._message(seen, present)
                seen = present
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT):
                        await news.wait()
        finally:
            self._watchers -= 1
            if not self._watchers and self._drawing:
                self._drawing.cancel()
                self._drawing = None

    def close(self) -> None:
        """Let all watching end."""
        self.is_closed = True
        self._news.set()

    async def _keep_drawing(self) -> None:
        while True:
            await asyncio.sleep(max(0.01, self._drawn_at + self._pause - time.monotonic()))
            self.now()

    def _message(self, before: Picture | None, after: Picture) -> bytes:
        """The difference between two pictures; put together once for all who need the same."""
        if self._shared and self._shared[0] is before and self._shared[1] is after:
            return self._shared[2]
        tables, first = after.tables, before is None
        told: Json = {
            "whole": first,
            "page": self._page,
            "wall": time.time(),
            "head": after.head,
            "set": {}, "gone": {},
            "calls": self._calls.between(before.calls_seen if before else 0, after.calls_seen),
        }  # fmt: skip
        for name, rows in tables.items():
            changed, gone = difference(before.tables[name] if before else {}, rows)
            told["set"] |= {name: changed} if changed or first else {}
            told["gone"] |= {name: gone} if gone else {}
        packed = orjson.dumps(told)
        if before is not after:
            self._shared = (before, after, packed)
        return packed


def difference(before: Table, after: Table) -> tuple[dict[str, Any], list[str]]:
    """(rows that are new or others than before, keys that are gone)."""
    if before is after:
        return {}, []
    changed = {key: row for key, row in after.items() if before.get(key) != row}
    return changed, [key for key in before if key not in after]
