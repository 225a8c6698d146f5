"""Site Recovery jobs: begun at once, moved by the clock (FACTS 1.6 and 8)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muster.simulator import dates
from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import name_of, same
from muster.simulator.call import Call
from muster.simulator.durations import JOB_QUEUED, Share
from muster.simulator.json_types import Json
from muster.simulator.world import World

ENDED = ("Succeeded", "Failed", "Cancelled")
SKIPPED: Json = {"state": "Other", "description": "Skipped"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a job is about; `id` is an internal GUID, never an ARM id [PS-RP]."""

    type: str  # ProtectionEntity, Server, ProtectionContainer, ProtectionProfile, Network …
    id: str
    name: str


def begin(
    world: World,
    vault_id: str,
    scenario: str,
    subject: Subject,
    *,
    resource: str,
    takes: float | None,
    client_request_id: str,
    tasks: Sequence[Share] = (),
    answers: bool = True,
    details: Mapping[str, Any] | None = None,
    **told: Any,
) -> Json:
    """Note a job that was accepted now.

    Args:
        world: Where.
        vault_id: ARM id of its vault.
        scenario: Azure's word: `TestFailover`, `CreateSite` …
        subject: What it is about.
        resource: ARM id of the resource its `Location` lies under.
        takes: Azure seconds; None for a job whose end is not known yet (see `end`).
        client_request_id: Of the write that began it.
        tasks: Its tasks, one after the other, each with its share of `takes`.
        answers: Whether `operationresults` shows the resource at the end (else 204).
        details: Its customDetails.
        told: Whatever its effects need to know.
    """
    starts = world.now + JOB_QUEUED
    job: Json = {
        "id": str(uuid.uuid4()),
        "second": None,  # (id, from when): the id that GET answers with later (FACTS 1.6)
        "vault_id": vault_id,
        "scenario": scenario,
        "subject": {"type": subject.type, "id": subject.id, "name": subject.name},
        "resource": resource,
        "answers": answers,
        "accepted": world.now,
        "starts": starts,
        "ends": None if takes is None else starts + takes,
        "tasks": planned(tasks, starts, takes or 0.0),
        "fails": None,  # {"task": number, "error": body}
        "cancelled": None,  # since when
        "waits": None,  # why it is Suspended until somebody resumes it
        "suspends": False,  # reads Suspended at its end, until its cleanup
        "activity": f"{client_request_id} ActivityId: {uuid.uuid4()}",
        "details": dict(details) if details is not None else None,
        "at_end": {},  # further details, told only at the end
    } | told
    world.table("jobs")[job["id"]] = job
    world.changed = True
    return job


def planned(shares: Sequence[Share], starts: float, takes: float) -> list[Json]:
    """Plain tasks that follow each other."""
    tasks, at = [], starts
    for share in shares:
        tasks.append(plain_task(share.task_id, share.name, share.friendly) | {"start": at})
        at += share.share * takes
        tasks[-1]["end"] = at
    return tasks


def plain_task(task_id: str, name: str, friendly: str) -> Json:
    """A task as it is kept: with `start` and `end` it moves by the clock, with `state` by hand.

    `group` holds groupTaskCustomDetails with its `childTasks` as such tasks.
    """
    return {
        "taskId": task_id,
        "name": name,
        "friendlyName": friendly,
        "type": "TaskDetails",
        "custom": {"instanceType": "TaskDetails"},
        "group": None,
        "start": None,
        "end": None,
        "state": None,
        "errors": [],
    }


def end(world: World, job: Json) -> None:
    """Let a job end now, as its `fails` says."""
    job["ends"], job["waits"] = world.now, None
    world.changed = True


def fail(job: Json, at: float, task: int, fault: Json) -> None:
    """Let a job fail in one of its tasks; `fault` has code, message, causes, action."""
    task_id = job["tasks"][task]["taskId"] if job["tasks"] else ""
    job["ends"] = at
    job["fails"] = {"task": task, "error": error_body(job, at, task_id, fault)}


def error_body(job: Json, at: float, task_id: str, fault: Json) -> Json:
    """One entry of `errors` [PS-JOB]."""
    return {
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
    }


def state(world: World, job: Json) -> tuple[str, str]:
    """(state, stateDescription) now."""
    if job["cancelled"] is not None and job["cancelled"] <= world.now:
        return "Cancelled", "Cancelled"
    if world.now < job["starts"]:
        return "NotStarted", "NotStarted"
    if job["ends"] is None or world.now < job["ends"]:
        return ("Suspended", job["waits"]) if job["waits"] else ("InProgress", "InProgress")
    if job["fails"]:
        return "Failed", "Failed"
    if job["suspends"]:
        return "Suspended", "WaitingForStopTestFailover"  # as plans do in [SPEC]
    return "Succeeded", "Completed"


def find(call: Call) -> Json:
    """The job a path names, in the vault it names; by its first id, or by its second."""
    world, known = call.world, call.target.name.lower()
    if second := world.state.get("job_names", {}).get(known):
        known = str(second)
    job = world.table("jobs").get(known)
    if job is None or not same(name_of(job["vault_id"]), call.target.names[0]):
        raise site_recovery_not_found(call.target.name)
    return job


def rename(world: World, job: Json, seconds: float) -> None:
    """From some seconds on, GET by the first id answers with another one (FACTS 1.6)."""
    other = str(uuid.uuid4())
    job["second"] = [other, world.now + seconds]
    world.state.setdefault("job_names", {})[other] = job["id"]


def name(world: World, job: Json) -> str:
    """The id that the job goes by now."""
    second = job["second"]
    return str(second[0]) if second and second[1] <= world.now else str(job["id"])


def job_id(world: World, job: Json) -> str:
    """A job's ARM id now."""
    return f"{job['vault_id']}/replicationJobs/{name(world, job)}"
