"""GET of one job, and of a vault's jobs with `$filter`."""

from __future__ import annotations

from muster.simulator.asr import job_bodies, job_filters, jobs
from muster.simulator.asr.vault_ids import capital
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json


def get_job(call: Call) -> Answer:
    """GET …/replicationJobs/{job}: with tasks and details; an operation's id is a job's name."""
    world = call.world
    job = jobs.about(world, jobs.find(call))
    headers = {"x-ms-request-id": capital(jobs.job_id(world, job))}
    return Answer(200, job_bodies.body(world, job, whole=True), headers)


def list_jobs(call: Call) -> Answer:
    """GET …/replicationJobs: newest first, without tasks and details.

    A job that has not started is not listed: lists lag (by how much is UNCERTAIN). Jobs that are
    part of a recovery plan's are listed as the others (UNCERTAIN).
    """
    world, limits = call.world, job_filters.read(call.query.get("$filter", ""))
    found = job_filters.chosen(world, begun_in_vault(call), limits)
    return listed([job_bodies.body(world, job, whole=False) for job in found])


def begun_in_vault(call: Call) -> list[Json]:
    """The jobs of a vault that have started, newest first."""
    found = [
        job
        for job in call.world.table("jobs").values()
        if jobs.in_vault(job, call) and job["starts"] <= call.world.now and not job["of"]
    ]
    return sorted(found, key=lambda job: float(job["starts"]), reverse=True)


_JOBS = "Microsoft.RecoveryServices/vaults/replicationJobs"
_LISTS = (
    "Grammar of `$filter` beyond what Microsoft's own client writes, how far the list lags, "
    "whether it shows the parts of a plan's job: inferred; an unread filter is refused."
)
ROUTES: Routes = {
    (_JOBS, "get"): Route(get_job, "recorded"),
    (_JOBS, "list"): Route(list_jobs, "recorded", _LISTS),
}
