"""The fakes themselves: virtual time is ordered, and the fake gateway behaves as the port says."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from muster.gateway.kinds import GatewayWaitEnded
from muster.gateway.port import Gateway
from tests.builders import a_plan
from tests.fakes.clock import VirtualClock
from tests.fakes.gateway import FakeGateway
from tests.fakes.world import world_for

HOUR = timedelta(hours=1)


def a_gateway() -> FakeGateway:
    clock = VirtualClock()
    return FakeGateway(world_for(a_plan(), clock.now()), clock)


async def test_sleepers_wake_in_the_order_they_are_due() -> None:
    clock, woken = VirtualClock(), []

    async def sleeper(name: str, seconds: int) -> None:
        await clock.sleep(timedelta(seconds=seconds))
        woken.append((name, clock.elapsed.total_seconds()))

    await asyncio.gather(sleeper("c", 30), sleeper("a", 10), sleeper("b", 20), sleeper("a2", 10))
    assert woken == [("a", 10), ("a2", 10), ("b", 20), ("c", 30)]


async def test_a_cancelled_sleeper_does_not_move_time() -> None:
    clock = VirtualClock()
    task = asyncio.create_task(clock.sleep(HOUR))
    await asyncio.sleep(0)
    task.cancel()
    await clock.sleep(timedelta(seconds=1))
    assert clock.elapsed == timedelta(seconds=1)


async def test_the_fake_is_a_gateway() -> None:
    gateway: Gateway = a_gateway()
    async with gateway:
        assert (await gateway.caller()).object_id == "caller-object"


async def test_a_test_failover_takes_its_time_and_leaves_a_copy_that_cleanup_removes() -> None:
    gateway = a_gateway()
    item = gateway.world.items["db1"]
    accepted = await gateway.start_test_failover(item.id, "/net", None)
    job = await gateway.job_ended(accepted.job_id, expected=HOUR, within=HOUR)
    assert job.succeeded
    assert gateway.clock.monotonic() >= gateway.world.failover_takes
    pending = await gateway.protected_item(item.id)
    assert pending is not None
    assert pending.allowed_operations == ("TestFailoverCleanup",)
    copies = [r.name for r in await gateway.resources_of_group(item.recovery_resource_group_id)]
    assert {"db1-test", "db1-nic-test", "db1-os-ASRtest"} <= set(copies)

    cleanup = await gateway.start_cleanup(item.id, "done")
    await gateway.job_ended(cleanup.job_id, expected=HOUR, within=HOUR)
    after = [r.name for r in await gateway.resources_of_group(item.recovery_resource_group_id)]
    assert not [name for name in after if "test" in name]
    assert gateway.kinds() == ["start_test_failover", "start_cleanup"]


async def test_a_wait_for_a_job_that_hangs_ends() -> None:
    gateway = a_gateway()
    gateway.world.jobs_that_hang.add("db1")
    accepted = await gateway.start_test_failover(gateway.world.items["db1"].id, "/net", None)
    with pytest.raises(GatewayWaitEnded, match="InProgress"):
        await gateway.job_ended(accepted.job_id, expected=HOUR, within=HOUR)
    assert gateway.clock.monotonic() == HOUR
