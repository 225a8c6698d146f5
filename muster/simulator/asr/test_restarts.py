"""Test failovers and cleanups that are begun once more after a failure."""

from __future__ import annotations

from muster.simulator import durations
from muster.simulator.asr import failover_tests, items, jobs
from muster.simulator.asr.item_jobs import counted
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def failover_test_again(world: World, args: Json) -> None:
    """A failed test failover begins once more, from its first task (inferred).

    Raises: NotNow if the item does not allow it.
    """
    job = world.table("jobs")[args["job"]]
    item = _free(world, job, "TestFailover")
    count = counted(item, "failover_test")
    takes = failover_tests.test_takes(world, item, count)
    _anew(world, job, durations.TEST_FAILOVER_TASKS, takes)
    failover_tests.begin_test(world, item, job)


def cleanup_again(world: World, args: Json) -> None:
    """A failed cleanup begins once more. Raises: NotNow if the item does not allow it."""
    job = world.table("jobs")[args["job"]]
    item = _free(world, job, "TestFailoverCleanup")
    count = counted(item, "cleanup")
    takes = failover_tests.cleanup_takes(world, item, count)
    _anew(world, job, durations.CLEANUP_TASKS, takes)
    failover_tests.begin_cleanup(world, item, job)


def _free(world: World, job: Json, operation: str) -> Json:
    item = items.of_job(world, job)
    if item is None or operation not in items.allowed_operations(item, world.settings):
        raise jobs.NotNow(operation)
    return item


def _anew(world: World, job: Json, tasks: tuple[durations.Share, ...], takes: float) -> None:
    """The same job, as if it had been asked for now."""
    job |= {"starts": world.now, "ends": world.now + takes, "fails": None}
    job["tasks"] = jobs.planned(tasks, world.now, takes)


EFFECTS: dict[str, Effect] = {
    "failover_test_again": failover_test_again,
    "cleanup_again": cleanup_again,
}
