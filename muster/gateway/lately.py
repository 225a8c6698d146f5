"""One list for everybody who asks about the same time: what is read does not grow with the VMs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from muster.clock import Clock

T = TypeVar("T")


@dataclass
class Lately(Generic[T]):
    """Keeps what was read last; those who come while it is being read wait for that."""

    clock: Clock
    read: Callable[[], Awaitable[T]]
    _kept: T | None = None
    _at: timedelta | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def value(self, max_age: timedelta) -> T:
        """What was read no longer ago than that (Azure time); read anew otherwise.

        Raises:
            GatewayError: As `read`; nothing is kept then.
        """
        async with self._lock:
            now = self.clock.monotonic()
            if self._kept is None or self._at is None or now - self._at > max_age:
                self._kept = await self.read()
                self._at = self.clock.monotonic()
            return self._kept
