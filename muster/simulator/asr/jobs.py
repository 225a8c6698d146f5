"""Site Recovery jobs: begun at once, moved by the clock (FACTS 1.6 and 8)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muster.simulator import dates
from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import same
from muster.simulator.call import Call
from muster.simulator.durations import JOB_QUEUED, SECOND_STARTS, Share
from muster.simulator.json_types import Json
from muster.simulator.world import World

ENDED = ("Succeeded", "Failed", "Cancelled")

SKIPPED: Json = {"state": "Other", "description": "Skipped"}


class NotNow(Exception):
    """A failed job cannot be begun once more: what it works on is not free."""


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
    queued: float = JOB_QUEUED,
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
        queued: Azure seconds until it starts.
        told: Whatever its effects need to know, and `undo`, `again`, `of`, `result` (see below).
    """
    starts = world.now + queued
    job: Json = _untold() | {
        "id": str(uuid.uuid4()),
        "vault_id": vault_id,
        "scenario": scenario,
        "subject": {"type": subject.type, "id": subject.id, "name": subject.name},
        "resource": resource,
        "answers": answers,
        "accepted": world.now,
        "starts": starts,
        "ends": None if takes is None else starts + takes,
        "tasks": planned(tasks, starts, takes or 0.0),
        "activity": f"{client_request_id} ActivityId: {uuid.uuid4()}",
        "details": dict(details) if details is not None else None,
    }
    job |= told
    world.table("jobs")[job["id"]] = job
    world.changed = True
    return job


def _untold() -> Json:
    """What a job has, or has not, unless somebody says otherwise."""
    return {
        "second": None,  # (id, from when): the id that GET answers with later (FACTS 1.6)
        "fails": None,  # {"task": number, "error": body}
        "cancelled": None,  # since when; before that it reads Cancelling
        "waits": None,  # why it is Suspended until somebody resumes it
        "resumes": None,  # the effect that then lets it go on
        "suspends": False,  # reads Suspended at its end, until its cleanup
        "undo": None,  # the effect that leaves a whole world behind when it is cancelled
        "again": None,  # the effect that restarts it when it has failed
        "of": None,  # an operation of its own about this job: cancel, resume
        "result": None,  # ARM id that `operationresults` shows, where it is not `resource`
        "remark": None,  # a stateDescription in place of Completed
        "parent": None,  # id of the recovery plan's job it is a part of
        "at_end": {},  # further details, told only at the end
    }


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
    """Let a job fail in one of its tasks.

    `fault` has code, message, causes, action, and perhaps `provider`: code (a number), message.
    """
    task_id = job["tasks"][task]["taskId"] if job["tasks"] else ""
    job["ends"] = at
    job["fails"] = {"task": task, "error": error_body(job, at, task_id, fault)}


def error_body(job: Json, at: float, task_id: str, fault: Json) -> Json:
    """One entry of `errors` [PS-JOB]."""
    provider = fault.get("provider") or {"code": 0, "message": None}
    return {
        "serviceErrorDetails": {
            "code": fault["code"],
            "message": fault["message"],
            "possibleCauses": fault["causes"],
            "recommendedAction": fault["action"],
            "activityId": job["activity"],
        },
        "providerErrorDetails": {
            "errorCode": provider["code"],
            "errorMessage": provider["message"],
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
    if job["cancelled"] is not None:
        word = "Cancelled" if job["cancelled"] <= world.now else "Cancelling"  # both [SPEC]
        return word, word
    if world.now < job["starts"]:
        return "NotStarted", "NotStarted"
    if job["ends"] is None or world.now < job["ends"]:
        return ("Suspended", job["waits"]) if job["waits"] else ("InProgress", "InProgress")
    if job["fails"]:
        return "Failed", "Failed"
    if job["suspends"]:
        return "Suspended", "WaitingForStopTestFailover"  # as plans do in [SPEC]
    return "Succeeded", job["remark"] or "Completed"


def is_running(world: World, job: Json) -> bool:
    """Whether a job still works, or waits in the middle of its work."""
    told, _ = state(world, job)
    return told in ("NotStarted", "InProgress", "Cancelling") or bool(job["waits"])


def find(call: Call) -> Json:
    """What a path names, in the vault it names; by its first id, or by its second.

    An operation about another job is found too: see `about`.
    """
    world, known = call.world, call.target.name.lower()
    if second := world.state.get("job_names", {}).get(known):
        known = str(second)
    job = world.table("jobs").get(known)
    if job is None or not in_vault(job, call):
        raise site_recovery_not_found(call.target.name)
    return job


def in_vault(job: Json, call: Call) -> bool:
    """Whether a job is of the vault a path lies in: groups may have vaults of one name."""
    return same(job["vault_id"], "/".join(call.target.path.split("/")[:9]))


def about(world: World, job: Json) -> Json:
    """The job itself, or the one that an operation of its own is about."""
    return world.table("jobs")[job["of"]] if job["of"] else job


def rename(world: World, job: Json, seconds: float) -> None:
    """From some seconds on, GET by the first id answers with another one (FACTS 1.6)."""
    other = str(uuid.uuid4())
    job["second"] = [other, world.now + seconds]
    world.state.setdefault("job_names", {})[other] = job["id"]


def is_wrapper(world: World, job: Json) -> bool:
    """Whether a job that takes another id is still told by its first: no tasks yet (FACTS 1.6)."""
    return bool(job["second"]) and job["second"][1] > world.now


def started(world: World, job: Json) -> float:
    """When a job started, as it tells itself now: by its second id a little later (FACTS 1.6)."""
    renamed = job["second"] and not is_wrapper(world, job)
    return float(job["starts"]) + (SECOND_STARTS if renamed else 0.0)


def name(world: World, job: Json) -> str:
    """The id that the job goes by now."""
    second = job["second"]
    return str(second[0]) if second and second[1] <= world.now else str(job["id"])


def job_id(world: World, job: Json) -> str:
    """A job's ARM id now."""
    return f"{job['vault_id']}/replicationJobs/{name(world, job)}"


def cleaned_up(world: World, job: Json) -> None:
    """A test failover was cleaned up: its job, or that of its plan, need not wait any more.

    One that failed waits for nothing, and ended when it failed.
    """
    if job["suspends"] and not job["fails"]:
        job |= {"suspends": False, "ends": world.now}
    parent = world.table("jobs").get(job["parent"] or "")
    if parent is None or not parent["suspends"] or parent["fails"]:
        return
    brought_up = [one["item"] for one in parent["run"]["machines"] if not one["skipped"]]
    if not any(key in world.items and world.items[key]["test"]["vm"] for key in brought_up):
        parent |= {"suspends": False, "ends": world.now}
