"""What may be asked of a job: cancel, resume, restart; and the export of many (FACTS 8)."""

from __future__ import annotations

from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import same
from muster.simulator.asr import job_bodies, job_filters, job_tasks, jobs, operations
from muster.simulator.asr.job_lists import begun_in_vault
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.durations import JOB_CANCELLED, JOB_VERB, RESUMED_AFTER, Share
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

RESTART_TASKS = (Share("RemediateWfTask", "RemediateTask", "Restarting job", 1.0),)  # [SPEC]


def cancel(call: Call) -> Answer:
    """POST …/cancel: accepted; the job reads Cancelling [SPEC], then Cancelled.

    What was planned for it does not happen any more. Its `undo` then leaves a whole world: what
    had been made is taken away, or waits for a cleanup (inferred, no cancel was recorded).
    """
    world, job = call.world, _job(call)
    operation = _operation(call, job)
    if "Cancel" not in job_bodies.allowed_actions(world, job):
        return _refuse(call, operation, job, "cancelled")
    if jobs.is_running(world, job):
        stop(world, job)
    else:  # its work is done: only the waiting ends
        job |= {"cancelled": world.now, "ends": None, "suspends": False}
    return operations.accepted(call, operation)


def stop(world: World, job: Json) -> None:
    """Let a running job be cancelled, with all its parts."""
    parts = [part for part in _parts(world, job) if jobs.is_running(world, part)]
    world.forget([part["id"] for part in (job, *parts)])
    for part in (job, *parts):
        part |= {"cancelled": world.now + JOB_CANCELLED, "ends": None, "waits": None}
    world.later(JOB_CANCELLED, "job_cancelled", of=job["id"])


def resume(call: Call) -> Answer:
    """POST …/resume `{properties: {comments}}`: somebody says that a manual action is done.

    A test failover that waits for its cleanup takes it too, and goes on waiting [SPEC].
    """
    world, job = call.world, _job(call)
    comments = str(call.properties().get("comments") or "")
    operation = _operation(call, job)
    if "Resume" not in job_bodies.allowed_actions(world, job):
        return _refuse(call, operation, job, "resumed")
    if job["waits"]:
        job["waits"] = None
        world.later(RESUMED_AFTER, job["resumes"], job=job["id"], comments=comments)
    return operations.accepted(call, operation)


def restart(call: Call) -> Answer:
    """POST …/restart: a job of its own, RestartJob [SPEC], lets the failed one go on."""
    world, job = call.world, _job(call)
    restarting = jobs.begin(
        world,
        job["vault_id"],
        "RestartJob",
        jobs.Subject(**job["subject"]),
        resource=jobs.job_id(world, job),
        takes=JOB_VERB,
        client_request_id=call.client_request_id,
        tasks=RESTART_TASKS,
        details={"instanceType": "AsrJobDetails", "affectedObjectDetails": {}},
    )
    restarting["result"] = jobs.job_id(world, restarting)
    if "Restart" not in job_bodies.allowed_actions(world, job):
        return _refuse(call, restarting, job, "restarted")
    try:
        world.effects[job["again"]](world, {"job": job["id"]})
    except jobs.NotNow:
        return _refuse(call, restarting, job, "restarted")
    return operations.accepted(call, restarting)


def export(call: Call) -> Answer:
    """POST …/replicationJobs/export: the body holds the limits, without `properties` [SPEC].

    Where the file lies is told; nothing lies there, the simulator has no Blob storage.
    """
    if not same(call.target.name, "export"):
        raise AzureError(405, "MethodNotAllowed", "A job takes cancel, restart and resume.")
    limits = job_filters.of_body(call.object())
    count = len(list(job_filters.chosen(call.world, begun_in_vault(call), limits)))
    vault = "/".join(call.target.path.split("/")[:9])
    job = jobs.begin(
        call.world,
        str((call.world.resource(vault) or {"id": vault})["id"]),
        "ExportJobs",
        jobs.Subject("Other", "", ""),
        resource="",
        takes=JOB_VERB,
        client_request_id=call.client_request_id,
        details={
            "instanceType": "ExportJobDetails",
            "blobUri": None,
            "sasToken": None,
            "affectedObjectDetails": {},
        },
    )
    job["resource"] = jobs.job_id(call.world, job)
    name = f"{job['id']}-{count}-jobs.json"
    job["at_end"] = {
        "blobUri": f"https://simulated.blob.core.windows.net/exports/{name}",
        "sasToken": "?sv=simulated",
    }
    return operations.accepted(call, job)


def cancelled(world: World, args: Json) -> None:
    """The cancel is through: tasks stand still, and the job's own `undo` clears up."""
    job = world.table("jobs")[args["of"]]
    for one in (job, *_parts(world, job)):
        if one["cancelled"] is not None:
            job_tasks.stop(world, one)
    world.effects[job["undo"]](world, {"job": job["id"]})
    world.changed = True


def _job(call: Call) -> Json:
    return jobs.about(call.world, jobs.find(call))


def _parts(world: World, job: Json) -> list[Json]:
    """The jobs that are part of a recovery plan's."""
    if job["subject"]["type"] != "RecoveryPlan":
        return []
    return [part for part in world.table("jobs").values() if part["parent"] == job["id"]]


def _operation(call: Call, job: Json) -> Json:
    """An operation of its own about a job: its result is that job [SPEC], nobody lists it."""
    return jobs.begin(
        call.world,
        job["vault_id"],
        job["scenario"],
        jobs.Subject(**job["subject"]),
        resource=jobs.job_id(call.world, job),
        takes=JOB_VERB,
        client_request_id=call.client_request_id,
        of=job["id"],
    )


def _refuse(call: Call, operation: Json, job: Json, word: str) -> Answer:
    return operations.refuse(
        call,
        operation,
        f"The job '{jobs.name(call.world, job)}' cannot be {word} in its present state.",
        causes="The action is not among the allowedActions of the job.",
        action="Look at allowedActions of the job.",
    )


EFFECTS: dict[str, Effect] = {"job_cancelled": cancelled}
_JOBS = "Microsoft.RecoveryServices/vaults/replicationJobs"
_ACTIONS = (
    "Nothing of this is recorded. Results, the state Cancelling, RestartJob and ExportJobs are "
    "the specification's. How long it takes, what a cancelled job leaves behind, where a "
    "restarted one goes on: inferred; whether a failed job may be restarted: a setting."
)
ROUTES: Routes = {
    (f"{_JOBS}/cancel", "post"): Route(cancel, "specified", _ACTIONS),
    (f"{_JOBS}/resume", "post"): Route(resume, "specified", _ACTIONS),
    (f"{_JOBS}/restart", "post"): Route(restart, "specified", _ACTIONS),
    (_JOBS, "post"): Route(export, "specified", _ACTIONS),
}
