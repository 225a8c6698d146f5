"""Waits that end when the run is to stop: what Azure was asked for goes on without us."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from muster.errors import Aborted
from muster.steps.context import Run

T = TypeVar("T")


async def unless_stopping(run: Run, waiting: Coroutine[Any, Any, T], what: str) -> T:
    """Wait for something that changes nothing by being waited for.

    A drill waits to the end, for it has to clean up behind itself. Here nothing is to be undone:
    Azure works on, and the next run finds what came of it.

    Raises:
        Aborted: The run is to stop; the wait was left.
    """
    task = asyncio.ensure_future(waiting)
    stopping = asyncio.ensure_future(run.stopping.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
    finally:
        for one in (task, stopping):
            one.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)
    why = run.stop_reason or "stopping"
    raise Aborted(
        f"{what} was not waited for any longer: {why}",
        hint="Azure goes on by itself; run `muster replicate` again to follow it to its end.",
    )


async def pause(run: Run, span: timedelta, what: str) -> None:
    """Let time pass; raises Aborted when the run is to stop."""
    await unless_stopping(run, run.clock.sleep(span), what)
