"""Actions at work: a runbook runs as a real Automation job, a manual action waits for somebody."""

from __future__ import annotations

import json
import uuid

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError
from muster.simulator.asr import job_tasks, jobs
from muster.simulator.asr.plan_actions import MANUAL
from muster.simulator.asr.plan_steps import node_of
from muster.simulator.automation import jobs as automation
from muster.simulator.durations import RUNBOOK_LOOK
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

WAITS = "WaitingForManualAction"
"""A word of Site Recovery's workflows (its first PowerShell module lists them); not recorded."""
SUSPENDED: Json = {"state": "Suspended", "description": WAITS}
RUNBOOK_FAILED = "990011"  # ours: what a plan says of a failed runbook is not known

_CONTEXT_TYPES = {"TestFailover": "Test", "UnplannedFailover": "Unplanned"}
_CONTEXT_DIRECTIONS = {
    "PrimaryToRecovery": "PrimaryToSecondary",
    "RecoveryToPrimary": "SecondaryToPrimary",
}


def begin(world: World, job: Json, step: Json) -> float | None:
    """Begin an action; it says itself when it is over."""
    node = node_of(job, step)
    if step["action"]["customDetails"]["instanceType"] == MANUAL:
        job |= {"waits": WAITS, "resumes": "plan_resumed"}
        node["state"] = dict(SUSPENDED)
        return None
    runbook = world.resource(step["action"]["customDetails"]["runbookId"])
    if runbook is None:
        step["fault"] = "The runbook was not found."
        return 1.0
    name = str(uuid.UUID(world.guid("runbook", job["id"], *step["at"], world.now)))
    context = json.dumps(recovery_plan_context(world, job, step))
    account = runbook["id"].rpartition("/runbooks/")[0]
    given = {"RecoveryPlanContext": context}
    try:
        started = automation.begin(world, account, runbook["name"], name, given)
    except AzureError as refused:  # never published
        step["fault"] = refused.message
        return 1.0
    step["runs"] = started["id"].lower()
    node["custom"]["jobId"] = started["job_id"]
    world.later(RUNBOOK_LOOK, "plan_runbook_look", job=job["id"], step=job["run"]["step"])
    return None


def recovery_plan_context(world: World, job: Json, step: Json) -> Json:
    """What a runbook is told [DOC:site-recovery-runbook-automation].

    Group and name of the VMs are empty before those of the group have come up.
    """
    up = step["after"]
    machines = [one for one in job["run"]["machines"] if step["group"] in (None, one["group"])]
    return {
        "RecoveryPlanName": job["subject"]["name"],
        "FailoverType": _CONTEXT_TYPES[job["scenario"]],
        "FailoverDirection": _CONTEXT_DIRECTIONS[job["run"]["direction"]],
        # A group that no machine starts in has no number; what is said then is not known.
        "GroupId": str(step["group"] or job["tasks"][step["at"][0]]["taskId"]),
        "VmMap": {one["entity"]: _vm(world, one, up=up) for one in machines},
    }


def _vm(world: World, one: Json, *, up: bool) -> Json:
    item = world.items[one["item"]]
    vm = world.resource(item["test"]["vm"] or item["failover"]["vm"] or "") if up else None
    place = vm["id"].split("/") if vm else []
    return {
        "SubscriptionId": item["vm"].split("/")[2],
        "ResourceGroupName": place[4] if vm else "",
        "CloudServiceName": "",
        "RoleName": vm["name"] if vm else "",
        "RecoveryPointId": dates.ticks(one["point_time"]) if one["point_time"] else "",
    }


def look(world: World, args: Json) -> None:
    """See how the runbook's job stands, as anybody could; any end of it ends the wait."""
    job = world.table("jobs")[args["job"]]
    step = job["run"]["steps"][args["step"]]
    runs = world.table("automation_jobs").get(step["runs"])
    if runs is not None and automation.status_of(world, runs) not in automation.ENDED:
        again = min(RUNBOOK_LOOK, max(automation.ends_at(runs) - world.now, 1.0))
        world.later(again, "plan_runbook_look", job=job["id"], step=args["step"])
        return
    node = node_of(job, step)
    if runs is None or automation.status_of(world, runs) != "Completed":
        step["fault"] = str(runs["exception"] if runs else "The runbook's job is gone.")
    node["custom"]["jobOutput"] = runs["output"] if runs else None
    world.later(0.0, "plan_step_over", job=job["id"], step=args["step"])


def resumed(world: World, args: Json) -> None:
    """Somebody has done what a manual action asked for, and said so."""
    job = world.table("jobs")[args["job"]]
    n = job["run"]["step"]
    node = node_of(job, job["run"]["steps"][n])
    node |= {"state": None}
    node["custom"]["observation"] = args["comments"]
    world.later(0.0, "plan_step_over", job=job["id"], step=n)


def outcome(world: World, job: Json, step: Json) -> Json | None:
    """The error of a runbook that failed."""
    if not step.get("fault"):
        return None
    node = node_of(job, step)
    fault = {
        "code": RUNBOOK_FAILED,
        "message": f"The runbook of the action '{step['action']['actionName']}' failed: "
        f"{step['fault']}",
        "causes": "The runbook's job ended otherwise than Completed.",
        "action": "Look at the job in the Automation account.",
    }
    error = jobs.error_body(job, world.now, node["taskId"], fault)
    node |= {"state": dict(job_tasks.FAILED), "errors": [error]}
    return error


EFFECTS: dict[str, Effect] = {"plan_runbook_look": look, "plan_resumed": resumed}
