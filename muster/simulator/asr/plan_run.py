"""How the job of a recovery plan goes: step after step, each begun when the one before is over."""

from __future__ import annotations

from muster.simulator.asr import job_tasks, jobs, plan_action_steps, plan_machines
from muster.simulator.asr.plan_steps import node_of
from muster.simulator.durations import (
    JOB_RENAMED,
    PLAN_CHECK,
    PLAN_END,
    PLAN_FIRST,
    PLAN_GAP,
)
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

NOT_READY = "990010"  # ours: the real code is not known


def start(world: World, job: Json) -> None:
    """Let a plan's job that may start go its way; its items are its own until it ends."""
    jobs.rename(world, job, job["starts"] - world.now + JOB_RENAMED)
    plan_machines.hold(world, job)
    world.later(job["starts"] - world.now + PLAN_FIRST, "plan_step", job=job["id"], step=0)


def step_begins(world: World, args: Json) -> None:
    """Begin a step, and the group of tasks it lies in."""
    job = world.table("jobs")[args["job"]]
    step, n = job["run"]["steps"][args["step"]], args["step"]
    job["run"]["step"] = n
    job["tasks"][step["at"][0]]["start"] = job["tasks"][step["at"][0]]["start"] or world.now
    node = node_of(job, step)
    node["start"] = world.now
    takes = _TAKES.get(step["do"]) or _begun(world, job, step)
    if takes is not None:
        world.later(takes, "plan_step_over", job=job["id"], step=n)
    world.changed = True


def _begun(world: World, job: Json, step: Json) -> float | None:
    """Begin the work of a step; answers how long it takes, None if it will say so itself."""
    if step["do"] == "action":
        return plan_action_steps.begin(world, job, step)
    return plan_machines.begin(world, job, step)


def step_over(world: World, args: Json) -> None:
    """A step is over: the next one, or the end; a failure may stop the plan."""
    job = world.table("jobs")[args["job"]]
    run, n = job["run"], args["step"]
    step = run["steps"][n]
    fault = _closed(world, job, step)
    if fault:
        run["faults"].append(fault)
    if fault and _stops(world, step):
        _fail(world, job, step, fault)
    elif n + 1 < len(run["steps"]):
        _close_group(world, job, step, run["steps"][n + 1])
        world.later(PLAN_GAP, "plan_step", job=job["id"], step=n + 1)
    else:
        _finish(world, job)
    world.changed = True


def _closed(world: World, job: Json, step: Json) -> Json | None:
    """Close the step's task; answers its error if it failed."""
    node = node_of(job, step)
    node["end"] = world.now
    if step["do"] in ("check", "end"):
        return _unfit(job, node, world.now) if step["do"] == "check" else None
    if step["do"] == "action":
        return plan_action_steps.outcome(world, job, step)
    fault = plan_machines.outcome(world, job, step)
    if fault:
        node |= {"state": dict(job_tasks.FAILED), "errors": [fault]}
    return fault


def _unfit(job: Json, node: Json, now: float) -> Json | None:
    """A machine that can neither be worked on nor skipped stops the plan in its first task."""
    unfit = [one for one in job["run"]["machines"] if one["unfit"]]
    if not unfit:
        return None
    fault = {
        "code": NOT_READY,
        "message": f"'{unfit[0]['name']}' is not in a state for the operation.",
        "causes": "Its replication is not complete, or it goes in the other direction.",
        "action": "Look at the allowedOperations of the plan's items.",
    }
    error = jobs.error_body(job, now, node["taskId"], fault)
    node |= {"state": dict(job_tasks.FAILED), "errors": [error]}
    return error


def _stops(world: World, step: Json) -> bool:
    if step["do"] == "action":
        return world.settings.failed_runbook == "fails_plan"
    return step["do"] == "check" or (
        step["do"] != "shutdown" and world.settings.failed_machine == "stops_plan"
    )


def _close_group(world: World, job: Json, step: Json, following: Json) -> None:
    """A set of actions ends with its last one."""
    if step["at"][0] != following["at"][0]:
        top = job["tasks"][step["at"][0]]
        top["end"] = top["end"] or world.now


def _fail(world: World, job: Json, step: Json, fault: Json) -> None:
    """The plan stops here: what has not begun is skipped [PS-JOB]."""
    job |= {"ends": world.now, "fails": {"task": step["at"][0], "error": fault}}
    top = job["tasks"][step["at"][0]]
    top |= {"end": world.now, "state": dict(job_tasks.FAILED)}
    job_tasks.stop(world, job)
    plan_machines.settle(world, job)


def _finish(world: World, job: Json) -> None:
    """The plan is through. Machines that failed on the way are the job's failure in the end."""
    job["ends"] = world.now
    of_machines = [one for one in job["run"]["machines"] if one["fault"]]
    if of_machines:
        job["fails"] = {"task": len(job["tasks"]), "error": of_machines[0]["fault"]}
    elif job["run"]["faults"]:
        job["remark"] = "CompletedWithInformation"  # a word of Site Recovery's; its use is a guess
    plan_machines.settle(world, job)


def cancelled(world: World, args: Json) -> None:
    """A plan's job was cancelled: what it has made waits for its cleanup (inferred).

    An Automation job that it began is not stopped (inferred).
    """
    job = world.table("jobs")[args["job"]]
    plan_machines.take_back(world, job)
    plan_machines.settle(world, job)


def again(world: World, args: Json) -> None:
    """A failed plan goes on with the step it failed in, for the machines that failed (inferred).

    Raises: NotNow if the plan or one of its items has been used since.
    """
    job = world.table("jobs")[args["job"]]
    run = job["run"]
    plan_machines.demand_free(world, job)
    job_tasks.make_ready(job)
    job |= {"fails": None, "ends": None}
    run["faults"].clear()
    for one in run["machines"]:
        one["fault"] = None
    run["steps"][run["step"]].pop("fault", None)
    plan_machines.hold(world, job)
    world.later(PLAN_GAP, "plan_step", job=job["id"], step=run["step"])


_TAKES = {"check": PLAN_CHECK, "end": PLAN_END}

EFFECTS: dict[str, Effect] = {
    "plan_step": step_begins,
    "plan_step_over": step_over,
    "plan_cancelled": cancelled,
    "plan_again": again,
    **plan_action_steps.EFFECTS,
    **plan_machines.EFFECTS,
}
