"""The tree of tasks of a recovery plan's job, as recorded [PS-RP]; nothing in it has begun yet."""

from __future__ import annotations

from collections.abc import Sequence

from muster.simulator.arm.ids import name_of, parse
from muster.simulator.asr import job_bodies, jobs
from muster.simulator.asr.plan_actions import RUNBOOK
from muster.simulator.json_types import Json
from muster.simulator.world import World

GROUP, SHUTDOWN = "RecoveryPlanGroupTaskDetails", "RecoveryPlanShutdownGroupTaskDetails"
MACHINE = "VirtualMachineTaskDetails"


def check(world: World, job: Json) -> Json:
    """The first task."""
    return jobs.plain_task(
        world.guid(job["id"], "check"),
        "RpSrsPrerequisitesCheck",
        "Prerequisites check for the recovery plan",
    )


def end(world: World, job: Json) -> Json:
    """The last task."""
    return jobs.plain_task(
        world.guid(job["id"], "end"), "EndRecoveryPlanTask", "Finalizing the recovery plan"
    )


def group(
    name: str, friendly: str, kind: str, children: Sequence[Json], details: str = GROUP
) -> Json:
    """A task that holds others: its name is `Unknown`, its content in groupTaskCustomDetails."""
    return jobs.plain_task(name, "Unknown", friendly) | {
        "type": details,
        "custom": None,
        "group": {
            "name": name,
            "groupId": name,
            "rpGroupType": kind,
            "instanceType": details,
            "childTasks": list(children),
        },
    }


def machine(world: World, job: Json, one: Json, phase: str) -> Json:
    """The task of one machine in one phase; a skipped one says why [PS-JOB][PS-RP]."""
    node = jobs.plain_task(world.guid(job["id"], phase, one["entity"]), "Unknown", one["told"])
    node |= {"type": MACHINE, "custom": machine_details(job, one, None)}
    return node | {"state": dict(jobs.SKIPPED)} if one["skipped"] else node


def machine_details(job: Json, one: Json, child: Json | None) -> Json:
    """The customDetails of a machine's task; before it has begun its job has no id [PS-RP]."""
    reason, text = one["skipped"] or ("None", None)
    return {
        "skippedReason": reason,
        "skippedReasonString": text,
        "jobTask": {
            "jobId": f"{job['vault_id']}/replicationJobs/{child['id'] if child else ''}",
            "jobFriendlyName": job_bodies.friendly(child["scenario"]) if child else "Unknown",
            "targetObjectId": one["entity"],
            "targetObjectName": one["told"],
            "targetInstanceType": "Vm",
            "jobScenarioName": child["scenario"] if child else "Unknown",
        },
        "instanceType": MACHINE,
    }


def action(world: World, job: Json, name: str, n: int, told: Json) -> Json:
    """The task of one action; where such tasks sit in the tree is UNCERTAIN."""
    details = told["customDetails"]
    is_runbook = details["instanceType"] == RUNBOOK
    kind = "AutomationRunbookTaskDetails" if is_runbook else "ManualActionTaskDetails"
    node = jobs.plain_task(world.guid(job["id"], name, n), "Unknown", told["actionName"])
    return node | {"type": kind, "custom": _runbook(told) if is_runbook else _manual(told)}


def _runbook(told: Json) -> Json:
    runbook = parse(told["customDetails"]["runbookId"])
    return {
        "name": told["actionName"],
        "cloudServiceName": None,
        "subscriptionId": runbook.subscription,
        "accountName": runbook.names[0],
        "runbookId": told["customDetails"]["runbookId"],
        "runbookName": name_of(runbook.path),
        "jobId": None,
        "jobOutput": None,
        "isPrimarySideScript": told["customDetails"]["fabricLocation"] == "Primary",
        "instanceType": "AutomationRunbookTaskDetails",
    }


def _manual(told: Json) -> Json:
    return {
        "name": told["actionName"],
        "instructions": told["customDetails"]["description"],
        "observation": None,
        "instanceType": "ManualActionTaskDetails",
    }
