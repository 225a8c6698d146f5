"""The simulator's one time: Azure time, which may run faster than the wall clock, or stand."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime

from muster.simulator.json_types import Json

LEAST_MOVABLE = 1.001  # below that speed the line would have to be bent by decades
END_OF_TIME = 32503680000.0  # the year 3000 in seconds since 1970
PAUSED = "paused"


class Immovable(Exception):
    """Time cannot be moved like that; the text is a sentence that says why."""


class AzureTime:
    """Azure time that met the wall clock at `epoch` and runs `speed` times as fast since.

    `MUSTER_CLOCK=<epoch>,<speed>` in `simulator.env` tells clients the same two numbers. When time
    is moved, `epoch` is: of two lines of the same slope, the later one met the wall clock earlier.
    So whoever reads the two numbers afterwards has the very time that Azure has here. While time
    stands there are no such numbers. It never goes back, whatever the wall clock does.
    """

    def __init__(
        self,
        epoch: float,
        speed: float,
        wall_now: Callable[[], float] = time.time,
        *,
        stands_at: float | None = None,
    ) -> None:
        """Make the clock.

        Args:
            epoch: Seconds since 1970 on the wall.
            speed: Seconds of Azure time in a second.
            wall_now: Reads the wall, in seconds since 1970.
            stands_at: Seconds of Azure time since 1970, if it stands.
        """
        self.epoch, self.speed, self.wall_now = epoch, speed, wall_now
        self.stands_at = stands_at
        self._latest = stands_at or 0.0
        self._moved = asyncio.Event()
        self._wakings: list[float] = []

    @classmethod
    def kept(cls, kept: Json, wall_now: Callable[[], float] = time.time) -> AzureTime:
        """The clock that `as_kept` was made of; later where the wall clock went back since."""
        clock = cls(kept["epoch"], kept["speed"], wall_now, stands_at=kept["stands_at"])
        if clock.stands_at is None and clock.seconds() < kept["latest"]:
            clock.epoch = clock._epoch_at(kept["latest"]) if clock.speed > 1 else clock.epoch
            clock._latest = kept["latest"]
        return clock

    def as_kept(self) -> Json:
        """The clock as a part of the state; `latest` is an instant that was certainly told."""
        return {
            "epoch": self.epoch,
            "speed": self.speed,
            "stands_at": self.stands_at,
            "latest": self._latest,
        }

    @property
    def for_clients(self) -> str:
        """What `MUSTER_CLOCK` reads; `paused` is none that a client starts with."""
        return PAUSED if self.stands_at is not None else f"{self.epoch!r},{self.speed!r}"

    def now(self) -> datetime:
        """The present instant in Azure time, aware, UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """Azure time in seconds since 1970."""
        if self.stands_at is not None:
            return self.stands_at
        told = self.epoch + (self.wall_now() - self.epoch) * self.speed
        self._latest = max(told, self._latest)
        return self._latest

    def wall(self, azure_seconds: float) -> float:
        """How many wall-clock seconds a span of Azure time takes while it runs."""
        return azure_seconds / self.speed

    async def sleep(self, azure_seconds: float) -> None:
        """Wait for a span of Azure time; longer while it stands, shorter when it jumps."""
        until = self.seconds() + azure_seconds
        self._wakings.append(until)
        try:
            while (left := until - self.seconds()) > 0:
                moved, stands = self._moved, self.stands_at is not None
                with contextlib.suppress(TimeoutError):  # may ring early: the clock decides
                    async with asyncio.timeout(None if stands else self.wall(left)):
                        await moved.wait()
        finally:
            self._wakings.remove(until)

    def next_waking(self) -> float | None:
        """When the first of those who sleep wakes; None if nobody does."""
        return min(self._wakings, default=None)

    # -- moved by hand ------------------------------------------------------------------------

    def pause(self) -> None:
        """Let time stand. Raises: Immovable."""
        self._demand_movable()
        self.stands_at = self.seconds()
        self._tell()

    def resume(self) -> None:
        """Let time run on from where it stands. Raises: Immovable."""
        if self.stands_at is not None:
            self.epoch = self._epoch_at(self.stands_at)
            self._latest, self.stands_at = self.stands_at, None
            self._tell()

    def move_to(self, instant: float) -> None:
        """Be at an instant that is not past, and run on or stand as before. Raises: Immovable."""
        self.demand_reachable(instant)
        instant = max(instant, self.seconds())
        if self.stands_at is not None:
            self.stands_at = self._latest = instant
        else:
            self.epoch = self._epoch_at(instant)
        self._tell()

    def demand_reachable(self, instant: float) -> None:
        """Raises: Immovable, if time can never be made to run on from there."""
        self._demand_movable()
        self._epoch_at(instant)

    def _demand_movable(self) -> None:
        if self.speed < LEAST_MOVABLE:
            raise Immovable(
                f"At speed {self.speed:g} Azure time is the wall clock's, also for every client, "
                f"and cannot be moved. Start a world at a speed of {LEAST_MOVABLE} or more."
            )

    def _epoch_at(self, instant: float) -> float:
        """The epoch of the line that is at `instant` at this moment. Raises: Immovable."""
        epoch = (self.speed * self.wall_now() - instant) / (self.speed - 1)
        if not (0 <= epoch < END_OF_TIME and 0 <= instant < END_OF_TIME):
            raise Immovable(
                "That is too far at this speed: no MUSTER_CLOCK between 1970 and the year 3000 "
                "could tell clients of it."
            )
        return epoch

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
