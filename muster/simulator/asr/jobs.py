"""Site Recovery jobs: begun at once, moved by the clock, told as recorded (FACTS 1.6 and 8)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from muster.simulator import dates
from muster.simulator.arm.errors import bad_request, site_recovery_not_found
from muster.simulator.arm.ids import name_of, same
from muster.simulator.call import Answer, Call, listed
from muster.simulator.durations import JOB_QUEUED, Share
from muster.simulator.json_types import Json
from muster.simulator.world import World

FRIENDLY = {"TestFailover": "Test failover", "TestFailoverCleanup": "Test failover cleanup"}


def begin(
    world: World,
    item: Json,
    scenario: str,
    shares: Sequence[Share],
    takes: float,
    client_request_id: str,
    **told: Any,
) -> Json:
    """Note a job accepted now that takes so many Azure seconds; `told` goes into its details."""
    starts = world.now + JOB_QUEUED
    tasks, at = [], starts
    for share in shares:
        tasks.append(
            {
                "taskId": share.task_id,
                "name": share.name,
                "friendlyName": share.friendly,
                "start": at,
                "end": at + share.share * takes,
            }
        )
        at += share.share * takes
    job: Json = {
        "id": str(uuid.uuid4()),
        "vault_id": item["vault_id"],
        "scenario": scenario,
        "item": item["id"].lower(),
        "accepted": world.now,
        "starts": starts,
        "ends": starts + takes,
        "tasks": tasks,
        "fails": None,
        "suspends": False,
        "activity": f"{client_request_id} ActivityId: {uuid.uuid4()}",
        "network": None,
        "network_type": None,
        "point": None,
        "point_time": None,
        "comments": "",
        "subnet": None,
    } | told
    world.table("jobs")[job["id"]] = job
    world.changed = True
    return job


def fail(job: Json, at: float, task: int, fault: Json) -> None:
    """Let a job fail in one of its tasks; `fault` has code, message, causes, action."""
    task_id = job["tasks"][task]["taskId"]
    job["ends"] = at
    job["fails"] = {
        "task": task,
        "error": {
            "serviceErrorDetails": {
                "code": fault["code"],
                "message": fault["message"],
                "possibleCauses": fault["causes"],
                "recommendedAction": fault["action"],
                "activityId": job["activity"],
            },
            "providerErrorDetails": {
                "errorCode": 0,
                "errorMessage": None,
                "errorId": str(uuid.uuid5(uuid.UUID(job["id"]), "error")),
                "possibleCauses": "",
                "recommendedAction": "",
            },
            "errorLevel": "Error",
            "creationTime": dates.ticks(at),
            "taskId": task_id,
        },
    }


def state(world: World, job: Json) -> tuple[str, str]:
    """(state, stateDescription) now."""
    if world.now < job["starts"]:
        return "NotStarted", "NotStarted"
    if world.now < job["ends"]:
        return "InProgress", "InProgress"
    if job["fails"]:
        return "Failed", "Failed"
    if job["suspends"]:
        return "Suspended", "WaitingForStopTestFailover"  # as plans do in [SPEC]
    return "Succeeded", "Completed"


def find(call: Call) -> Json:
    """The job a path names, in the vault it names; its name is the operation's id."""
    job = call.world.table("jobs").get(call.target.name.lower())
    if job is None or not same(name_of(job["vault_id"]), call.target.names[0]):
        raise site_recovery_not_found(call.target.name)
    return job


def get_job(call: Call) -> Answer:
    """GET …/replicationJobs/{job}: with tasks and details."""
    job = find(call)
    return Answer(200, body(call.world, job, whole=True), {"x-ms-request-id": job_id(job)})


def list_jobs(call: Call) -> Answer:
    """GET …/replicationJobs: newest first, without tasks and details.

    A job that has not started is not listed: lists lag (by how much is UNCERTAIN).
    """
    world, wanted = call.world, _filter(call.query.get("$filter", ""))
    jobs = [
        job
        for job in world.table("jobs").values()
        if same(name_of(job["vault_id"]), call.target.names[0]) and job["starts"] <= world.now
    ]
    jobs.sort(key=lambda job: float(job["starts"]), reverse=True)
    return listed(
        [
            body(world, job, whole=False)
            for job in jobs
            if all(value == _field(world, job, name) for name, value in wanted.items())
        ]
    )


def job_id(job: Json) -> str:
    """A job's ARM id."""
    return f"{job['vault_id']}/replicationJobs/{job['id']}"


def body(world: World, job: Json, *, whole: bool) -> Json:
    """A job as GET (whole) or the list tells it."""
    now_state, description = state(world, job)
    item = world.items[job["item"]]
    properties: Json = {
        "activityId": job["activity"] if whole else None,
        "scenarioName": job["scenario"],
        "friendlyName": FRIENDLY[job["scenario"]],
        "state": now_state,
        "stateDescription": description,
        "tasks": [],
        "errors": [],
        "allowedActions": {"InProgress": ["Cancel"], "Suspended": ["Cancel", "Resume"]}.get(
            now_state, []
        ),
        "targetObjectId": item["entity"],
        "targetObjectName": item["vm_name"],
        "targetInstanceType": "ProtectionEntity",
        "customDetails": None,
    }
    if now_state == "NotStarted":
        properties |= {
            "scenarioName": None,
            "friendlyName": None,
            "targetObjectId": None,
            "targetObjectName": None,
            "customDetails": {"instanceType": "AsrJobDetails", "affectedObjectDetails": {}},
        }
    else:
        properties["startTime"] = dates.ticks(job["starts"])
        if now_state in ("Succeeded", "Failed"):
            properties["endTime"] = dates.whole(job["ends"])
        if whole:
            properties["tasks"] = [_task(world, job, n) for n in range(len(job["tasks"]))]
            properties["customDetails"] = _details(world, job, item)
    if now_state == "Failed":
        properties["errors"] = [job["fails"]["error"]]
    return {
        "id": job_id(job),
        "name": job["id"],
        "type": "Microsoft.RecoveryServices/vaults/replicationJobs",
        "properties": properties,
    }


def _task(world: World, job: Json, n: int) -> Json:
    planned, fails, errors = job["tasks"][n], job["fails"], []
    start, end = dates.NO_TASK, dates.NO_TASK
    over = world.now >= job["ends"]
    if fails and over and n > fails["task"]:
        now_state, description = "Other", "Skipped"
    elif world.now < planned["start"]:
        now_state, description = "NotStarted", "NotStarted"
    elif fails and over and n == fails["task"]:
        now_state, description, errors = "Failed", "Failed", [fails["error"]]
        start, end = dates.ticks(planned["start"]), dates.ticks(job["ends"])
    elif world.now < planned["end"]:
        now_state, description, start = "InProgress", "InProgress", dates.ticks(planned["start"])
    else:
        now_state, description = "Succeeded", "Completed"
        start, end = dates.ticks(planned["start"]), dates.ticks(planned["end"])
    return {
        "taskId": planned["taskId"],
        "name": planned["name"],
        "startTime": start,
        "endTime": end,
        "allowedActions": [],
        "friendlyName": planned["friendlyName"],
        "state": now_state,
        "stateDescription": description,
        "taskType": "TaskDetails",
        "customDetails": {"instanceType": "TaskDetails"},
        "groupTaskCustomDetails": None,
        "errors": errors,
    }


def _details(world: World, job: Json, item: Json) -> Json:
    """TestFailoverJobDetails; the protected item is told only at the end, as for failovers."""
    told = job["scenario"] == "TestFailover"
    protected = []
    if told and state(world, job)[0] in ("Succeeded", "Suspended"):
        protected.append(
            {
                "name": item["entity"],
                "friendlyName": item["vm_name"],
                "testVmName": f"{item['vm_name']}-test",
                "testVmFriendlyName": f"{item['vm_name']}-test",
                "networkConnectionStatus": None,
                "networkFriendlyName": name_of(job["network"]),
                "subnet": job["subnet"],
                "recoveryPointId": job["point"],
                "recoveryPointTime": dates.ticks(job["point_time"]),
            }
        )
    return {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": None,
        "comments": job["comments"],
        "networkName": name_of(job["network"]) if told and job["network"] else None,
        "networkFriendlyName": name_of(job["network"]) if told and job["network"] else None,
        "networkType": job["network_type"],
        "protectedItemDetails": protected,
        "affectedObjectDetails": {
            "primaryVmId": item["entity"],
            "primaryVmName": item["vm_name"],
            "primaryVmmId": world.guid("fabric", item["fabric"]),
            "primaryVmmName": item["location"],
            "recoveryVmmId": world.guid("fabric", item["recovery_fabric"]),
            "recoveryVmmName": item["recovery_location"],
            "primaryFabricProviderId": "Azure",
            "recoveryFabricProviderId": "Azure",
        },
    }


_TERM = re.compile(r"\s*(jobStatus|jobName|scenarioName)\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


def _filter(text: str) -> dict[str, str]:
    """`JobStatus eq 'InProgress' and …`. The grammar is UNCERTAIN: what is not read is refused."""
    wanted = {}
    for term in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text.strip() else ():
        found = _TERM.fullmatch(term)
        if found is None:
            raise bad_request(
                "InvalidFilter", f"The filter '{text}' is not understood by the simulator."
            )
        wanted[found[1].lower()] = found[2]
    return wanted


def _field(world: World, job: Json, name: str) -> str:
    told = {
        "jobstatus": state(world, job)[0],
        "jobname": job["id"],
        "scenarioname": job["scenario"],
    }
    return str(told[name])
