"""Which jobs may be ours: same item, same scenario, late enough, in no other network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from muster.gateway.ids import key_of
from muster.gateway.values import Job
from muster.steps.items import item_of
from muster.steps.jobs import TEST_FAILOVER, jobs_of
from tests.fakes.gateway import _Running
from tests.unit.steps.drilling import Drill

NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/drill"


def put_job(drill: Drill, name: str, **changes: object) -> Job:
    job = Job(
        f"{drill.world.vault.id}/replicationJobs/{name}", name, "TestFailover", "InProgress",
        drill.clock.now(), None, "DB1", None, (), (), (), {}, NETWORK,
    )  # fmt: skip
    job = replace(job, **changes)  # type: ignore[arg-type]
    running = _Running("db1", "TestFailover", job, drill.clock.now() + timedelta(days=9))
    drill.gateway.all_jobs[key_of(job.id)] = running
    return job


async def found(drill: Drill) -> list[str]:
    item = await item_of(drill.run, "db1")
    since = drill.clock.now() - timedelta(minutes=1)
    jobs = await jobs_of(drill.run, item, TEST_FAILOVER, since, network_id=NETWORK.upper())
    return [job.job_id.rpartition("/")[2] for job in jobs]


async def test_a_job_of_the_item_in_our_network_is_found_whatever_its_case():
    drill = await Drill.begin()
    put_job(drill, "ours")
    assert await found(drill) == ["ours"]


async def test_a_job_that_names_no_network_may_be_ours():
    drill = await Drill.begin()
    put_job(drill, "silent", network_id=None)
    assert await found(drill) == ["silent"]


async def test_a_job_that_names_the_network_by_its_friendly_name_is_ours():
    drill = await Drill.begin()
    put_job(drill, "friendly", network_id="Drill")
    assert await found(drill) == ["friendly"]


async def test_jobs_of_others_are_not_found():
    drill = await Drill.begin()
    put_job(drill, "elsewhere", network_id=NETWORK + "-other")
    put_job(drill, "other-vm", target_name="web1")
    put_job(drill, "cleanup", scenario="TestFailoverCleanup")
    put_job(drill, "old", started_at=drill.clock.now() - timedelta(minutes=2))
    assert await found(drill) == []
