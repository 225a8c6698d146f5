"""GET of one job, and of a vault's jobs with `$filter`."""

from __future__ import annotations

import re

from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import job_bodies, jobs
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.world import World


def get_job(call: Call) -> Answer:
    """GET …/replicationJobs/{job}: with tasks and details."""
    job = jobs.find(call)
    headers = {"x-ms-request-id": jobs.job_id(call.world, job)}
    return Answer(200, job_bodies.body(call.world, job, whole=True), headers)


def list_jobs(call: Call) -> Answer:
    """GET …/replicationJobs: newest first, without tasks and details.

    A job that has not started is not listed: lists lag (by how much is UNCERTAIN).
    """
    world, wanted = call.world, _filter(call.query.get("$filter", ""))
    found = [
        job
        for job in world.table("jobs").values()
        if same(name_of(job["vault_id"]), call.target.names[0]) and job["starts"] <= world.now
    ]
    found.sort(key=lambda job: float(job["starts"]), reverse=True)
    return listed(
        [
            job_bodies.body(world, job, whole=False)
            for job in found
            if all(same(value, _field(world, job, name)) for name, value in wanted.items())
        ]
    )


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
        "jobstatus": jobs.state(world, job)[0],
        "jobname": jobs.name(world, job),
        "scenarioname": job["scenario"],
    }
    return str(told[name])


_JOBS = "Microsoft.RecoveryServices/vaults/replicationJobs"
_LISTS = "Grammar of `$filter`, and how far the list lags: inferred; an unread filter is refused."
ROUTES: Routes = {
    (_JOBS, "get"): Route(get_job, "recorded"),
    (_JOBS, "list"): Route(list_jobs, "recorded", _LISTS),
}
