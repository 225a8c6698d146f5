"""Test failover of a recovery plan, machine by machine: points chosen, copies made and booted."""

from __future__ import annotations

import copy
from dataclasses import replace

from muster.simulator import durations
from muster.simulator.arm.ids import name_of
from muster.simulator.asr import failover_tests, jobs, plan_points, points
from muster.simulator.asr.failover_details import affected
from muster.simulator.asr.placement import network_for
from muster.simulator.asr.plan_children import child_job
from muster.simulator.asr.test_copies import IDLE
from muster.simulator.compute import vms
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

_CHECK, _CREATE, _PREPARE, _START = durations.TEST_FAILOVER_TASKS
# Which of an item's tasks belong to which phase is a guess. Copies appear in the boot phase: in
# the recorded failover the VM was made 35 s before the end [CLI], and a boot takes 40 s [PS-RP].
PREPARE_TASKS = (replace(_CHECK, share=0.03), replace(_PREPARE, share=0.97))
BOOT_TASKS = (
    replace(_CHECK, share=0.02),
    replace(_CREATE, share=0.38),
    replace(_START, share=0.6),
)
APPEARS = 0.12  # of the boot phase


def prepare(world: World, job: Json, one: Json, item: Json) -> Json:
    """The failover phase: a recovery point is chosen, the disks get ready."""
    count = item["counts"]["failover_test"] + 1
    item["counts"]["failover_test"] = count
    whole = durations.failover_test_takes(world.seed, item["name"], count)
    takes = max(whole - durations.PLAN_CHECK - durations.PLAN_BOOT[1], 10.0)
    child = child_job(world, job, item, PREPARE_TASKS, takes)
    fault = plan_points.choose(world, job, one, item)
    if fault:
        jobs.fail(child, world.now + durations.REFUSED_JOB, 0, fault)
        return child
    planned = _planned_fault(item)
    if planned and planned["at"] != "end":
        at, task = (0.02, 0) if planned["at"] == "prerequisites" else (0.9, 1)
        jobs.fail(child, world.now + at * takes, task, planned)
    _starting(item, one, child)
    return child


def boot(world: World, job: Json, one: Json, item: Json) -> Json:
    """The boot phase: the copy appears and gets power at its end."""
    takes = durations.between(durations.PLAN_BOOT, world.seed, "boot", item["name"], job["id"])
    network = network_for(item, job["run"]["network"])
    child = child_job(
        world,
        job,
        item,
        BOOT_TASKS,
        takes,
        details=_details(world, job, item, network),
        network=network or None,
        point=one["point"],
        point_time=one["point_time"],
    )
    planned = _planned_fault(item)
    if planned and planned["at"] == "end":
        jobs.fail(child, child["ends"], 2, planned)
    _starting(item, one, child)
    if world.resource(item["test"]["vm"] or "") is None:  # there is one when the plan goes on
        world.later(APPEARS * takes, "copy_appears", job=child["id"])
    world.later(takes, "plan_copy_up", job=child["id"])
    return child


def _starting(item: Json, one: Json, child: Json) -> None:
    """The item's test failover is on its way; what has been made of it stays."""
    if item["test"]["phase"] not in ("starting", "waiting"):
        item["test"] = copy.deepcopy(IDLE)
    item["test"] |= {
        "phase": "starting",
        "job": child["id"],
        "since": child["starts"],
        "point": points.point_id(item, one["point"]),
    }


def copy_up(world: World, args: Json) -> None:
    """A copy is complete and has power, unless something failed on the way."""
    job = world.table("jobs")[args["job"]]
    item = world.items[job["item"]]
    vm = world.resource(item["test"]["vm"] or "")
    if vm is None or job["fails"]:
        return
    vm["properties"]["provisioningState"] = "Succeeded"
    vms.power_on(world, vm["id"])
    item["tested"] = world.now
    run = world.table("jobs")[job["parent"]]["run"]
    for one in run["machines"]:
        if one["item"] == job["item"]:
            one["vm"] = vm["id"]


def clean(world: World, job: Json, _one: Json, item: Json) -> Json:
    """The cleanup of one machine, as when it is asked of the item itself."""
    count = item["counts"]["cleanup"] + 1
    child = child_job(
        world,
        job,
        item,
        durations.CLEANUP_TASKS,
        durations.cleanup_takes(world.seed, item["name"], count),
        details=_details(world, job, item, None),
        began_as=item["test"]["job"],
        began_at=item["test"]["since"],
    )
    failover_tests.begin_cleanup(world, item, child)
    return child


def _planned_fault(item: Json) -> Json | None:
    fault: Json | None = item["faults"].get("failover_test")
    if not fault or item["counts"]["failover_test"] > fault["times"]:
        return None
    return copy.deepcopy(fault)


def _details(world: World, job: Json, item: Json, network: str | None) -> Json:
    return {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": None,
        "comments": job["run"]["comments"],
        "networkName": name_of(network) if network else None,
        "networkFriendlyName": name_of(network) if network else None,
        "networkType": job["run"]["network_type"] if network else None,
        "protectedItemDetails": [],
        "affectedObjectDetails": affected(world, item),
    }


PHASES = {
    ("TestFailover", "failover"): prepare,
    ("TestFailover", "boot"): boot,
    ("TestFailoverCleanup", "cleanup"): clean,
}
EFFECTS: dict[str, Effect] = {"plan_copy_up": copy_up}
