"""Bounded waits: poll often near the expected end, seldom elsewhere, and end at the deadline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from muster.clock import Clock
from muster.gateway.kinds import GatewayWaitEnded, ServerError, Throttled, Unreachable

T = TypeVar("T")

SHORT, MIDDLE, LONG = timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=30)
TEMPORARY = (Unreachable, ServerError, Throttled)
"""What a wait outlives, for Azure works on while we cannot see it; it ends all the same."""


def pace(waited: timedelta, expected: timedelta) -> timedelta:
    """How long until the next look, from how long was waited already and is expected in all.

    5 s around the expected end, 10 s for a while after it, up to 30 s else.
    """
    left = expected - waited
    if left > LONG:
        return min(LONG, max(SHORT, left - LONG))
    if left > -LONG:
        return SHORT
    return MIDDLE if left > -10 * LONG else LONG


async def poll_until(
    clock: Clock,
    read: Callable[[], Awaitable[T]],
    done: Callable[[T], bool],
    *,
    what: str,
    shown: Callable[[T], str],
    expected: timedelta,
    within: timedelta,
) -> T:
    """Read at once and then at a pace until done.

    Raises:
        GatewayWaitEnded: After `within` of Azure time; says what was seen last.
        GatewayError: `read` raised one that is not temporary.
    """
    began = clock.monotonic()
    last = "nothing"
    while True:
        try:
            value = await read()
        except TEMPORARY as error:
            last = str(error)
        else:
            if done(value):
                return value
            last = shown(value)
        waited = clock.monotonic() - began
        if waited >= within:
            raise GatewayWaitEnded(f"{what} took longer than {within}; last seen: {last}")
        await clock.sleep(min(pace(waited, expected), within - waited))
