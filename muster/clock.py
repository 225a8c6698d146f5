"""The one source of "now". `MUSTER_CLOCK=<epoch>,<speed>` is read here and nowhere else.

Every timeout, deadline, poll interval and journal time is in Azure time; against the real Azure
that is the
wall clock (speed 1). Against the simulator Azure time met the wall clock at `epoch` and runs
`speed` times as
fast. Tokens and TLS stay on wall time. Imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

_END_OF_TIME = 32503680000.0
"""The year 3000 in seconds since 1970; not-a-number and infinity compare as beyond it."""


class Clock(Protocol):
    """Azure time: what steps, the walk and the journal ask for. Tests hand in a virtual one."""

    @property
    def speed(self) -> float: ...

    def now(self) -> datetime:
        """The present instant in Azure time, aware, UTC."""
        ...

    def wall_now(self) -> datetime:
        """The present instant on the wall, aware, UTC."""
        ...

    def monotonic(self) -> timedelta:
        """Azure time elapsed since this process began; never goes back."""
        ...

    async def sleep(self, span: timedelta) -> None:
        """Wait for a span of Azure time."""
        ...


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """Azure time as a linear function of the wall clock.

    `wall` and `ticks` read that clock, in seconds: since 1970, and ever growing. A loop whose time
    is virtual hands in its own, for `sleep` goes by the loop.
    """

    epoch: float = 0.0  # seconds since 1970 at which both clocks agreed
    speed: float = 1.0
    wall: Callable[[], float] = field(default=time.time, compare=False, repr=False)
    ticks: Callable[[], float] = field(default=time.monotonic, compare=False, repr=False)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.epoch + (self.wall() - self.epoch) * self.speed, UTC)

    def wall_now(self) -> datetime:
        return datetime.fromtimestamp(self.wall(), UTC)

    def monotonic(self) -> timedelta:
        return timedelta(seconds=self.ticks() * self.speed)

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(max(0.0, span.total_seconds() / self.speed))


def wall_seconds(clock: Clock, span: timedelta) -> float:
    """How many wall seconds a span of Azure time takes: for `asyncio.timeout` and sockets."""
    return span.total_seconds() / clock.speed


def clock_from(environ: Mapping[str, str] = os.environ) -> ScaledClock:
    """The clock that the environment asks for.

    Raises:
        ValueError: `MUSTER_CLOCK` is not `<epoch>,<speed>` with a speed from 1 to 3600.
    """
    text = environ.get("MUSTER_CLOCK", "")
    if not text:
        return ScaledClock()
    if text == "paused":
        raise ValueError(
            "MUSTER_CLOCK reads 'paused': the simulator's time stands still, and whoever starts"
            " now would live in another. Let it go on (POST $MUSTER_SIMULATOR_CONTROL/time/resume)"
            " and source simulator.env again"
        )
    epoch_text, comma, speed_text = text.partition(",")
    try:
        epoch, speed = float(epoch_text), float(speed_text)
    except ValueError:
        comma = ""
        epoch = speed = 0.0
    if not comma or not 1 <= speed <= 3600 or not 0 <= epoch < _END_OF_TIME:
        raise ValueError(
            f"MUSTER_CLOCK reads {text!r}; wanted <epoch>,<speed>, for example 1767225600,60"
        )
    return ScaledClock(epoch, speed)
