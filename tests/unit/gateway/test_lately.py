"""One reading serves everybody who asks about the same time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from muster.gateway.kinds import ServerError
from muster.gateway.lately import Lately
from tests.fakes.clock import VirtualClock

AGE = timedelta(seconds=15)


class Azure:
    def __init__(self, clock: VirtualClock) -> None:
        self.clock, self.reads, self.fails = clock, 0, False

    async def read(self) -> int:
        self.reads += 1
        await self.clock.sleep(timedelta(seconds=1))
        if self.fails:
            raise ServerError("no", status=500)
        return self.reads


async def test_those_who_ask_together_share_one_reading() -> None:
    clock = VirtualClock()
    azure = Azure(clock)
    lately = Lately(clock, azure.read)
    assert await asyncio.gather(*(lately.value(AGE) for _ in range(50))) == [1] * 50
    await clock.sleep(AGE + timedelta(seconds=1))
    assert await lately.value(AGE) == 2


async def test_a_reading_that_failed_is_not_kept() -> None:
    clock = VirtualClock()
    azure = Azure(clock)
    lately = Lately(clock, azure.read)
    await lately.value(AGE)
    await clock.sleep(2 * AGE)
    azure.fails = True
    with pytest.raises(ServerError):
        await lately.value(AGE)
    azure.fails = False
    assert await lately.value(AGE) == 3
