"""Runbook jobs: begun, stopped, suspended, resumed, and what they wrote on their way."""

from __future__ import annotations

import json
from collections.abc import Mapping

from muster.simulator import dates
from muster.simulator.arm import filters, forms, paging
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.automation.accounts import ACCOUNT, account_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

ENDS = {"completed": "Completed", "failed": "Failed", "suspended": "Suspended"}
ENDED = (*ENDS.values(), "Stopped")  # each of them ends a wait (FACTS 12)
TABLE = "automation_jobs"
_FORM: forms.Form = {"runbook": {"name": str}, "parameters": {}, "runOn": str}
_FIELDS = frozenset({"properties/status", "properties/runbook/name", "status", "runbook/name"})


def put_job(call: Call) -> Answer:
    """PUT …/jobs/{name}: a job of a runbook, begun at once, synchronous 201 (FACTS 12)."""
    account = account_of(call)
    if f"{account['id']}/jobs/{call.target.name}".lower() in call.world.table(TABLE):
        # What Azure says to a name that is taken is UNCERTAIN; that it does not run twice is not.
        raise AzureError(409, "Conflict", f"The job {call.target.name} already exists.")
    given = call.properties()
    forms.check(_FORM, given)
    parameters = given.get("parameters") or {}
    if not all(isinstance(value, str) for value in parameters.values()):
        raise bad_request("BadRequest", "Parameter values of a job have to be strings.")
    name = str((given.get("runbook") or {}).get("name") or "")
    job = begin(
        call.world,
        account["id"],
        name,
        call.target.name,
        parameters,
        run_on=str(given.get("runOn") or ""),
    )
    return Answer(201, shown(call.world, job))


def begin(
    world: World,
    account_id: str,
    runbook_name: str,
    job_name: str,
    parameters: Mapping[str, str],
    *,
    run_on: str = "",
) -> Json:
    """Start a job of a runbook now; recovery plans start theirs here too.

    Its course is a list of turns, `[instant, status]`; the last one that is past is its status.

    Raises: AzureError 404 if there is no such runbook, 400 if it was never published.
    """
    runbook = world.resource(f"{account_id}/runbooks/{runbook_name}")
    if runbook is None:
        raise AzureError(404, "NotFound", f"The runbook '{runbook_name}' was not found.")
    if runbook["properties"]["state"] == "New":
        why = f"The runbook '{runbook['name']}' has no published version."
        raise bad_request("BadRequest", why)
    facts = _as_it_happens(world, runbook)
    queued = world.takes("automation_new", account_id, job_name)
    starts = world.now + queued + facts["activate"]
    job: Json = {
        "id": f"{account_id}/jobs/{job_name}",
        "name": job_name,
        "account": account_id.lower(),
        "job_id": world.guid("automation", account_id, job_name),
        "runbook": runbook["name"],
        "parameters": dict(parameters),
        "run_on": run_on,
        "created": world.now,
        "turns": [
            [world.now, "New"],
            [world.now + queued, "Activating"],
            [starts, "Running"],
            [starts + facts["run"], ENDS[facts["result"]]],
        ],
        "result": facts["result"],
        "output": facts["output"].replace("{parameters}", json.dumps(dict(parameters))),
        "exception": facts["exception"],
    }
    world.table(TABLE)[job["id"].lower()] = job
    world.changed = True
    return job


def _as_it_happens(world: World, runbook: Json) -> Json:
    """The facts of a runbook as the faults have them for this job of it."""
    facts: Json = dict(world.table("runbooks")[runbook["id"].lower()])
    for do in world.faults.meet("runbook", runbook["name"]):
        told = do.runbook
        facts = facts | told.model_dump(exclude={"late"}, exclude_none=True)
        facts["activate"] += told.late or 0.0
    return facts


def status_of(world: World, job: Json) -> str:
    """Where a job is on its way now (FACTS 12 has the words)."""
    return str(_past(world, job)[-1][1])


def ends_at(job: Json) -> float:
    """When a job comes to an end if nobody interferes."""
    return float(job["turns"][-1][0])


def get_job(call: Call) -> Answer:
    """GET a job."""
    return Answer(200, shown(call.world, job_of(call)))


def list_jobs(call: Call) -> Answer:
    """GET all jobs of an account, newest first; `$filter` by status and runbook."""
    mine = account_of(call)["id"].lower()
    wanted = filters.of_query(call.query.get("$filter", ""), _FIELDS)
    jobs = [job for job in call.world.table(TABLE).values() if job["account"] == mine]
    jobs.sort(key=lambda job: float(job["created"]), reverse=True)

    def passes(job: Json) -> bool:
        return wanted.lets_through(
            lambda name, _: [
                status_of(call.world, job) if name.endswith("status") else job["runbook"]
            ]
        )

    rows = [shown(call.world, job) for job in jobs if passes(job)]
    for row in rows:  # a list tells less of each
        for word in ("exception", "parameters", "statusDetails"):
            row["properties"].pop(word)
    return paging.page(call, rows)


def stop(call: Call) -> Answer:
    """POST …/stop: 200; Stopping, then Stopped."""
    return _turn(call, ("New", "Activating", "Running", "Suspended"), "Stopping", "Stopped")


def suspend(call: Call) -> Answer:
    """POST …/suspend: 200; Suspending, then Suspended with what it had left to do."""
    return _turn(call, ("Activating", "Running"), "Suspending", "Suspended")


def resume(call: Call) -> Answer:
    """POST …/resume: 200; Resuming, then Running for what it had left."""
    return _turn(call, ("Suspended",), "Resuming", "Running")


def _turn(call: Call, allowed: tuple[str, ...], meanwhile: str, then: str) -> Answer:
    world, job = call.world, job_of(call)
    status = status_of(world, job)
    if status not in allowed:
        raise bad_request(
            "BadRequest",
            f"The job {job['name']} is {status}: {call.target.types[-1]} is not possible.",
        )
    left = _left(world, job) if job.get("left") is None else job["left"]
    turns = world.takes("automation_turns", job["id"])
    job["turns"] = [*_past(world, job), [world.now, meanwhile],
                    [world.now + turns, then]]  # fmt: skip
    if then == "Running":
        if job["result"] == "suspended":
            job["result"] = "completed"  # it waited for this
        end = world.now + turns + left
        job["turns"].append([end, ENDS[job["result"]]])
    job["left"] = left if then == "Suspended" else None
    world.changed = True
    return Answer(200)


def _left(world: World, job: Json) -> float:
    """How long a job would still have run; one that suspended itself has no time left."""
    running = [at for at, status in job["turns"] if status == "Running"]
    begun = max(world.now, running[-1]) if running else world.now
    return max(0.0, ends_at(job) - begun)


def _past(world: World, job: Json) -> list[list[object]]:
    return [turn for turn in job["turns"] if turn[0] <= world.now]


def job_of(call: Call) -> Json:
    """The job a path lies in, or Automation's 404."""
    key = f"{account_of(call)['id']}/jobs/{call.target.names[1]}".lower()
    job = call.world.table(TABLE).get(key)
    if job is None:
        raise AzureError(404, "NotFound", f"The job {call.target.names[1]} was not found.")
    return job


def shown(world: World, job: Json) -> Json:
    """A job's body as GET answers it."""
    past = _past(world, job)
    changed, status = past[-1]
    running = [at for at, turn in past if turn == "Running"]
    ended = status in ENDS.values() or status == "Stopped"
    broke = status == ENDS[job["result"]] and job["result"] != "completed"
    done = (
        "Failed" if status == "Failed" else "Suspended" if status == "Suspended" else "Succeeded"
    )
    return {
        "id": job["id"],
        "name": job["name"],
        "type": "Microsoft.Automation/AutomationAccounts/Jobs",
        "properties": {
            "jobId": job["job_id"],
            "runbook": {"name": job["runbook"]},
            "provisioningState": done if ended else "Processing",
            "creationTime": dates.offset(job["created"]),
            "startTime": dates.offset(float(str(running[0]))) if running else None,
            "endTime": dates.offset(float(str(changed))) if ended else None,
            "lastModifiedTime": dates.offset(float(str(changed))),
            "lastStatusModifiedTime": dates.offset(float(str(changed))),
            "exception": job["exception"] if broke else None,
            "status": status,
            "statusDetails": "None",
            "parameters": job["parameters"],
            "runOn": job["run_on"],
        },
    }


_JOBS = f"{ACCOUNT}/jobs"
_NEW = "What a name that is taken is answered, and when a new job starts: inferred."
_TURNS = "How long it takes, and what is answered in a state that does not allow it: inferred."
ROUTES: Routes = {
    (_JOBS, "put"): Route(put_job, "specified", _NEW),
    (_JOBS, "get"): Route(get_job, "specified"),
    (_JOBS, "list"): Route(list_jobs, "specified"),
    (f"{_JOBS}/stop", "post"): Route(stop, "specified", _TURNS),
    (f"{_JOBS}/suspend", "post"): Route(suspend, "specified", _TURNS),
    (f"{_JOBS}/resume", "post"): Route(resume, "specified", _TURNS),
}
