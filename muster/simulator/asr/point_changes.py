"""Another recovery point for an item that failed over: applyRecoveryPoint (FACTS 7, ChangePit)."""

from __future__ import annotations

from muster.simulator import durations
from muster.simulator.arm.errors import bad_input
from muster.simulator.asr import (
    commits,
    copies,
    failover_details,
    item_states,
    item_tasks,
    items,
    jobs,
    operations,
    points,
    recovered_vms,
)
from muster.simulator.asr.failover_tests import choose_point
from muster.simulator.asr.item_jobs import begun_for, demand_a2a, hold, holds, release, wrong_state
from muster.simulator.asr.placement import NoPlace
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def start_change(call: Call) -> Answer:
    """POST …/applyRecoveryPoint."""
    item = items.find(call.world, call.target)
    given = call.properties()
    demand_a2a(given)
    asked = given.get("recoveryPointId")
    if not asked:
        raise bad_input("recoveryPointId is required.")
    takes = call.world.takes(
        "change_point", by=("change", call.world.seed, item["name"], call.world.now)
    )
    told = {
        "point": None,
        "point_time": None,
        "details": failover_details.failover(call.world, item),
    }
    job = begun_for(call, item, "ChangePit", item_tasks.CHANGE_POINT_TASKS, takes, **told)
    if not item_states.accepts(item, "ChangePit", call.world.settings):
        return wrong_state(call, item, job)
    if fault := choose_point(call, item, job, str(asked)):
        return operations.fails_at_once(call, job, fault)
    _begin(call.world, item, job)
    return operations.accepted(call, job)


def _begin(world: World, item: Json, job: Json) -> None:
    hold(world, item, job)
    changes = job["ends"] - durations.VM_CREATED
    world.later(changes - world.now, "point_changes", job=job["id"])
    world.later(job["ends"] - world.now, "point_changed", job=job["id"])


def point_changes(world: World, args: Json) -> None:
    """The recovered VM goes, and one of the other point comes under the same name."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    try:
        commits.take_away(world, item)
        point = points.point_id(item, job["point"])
        item["failover"] |= {"point": point, "point_time": job["point_time"]}
        recovered_vms.make(world, item, job)
    except NoPlace as reason:
        jobs.fail(job, world.now, 1, reason.fault())
        release(world, item)


def point_changed(world: World, args: Json) -> None:
    """The VM of the other point boots."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is not None and holds(item, job):
        copies.created(world, item["failover"]["vm"], power=True)
        release(world, item)


EFFECTS: dict[str, Effect] = {"point_changes": point_changes, "point_changed": point_changed}
_NOTE = "All of the job, and that the VM is made anew under its old name: inferred."
ROUTES: Routes = {
    (f"{items.TYPE}/applyRecoveryPoint", "post"): Route(start_change, "inferred", _NOTE)
}
