"""Failover of one item, and the parts of it that a recovery plan does one by one (FACTS 6, 7).

For recovery plans: `begun_failover` notes a job, `choose_point` sets its recovery point (of parts
`whole` and `failover`), `begin_failover` lets it go its way until `job["ends"]`; effects that a
plan sets for that instant come after the item's own. Between the parts the item stays held, by the
plan's job if that held it before (`item_jobs.hold`): a plan that ends early has to release it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from muster.simulator import durations
from muster.simulator.asr import (
    failover_details,
    item_states,
    item_tasks,
    items,
    operations,
    points,
)
from muster.simulator.asr.failover_tests import choose_point
from muster.simulator.asr.item_jobs import (
    DIRECTIONS,
    Asking,
    begun_for,
    counted,
    demand_a2a,
    demand_word,
    hold,
    planned_fault,
    refused,
    release,
    wrong_state,
    wrong_way,
)
from muster.simulator.asr.recovered_vms import EFFECTS
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.durations import Share
from muster.simulator.json_types import Json
from muster.simulator.world import World

__all__ = ["EFFECTS", "ROUTES", "Part", "begin_failover", "begun_failover", "choose_point"]

Part = Literal["whole", "shutdown", "failover", "start"]
SOURCE_OPERATIONS = ("Required", "NotRequired")


def start_failover(call: Call) -> Answer:
    """POST …/unplannedFailover."""
    world, item = call.world, items.find(call.world, call.target)
    given = call.properties()
    asked = demand_a2a(given)
    wanted = demand_word(given, "sourceSiteOperations", SOURCE_OPERATIONS) or "NotRequired"
    direction = demand_word(given, "failoverDirection", DIRECTIONS) or DIRECTIONS[0]
    job = begun_failover(call, item, shutdown=wanted == "Required")
    if not item_states.accepts(item, "UnplannedFailover", world.settings):
        return wrong_state(call, item, job)
    if direction != DIRECTIONS[0]:
        return wrong_way(call, item, job, direction)
    if companions(world, item):
        return refused(call, job, *_TOGETHER)
    if fault := choose_point(call, item, job, asked.get("recoveryPointId")):
        return operations.fails_at_once(call, job, fault)
    begin_failover(world, item, job)
    return operations.accepted(call, job)


def refuse_planned(call: Call) -> Answer:
    """POST …/plannedFailover: not one of A2A's operations (FACTS 7)."""
    item = items.find(call.world, call.target)
    demand_a2a(call.properties())
    job = begun_for(call, item, "PlannedFailover", item_tasks.FAILOVER_TASKS, 1.0)
    return wrong_state(call, item, job)


# -- shared with recovery plans ---------------------------------------------------------------


def companions(world: World, item: Json) -> list[Json]:
    """The other members of an item's multi-VM group: they fail over only together (FACTS 6)."""
    if not item["multi_vm_group"]:
        return []
    return [
        other
        for other in world.items.values()
        if other["ids"]["group"] == item["ids"]["group"] and other["id"] != item["id"]
    ]


def begun_failover(
    asking: Asking, item: Json, *, shutdown: bool = False, part: Part = "whole"
) -> Json:
    """The job of a failover, or of a part of one, whatever becomes of it.

    Args:
        asking: Who asks: a call, or `item_jobs.Later`.
        item: What fails over.
        shutdown: Whether the source VM is to be stopped first (of part `whole`).
        part: `whole`, or what a plan does in its turn: `shutdown`, `failover`, `start`.
    """
    tasks, takes = _tasks(asking.world, item, part, shutdown=shutdown)
    return begun_for(
        asking,
        item,
        "UnplannedFailover",
        tasks,
        takes,
        details=failover_details.failover(asking.world, item),
        part=part,
        shutdown=shutdown or part == "shutdown",
        point=None,
        point_time=None,
    )


def begin_failover(world: World, item: Json, job: Json) -> None:
    """Let a failover, or a part of one, that may start go its way."""
    before = world.table("jobs").get((item["busy"] or {}).get("job", ""))
    if before is not None and before.get("part"):
        release(world, item)  # the part before this one held it until now
    hold(world, item, job)
    part = job["part"]
    if part in ("whole", "failover"):
        item["counts"]["failover"] = counted(item, "failover")
        item["failover"] |= {
            "stopped": job["starts"],
            "point": points.point_id(item, job["point"]),
            "point_time": job["point_time"],
        }
    fault = _planned(world, item, job) if part in ("whole", "start") else None
    if part in ("whole", "shutdown"):
        settled = _end_of(job, item_tasks.SHUTDOWN[0])
        if settled <= job["ends"] + 0.001:  # else it failed before
            at = min(settled, job["ends"])
            world.later(at - world.now, "source_settled", job=job["id"])
    if part in ("whole", "start") and fault in (None, "end"):
        appears = job["tasks"][-1]["end"] - durations.VM_CREATED
        world.later(appears - world.now, "recovered_appears", job=job["id"])
    world.later(job["ends"] - world.now, "failover_ends", job=job["id"])


def _planned(world: World, item: Json, job: Json) -> str | None:
    """A failover's fault; a plan meets it when the VM is made."""
    work = (0.6, 3) if job["part"] == "whole" else (0.1, 0)
    return planned_fault(world, item, "failover", job, work=work)


def _end_of(job: Json, task_id: str) -> float:
    return next(float(task["end"]) for task in job["tasks"] if task["taskId"] == task_id)


def _tasks(
    world: World, item: Json, part: Part, *, shutdown: bool
) -> tuple[tuple[Share, ...], float]:
    """The tasks, and Azure seconds in all: the step that makes the VM varies."""
    by_seed = ("failover", world.seed, item["name"], counted(item, "failover"), part)
    if part != "whole":
        # The parts of one failover lie together between the two recorded ones, of which the longer
        # one shut down faster.
        number = item["counts"].get("failover", 0) + (part != "start")
        chance = durations.spread("plan", world.seed, item["name"], number)
        chance = 1 - chance if part == "shutdown" else chance
        return item_tasks.PART_TASKS[part], world.spans[_SPANS[part]].draw(chance)
    rest = world.takes("failover", by=by_seed)
    if shutdown:
        return item_tasks.FAILOVER_TASKS, rest + world.takes("shutdown", by=by_seed)
    return item_tasks.FAILOVER_TASKS_NO_SHUTDOWN, rest


_SPANS: Mapping[Part, str] = {
    "shutdown": "plan_shutdown",
    "failover": "plan_failover",
    "start": "plan_boot",
}


_TOGETHER = (
    "The virtual machine is a member of a multi-VM consistency group, whose members fail over "
    "only together.",
)
_NOTE = (
    "Tasks and details are recorded. Between failover and commit the item follows the API's "
    "examples; `failed_over_lists` says which operations it lists. How a failed shutdown reads, "
    "what is said in a wrong state, what an item shows and allows whose failover was cancelled "
    "(it replicates no more, as Microsoft's pages say): inferred."
)
ROUTES: Routes = {
    (f"{items.TYPE}/unplannedFailover", "post"): Route(start_failover, "recorded", _NOTE),
    (f"{items.TYPE}/plannedFailover", "post"): Route(
        refuse_planned, "specified", "Refused: it is not among the operations of A2A."
    ),
}
