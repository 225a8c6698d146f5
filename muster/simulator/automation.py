"""Automation: runbooks as the world tells them, jobs that go their way by the clock."""

from __future__ import annotations

import json

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.resources import demand_group
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.durations import AUTOMATION_NEW
from muster.simulator.json_types import Json
from muster.simulator.world import World

ENDS = {"completed": "Completed", "failed": "Failed", "suspended": "Suspended"}
ENDED = (*ENDS.values(), "Stopped")  # each of them ends a wait (FACTS 12)


def put_job(call: Call) -> Answer:
    """PUT …/jobs/{name}: a job of a runbook, begun at once, synchronous 201 (FACTS 12)."""
    account = _account(call)
    key = f"{account['id']}/jobs/{call.target.name}".lower()
    if key in call.world.table("automation_jobs"):
        # What Azure says to a name that is taken is UNCERTAIN; that it does not run twice is not.
        raise AzureError(409, "Conflict", f"The job {call.target.name} already exists.")
    given = call.properties()
    name = (given.get("runbook") or {}).get("name")
    runbook = call.world.resource(f"{account['id']}/runbooks/{name}")
    if runbook is None:
        raise AzureError(404, "NotFound", f"The runbook '{name}' was not found.")
    parameters = given.get("parameters") or {}
    if not all(isinstance(value, str) for value in parameters.values()):
        raise bad_request("BadRequest", "Parameter values of a job have to be strings.")
    job = begin(call.world, runbook, call.target.name, parameters, str(given.get("runOn") or ""))
    return Answer(201, _shown(call.world, job))


def begin(world: World, runbook: Json, name: str, parameters: Json, run_on: str = "") -> Json:
    """Start a job of a runbook (its ARM body) now, as a client or a recovery plan does."""
    account = runbook["id"].rpartition("/runbooks/")[0]
    facts = world.table("runbooks")[runbook["id"].lower()]
    job: Json = {
        "id": f"{account}/jobs/{name}",
        "name": name,
        "account": account.lower(),
        "job_id": world.guid("automation", name),
        "runbook": runbook["name"],
        "parameters": parameters,
        "run_on": run_on,
        "created": world.now,
        "started": world.now + AUTOMATION_NEW + facts["activate"],
        "ended": world.now + AUTOMATION_NEW + facts["activate"] + facts["run"],
        "result": facts["result"],
        "output": facts["output"].replace("{parameters}", json.dumps(parameters)),
        "exception": facts["exception"],
    }
    world.table("automation_jobs")[job["id"].lower()] = job
    world.changed = True
    return job


def get_job(call: Call) -> Answer:
    """GET a job."""
    return Answer(200, _shown(call.world, _job(call)))


def list_jobs(call: Call) -> Answer:
    """GET all jobs of an account, newest first."""
    mine = _account(call)["id"].lower()
    jobs = [job for job in call.world.table("automation_jobs").values() if job["account"] == mine]
    jobs.sort(key=lambda job: float(job["created"]), reverse=True)
    return listed([_shown(call.world, job) for job in jobs])


def get_output(call: Call) -> Answer:
    """GET …/output: plain text, what the job has written so far (all of it when it has ended)."""
    job = _job(call)
    return Answer(200, text=job["output"] if job["ended"] <= call.world.now else "")


def list_streams(call: Call) -> Answer:
    """GET …/streams: summaries."""
    return listed([_stream(job, kind, full=False) for job, kind in _streams(call)])


def get_stream(call: Call) -> Answer:
    """GET …/streams/{id}: the whole of one."""
    for job, kind in _streams(call):
        if _stream_id(job, kind) == call.target.name:
            return Answer(200, _stream(job, kind, full=True))
    raise AzureError(404, "NotFound", f"The stream '{call.target.name}' was not found.")


def _streams(call: Call) -> list[tuple[Json, str]]:
    job = _job(call)
    if job["ended"] > call.world.now:
        return []
    found = [(job, "Output")] if job["output"] else []
    return found + ([] if job["result"] == "completed" else [(job, "Error")])


def _stream(job: Json, kind: str, *, full: bool) -> Json:
    text = str(job["output"] if kind == "Output" else job["exception"])
    properties: Json = {
        "jobStreamId": _stream_id(job, kind),
        "time": dates.offset(job["ended"]),
        "streamType": kind,
        "summary": text[:300],
    }
    if full:
        properties |= {"streamText": text, "value": {}}
    return {"id": f"{job['id']}/streams/{_stream_id(job, kind)}", "properties": properties}


def _stream_id(job: Json, kind: str) -> str:
    return f"{job['job_id']}_{'00636' if kind == 'Output' else '00637'}"


def _account(call: Call) -> Json:
    demand_group(call)
    account = call.world.resource("/".join(call.target.path.split("/")[:9]))
    if account is None:
        name = call.target.names[0]
        raise AzureError(
            404,
            "ResourceNotFound",
            "The Resource 'Microsoft.Automation/"
            f"automationAccounts/{name}' under resource group '{call.target.group}' was "
            "not found. For more details please go to "
            "https://aka.ms/ARMResourceNotFoundFix",
        )
    return account


def _job(call: Call) -> Json:
    key = f"{_account(call)['id']}/jobs/{call.target.names[1]}".lower()
    job = call.world.table("automation_jobs").get(key)
    if job is None:
        raise AzureError(404, "NotFound", f"The job {call.target.names[1]} was not found.")
    return job


def status_of(world: World, job: Json) -> str:
    """Azure's word for where a job stands."""
    if world.now < job["created"] + AUTOMATION_NEW:
        return "New"
    if world.now < job["started"]:
        return "Activating"
    return "Running" if world.now < job["ended"] else ENDS[job["result"]]


def _shown(world: World, job: Json) -> Json:
    status = status_of(world, job)
    ended = status in ENDS.values()
    started = status not in ("New", "Activating")
    changed = job["ended"] if ended else job["started"] if started else job["created"]
    return {
        "id": job["id"],
        "name": job["name"],
        "type": "Microsoft.Automation/AutomationAccounts/Jobs",
        "properties": {
            "jobId": job["job_id"],
            "runbook": {"name": job["runbook"]},
            "provisioningState": ("Failed" if job["result"] == "failed" else "Succeeded")
            if ended
            else "Processing",
            "creationTime": dates.offset(job["created"]),
            "startTime": dates.offset(job["started"]) if started else None,
            "endTime": dates.offset(job["ended"]) if ended else None,
            "lastModifiedTime": dates.offset(changed),
            "lastStatusModifiedTime": dates.offset(changed),
            "exception": job["exception"] if ended and job["result"] != "completed" else None,
            "status": status,
            "statusDetails": "None",
            "parameters": job["parameters"],
            "runOn": job["run_on"],
        },
    }


_JOBS = "Microsoft.Automation/automationAccounts/jobs"
_NEW = "What a name that is taken is answered, and when a new job starts: inferred."
ROUTES: Routes = {
    (_JOBS, "put"): Route(put_job, "specified", _NEW),
    (_JOBS, "get"): Route(get_job, "specified"),
    (_JOBS, "list"): Route(list_jobs, "specified"),
    (f"{_JOBS}/output", "list"): Route(get_output, "specified"),
    (f"{_JOBS}/streams", "list"): Route(list_streams, "specified"),
    (f"{_JOBS}/streams", "get"): Route(get_stream, "specified"),
}
