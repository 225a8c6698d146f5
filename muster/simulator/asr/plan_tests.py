"""Test failover of a recovery plan, machine by machine: points chosen, copies made and booted."""

from __future__ import annotations

import copy
from dataclasses import replace

from muster.simulator import durations
from muster.simulator.asr import copies, failover_tests, items, jobs, plan_points, points
from muster.simulator.asr.item_jobs import begun_for, counted, holds, planned_fault
from muster.simulator.asr.item_states import IDLE
from muster.simulator.asr.placement import network_for
from muster.simulator.asr.plan_children import adopt, asking
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
    count = counted(item, "failover_test")
    item["counts"]["failover_test"] = count
    whole = failover_tests.test_takes(world, item, count)
    takes = max(whole - durations.PLAN_CHECK - world.spans["plan_boot"].high, 10.0)
    child = adopt(job, begun_for(asking(world, job), item, "TestFailover", PREPARE_TASKS, takes))
    if fault := plan_points.choose(world, job, one, item):
        jobs.fail(child, world.now + world.takes("refused_job"), 0, fault)
        return child
    if _fault_at(item) != "end":
        planned_fault(world, item, "failover_test", child, work=(0.9, 1))
    _starting(item, one, child)
    return child


def boot(world: World, job: Json, one: Json, item: Json) -> Json:
    """The boot phase: the copy appears and gets power at its end."""
    by_seed = ("boot", world.seed, item["name"], item["counts"]["failover_test"])
    takes = world.takes("plan_boot", by=by_seed)
    network = network_for(item, job["run"]["network"]) or None
    begun = begun_for(
        asking(world, job),
        item,
        "TestFailover",
        BOOT_TASKS,
        takes,
        details=failover_tests.copy_details(
            world, item, network, job["run"]["network_type"], job["run"]["comments"]
        ),
        network=network,
        point=one["point"],
        point_time=one["point_time"],
    )
    child = adopt(job, begun)
    if _fault_at(item) == "end":
        planned_fault(world, item, "failover_test", child, work=(1.0, 2))
    _starting(item, one, child)
    if item["test"]["vm"] is None:  # there is one when a failed plan goes on
        world.later(APPEARS * takes, "copy_appears", job=child["id"])
    world.later(takes, "plan_copy_up", job=child["id"])
    return child


def copy_up(world: World, args: Json) -> None:
    """A copy is complete and has power, unless something failed on the way."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job) or item["test"]["vm"] is None or job["fails"]:
        return
    copies.created(world, item["test"]["vm"], power=True)
    item["tested"] = world.now


def clean(world: World, job: Json, _one: Json, item: Json) -> Json:
    """The cleanup of one machine, as when it is asked of the item itself."""
    begun = failover_tests.begun_cleanup(asking(world, job), item, job["run"]["comments"])
    child = adopt(job, begun)
    failover_tests.begin_cleanup(world, item, child)
    return child


def settle(world: World, item: Json) -> None:
    """A plan ended: a copy waits for its cleanup; an item that has none is idle."""
    test = item["test"]
    if test["phase"] != "starting":
        return
    if test["vm"] is None:
        item["test"] = copy.deepcopy(IDLE)
        return
    test["phase"] = "waiting"
    copies.created(world, test["vm"], power=False)


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


def _fault_at(item: Json) -> str | None:
    """Where the world file lets this test failover of the item fail."""
    fault = item["faults"].get("failover_test")
    if not fault or item["counts"]["failover_test"] > fault["times"]:
        return None
    return str(fault["at"])


PHASES = {
    ("TestFailover", "failover"): prepare,
    ("TestFailover", "boot"): boot,
    ("TestFailoverCleanup", "cleanup"): clean,
}
EFFECTS: dict[str, Effect] = {"plan_copy_up": copy_up}
