"""The machines of a recovery plan while its job runs: a job of its own for each, in each phase."""

from __future__ import annotations

from collections.abc import Callable

from muster.simulator.asr import (
    item_jobs,
    item_states,
    job_tasks,
    jobs,
    plan_failovers,
    plan_tests,
    plan_trees,
    plans,
)
from muster.simulator.asr import items as asr_items
from muster.simulator.asr.job_tasks import leaves
from muster.simulator.asr.plan_groups import boot_groups
from muster.simulator.asr.plan_steps import node_of
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

ALREADY = {
    "TestFailover": "The test failover of the virtual machine is already done.",
    "TestFailoverCleanup": "The virtual machine has no test failover to clean up.",
    "UnplannedFailover": "The virtual machine has already been failed over.",
    "CommitFailover": "The virtual machine has no failover to commit.",
    "CancelFailover": "The virtual machine has no failover to cancel.",
    "ReverseReplication": "The virtual machine has no committed failover.",
}
"""Why a machine is skipped. That it is: [DOC:recovery-plan-overview]; reasons and words: ours."""
SKIPPED = "AlreadyDone"
WAY = 0.03  # a machine's task ends so much before its group's [PS-RP]

Phase = Callable[[World, Json, Json, Json], Json]
"""Begins one phase of one machine (world, plan's job, machine, item); answers its job."""
PHASES: dict[tuple[str, str], Phase] = {**plan_tests.PHASES, **plan_failovers.PHASES}
_NEEDS_READY = ("TestFailover", "UnplannedFailover")


def of_plan(world: World, plan: Json, operation: str, scenario: str) -> list[Json]:
    """The machines of a plan in the order of its groups, as a job of it keeps them."""
    numbers = {
        entry["lifecycle"]: n
        for n, group in enumerate(boot_groups(plan), start=1)
        for entry in group["replicationProtectedItems"]
    }
    machines = [
        _machine(world, item, numbers[entry["lifecycle"]], operation, scenario)
        for entry, item in plans.members(world, plan)
    ]
    if scenario == "TestFailoverCleanup":  # what another plan brought up is not its own (inferred)
        own = plans.brought_up(world, plan)
        for one in machines:
            if one["item"] not in own:
                one["skipped"] = [SKIPPED, ALREADY[scenario]]
    return machines


def _machine(world: World, item: Json, group: int, operation: str, scenario: str) -> Json:
    can = plans.item_accepts(world, item, operation)
    done = not can and (scenario not in _NEEDS_READY or _is_there(item, scenario))
    return {
        "item": item["id"].lower(),
        "entity": item["entity"],
        "name": item["vm_name"],
        "told": item["vm_name"].lower(),  # as recorded [PS-RP]
        "group": group,
        "skipped": [SKIPPED, ALREADY[scenario]] if done else None,
        "unfit": not can and not done,
        "fault": None,
        "done": [],
        "point": None,
        "point_time": None,
        "child": None,
    }


def _is_there(item: Json, scenario: str) -> bool:
    """Whether a machine has been brought up before, by itself or by another plan."""
    if scenario == "TestFailover":
        return bool(item["test"]["phase"] == "waiting")
    return item["protection_state"] in (item_states.FAILED_OVER, item_states.COMMITTED)


def hold(world: World, job: Json) -> None:
    """No other job may work on the items of a plan's job, also not on those it skips."""
    for one in job["run"]["machines"]:
        item_jobs.hold(world, item_of(world, one), job)


def item_of(world: World, one: Json) -> Json:
    """The item of a machine, wherever it lies now; it cannot go while a plan's job has it."""
    return world.items[_key_now(world, one)]


def _key_now(world: World, one: Json) -> str:
    item = asr_items.now_at(world, one["item"])
    return str(item["id"] if item else one["item"]).lower()


def settle(world: World, job: Json) -> None:
    """The plan's job is over, however it ended: every item is whole, and anybody's again."""
    told = []
    for one in job["run"]["machines"]:
        item = asr_items.now_at(world, one["item"])
        if item is None:
            continue
        if not one["skipped"]:
            plan_tests.settle(world, item)
            plan_failovers.settle(world, item, cancelled=job["cancelled"] is not None)
        if item["busy"] and item["busy"]["job"] == job["id"]:
            item_jobs.release(world, item)
        child = world.table("jobs").get(one["child"] or "")
        if child and not one["fault"]:
            told += child["at_end"].get("protectedItemDetails", [])
    job["at_end"] = {"protectedItemDetails": told}
    job["run"]["left"] = {one["item"]: _signature(world, one) for one in job["run"]["machines"]}
    world.changed = True


def take_back(world: World, job: Json) -> None:
    """A plan's job was cancelled, and what its machines were at with it."""
    for one in job["run"]["machines"]:
        child = world.table("jobs").get(one["child"] or "")
        if child and child["cancelled"] is not None:
            world.effects[child["undo"]](world, {"job": child["id"]})


def demand_free(world: World, job: Json) -> None:
    """Raise NotNow unless a failed job's plan and items are as it left them."""
    plan = world.table("plans").get(job["run"]["plan"])
    if plan is None or plan["job"] != job["id"]:
        raise jobs.NotNow(job["id"])
    for one in job["run"]["machines"]:
        now = _signature(world, one)
        if now is None or now != job["run"]["left"][one["item"]]:
            raise jobs.NotNow(one["item"])


def _signature(world: World, one: Json) -> list[str | None] | None:
    """What must not have changed since a job failed, if it is to go on."""
    item = asr_items.now_at(world, one["item"])
    if item is None or item_states.running(item):
        return None
    return [item["protection_state"], item["test"]["phase"], item["test"]["vm"]]


def begin(world: World, job: Json, step: Json) -> float:
    """Begin a phase for all machines it concerns, at once; answers how long the slowest takes."""
    longest = 0.0
    phase = PHASES[job["scenario"], step["do"]]
    for node, one in _pairs(job, step):
        if one["fault"]:
            node["state"] = dict(jobs.SKIPPED)
        if one["skipped"] or one["fault"] or step["do"] in one["done"]:
            continue
        child = phase(world, job, one, item_of(world, one))
        one["child"] = child["id"]
        node |= {
            "start": world.now,
            "end": child["ends"],
            "custom": plan_trees.machine_details(job, one, child),
        }
        longest = max(longest, child["ends"] - world.now)
    for group in node_of(job, step)["group"]["childTasks"]:
        if group["group"] is not None:  # those inside the shutdown
            group["start"] = world.now
            group["end"] = max((n["end"] for n in leaves(group) if n["end"]), default=world.now)
    return longest + WAY


def outcome(world: World, job: Json, step: Json) -> Json | None:
    """The error of the first machine that failed in a phase; those that failed are told so.

    A shutdown that fails holds nothing up [DOC:tutorial-failover-failback].
    """
    first = None
    for node, one in _pairs(job, step):
        child = world.table("jobs").get(one["child"] or "")
        if one["skipped"] or one["fault"] or child is None or step["do"] in one["done"]:
            continue
        if not child["fails"]:
            one["done"].append(step["do"])
            continue
        error = child["fails"]["error"]
        node |= {"state": dict(job_tasks.FAILED), "errors": [error], "end": child["ends"]}
        if step["do"] != "shutdown":
            one["fault"] = error
            first = first or error
    return first


def _pairs(job: Json, step: Json) -> list[tuple[Json, Json]]:
    """(task, machine) of a phase."""
    machines = [one for one in job["run"]["machines"] if step["only"] in (None, one["group"])]
    return list(zip(leaves(node_of(job, step)), machines, strict=True))


EFFECTS: dict[str, Effect] = {**plan_tests.EFFECTS}
