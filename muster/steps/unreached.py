"""A call that surely never left is meant anew for some minutes: an outage is no refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from muster.errors import GatewayError
from muster.gateway.retry import PATIENCE
from muster.steps.context import Run
from muster.steps.refusal import never_left

T = TypeVar("T")

AGAIN_AFTER = timedelta(seconds=10)


async def when_reached(run: Run, within: timedelta, attempt: Callable[[], Awaitable[T]]) -> T:
    """Make an attempt, again and again while Azure cannot even be connected to.

    The gateway alone repeats an act no longer than its intent holds; here each attempt journals
    an intent of its own. Reads are repeated for as long (`PATIENCE`), so an act outlives the
    outages that a read does.

    Args:
        run: The run; one that is stopping does not try again.
        within: What is left of the step, in Azure time.
        attempt: Intends, sends and journals; must be safe to repeat where nothing left.

    Raises:
        GatewayError: Azure refused it, or could not be connected to for that long.
    """
    began = run.clock.monotonic()
    while True:
        try:
            return await attempt()
        except GatewayError as err:
            lost = run.clock.monotonic() - began
            over = lost + AGAIN_AFTER > min(within, PATIENCE)
            if not never_left(err) or over or run.stopping.is_set():
                raise
        await run.clock.sleep(AGAIN_AFTER)
