"""The simulator's one time: Azure time, which may run faster than the wall clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class AzureTime:
    """Azure time that met the wall clock at `epoch` and has run `speed` times as fast since.

    `MUSTER_CLOCK=<epoch>,<speed>` in `simulator.env` tells clients the same two numbers.
    """

    epoch: float  # seconds since 1970, wall clock
    speed: float  # 1.0 … 3600.0
    # Seconds since 1970 on the wall; a loop whose time is virtual hands in its own.
    wall_now: Callable[[], float] = field(default=time.time, compare=False, repr=False)

    def now(self) -> datetime:
        """The present instant in Azure time, aware, UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """Azure time in seconds since 1970."""
        return self.epoch + (self.wall_now() - self.epoch) * self.speed

    def wall(self, azure_seconds: float) -> float:
        """How many wall-clock seconds a span of Azure time takes."""
        return azure_seconds / self.speed

    async def sleep(self, azure_seconds: float) -> None:
        """Wait for a span of Azure time."""
        await asyncio.sleep(max(0.0, self.wall(azure_seconds)))
