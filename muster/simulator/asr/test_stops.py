"""Test failovers and cleanups that were cancelled, or are begun once more after a failure."""

from __future__ import annotations

import copy

from muster.simulator import durations
from muster.simulator.asr import failover_tests, items, jobs
from muster.simulator.asr.test_copies import IDLE
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def settle(world: World, item: Json) -> None:
    """What has been made waits for its cleanup; where there is nothing, the item is idle."""
    test = item["test"]
    if test["phase"] != "starting":
        return
    vm = world.resource(test["vm"] or "")
    if vm is None:
        item["test"] = copy.deepcopy(IDLE)
        return
    test["phase"] = "waiting"
    vm["properties"]["provisioningState"] = "Succeeded"
    machine = world.machines[vm["id"].lower()]
    if machine["power"] == "starting":
        machine["power"] = "stopped"  # it was never given power


def failover_test_cancelled(world: World, args: Json) -> None:
    """A cancelled test failover: a copy that is there waits for its cleanup (inferred)."""
    settle(world, world.items[world.table("jobs")[args["job"]]["item"]])


def cleanup_cancelled(world: World, args: Json) -> None:
    """A cancelled cleanup: the item waits as before, for another one."""
    unclean(world, world.table("jobs")[args["job"]])


def unclean(world: World, job: Json) -> None:
    """Take a cleanup back: what it has not removed has still to be cleaned up."""
    world.items[job["item"]]["test"] |= {
        "phase": "waiting",
        "job": job["began_as"],
        "since": job["began_at"],
    }


def failover_test_again(world: World, args: Json) -> None:
    """A failed test failover begins once more, from its first task (inferred).

    Raises: NotNow if the item does not allow it.
    """
    job = world.table("jobs")[args["job"]]
    item = _free(world, job, "TestFailover")
    count = item["counts"]["failover_test"] + 1
    takes = durations.failover_test_takes(world.seed, item["name"], count)
    _anew(world, job, durations.TEST_FAILOVER_TASKS, takes)
    failover_tests.begin_test(world, item, job)


def cleanup_again(world: World, args: Json) -> None:
    """A failed cleanup begins once more. Raises: NotNow if the item does not allow it."""
    job = world.table("jobs")[args["job"]]
    item = _free(world, job, "TestFailoverCleanup")
    count = item["counts"]["cleanup"] + 1
    takes = durations.cleanup_takes(world.seed, item["name"], count)
    _anew(world, job, durations.CLEANUP_TASKS, takes)
    failover_tests.begin_cleanup(world, item, job)


def _free(world: World, job: Json, operation: str) -> Json:
    item = world.items.get(job["item"])
    if item is None or operation not in items.allowed_operations(item):
        raise jobs.NotNow(operation)
    return item


def _anew(world: World, job: Json, tasks: tuple[durations.Share, ...], takes: float) -> None:
    """The same job, as if it had been asked for now."""
    job |= {"starts": world.now, "ends": world.now + takes, "fails": None}
    job["tasks"] = jobs.planned(tasks, world.now, takes)


EFFECTS: dict[str, Effect] = {
    "failover_test_cancelled": failover_test_cancelled,
    "cleanup_cancelled": cleanup_cancelled,
    "failover_test_again": failover_test_again,
    "cleanup_again": cleanup_again,
}
