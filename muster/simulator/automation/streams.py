"""What a runbook job wrote: its output as text, its streams one by one."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm import filters, paging
from muster.simulator.arm.errors import AzureError
from muster.simulator.automation.accounts import ACCOUNT
from muster.simulator.automation.jobs import ends_at, job_of, status_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

_NUMBERS = {"Output": "00636", "Error": "00637"}
_FIELDS = frozenset({"properties/streamtype", "streamtype"})


def get_output(call: Call) -> Answer:
    """GET …/output: plain text, what the job has written so far (all of it when it has ended)."""
    job = job_of(call)
    return Answer(200, text=job["output"] if has_ended(call.world, job) else "")


def list_streams(call: Call) -> Answer:
    """GET …/streams: summaries; `$filter` by type."""
    job = job_of(call)
    wanted = filters.of_query(call.query.get("$filter", ""), _FIELDS)
    kinds = [kind for kind in streams_of(call.world, job) if _passes(wanted, kind)]
    return paging.page(call, [_stream(job, kind, full=False) for kind in kinds])


def get_stream(call: Call) -> Answer:
    """GET …/streams/{id}: the whole of one."""
    job = job_of(call)
    for kind in streams_of(call.world, job):
        if _stream_id(job, kind) == call.target.name:
            return Answer(200, _stream(job, kind, full=True))
    raise AzureError(404, "NotFound", f"The stream '{call.target.name}' was not found.")


def has_ended(world: World, job: Json) -> bool:
    """Whether a job came to the end of its own; one that was stopped wrote nothing."""
    own_end = job.get("left") is None and status_of(world, job) != "Stopped"
    return own_end and ends_at(job) <= world.now


def streams_of(world: World, job: Json) -> list[str]:
    """The types of the streams a job has written."""
    if not has_ended(world, job):
        return []
    found = ["Output"] if job["output"] else []
    return found + ([] if job["result"] == "completed" else ["Error"])


def _passes(wanted: filters.Filter, kind: str) -> bool:
    def fields(_: str, __: str) -> list[str]:
        return [kind]

    return wanted.lets_through(fields)


def _stream(job: Json, kind: str, *, full: bool) -> Json:
    text = str(job["output"] if kind == "Output" else job["exception"])
    properties: Json = {
        "jobStreamId": _stream_id(job, kind),
        "time": dates.offset(ends_at(job)),
        "streamType": kind,
        "summary": text[:300],
    }
    if full:
        properties |= {"streamText": text, "value": {}}
    return {"id": f"{job['id']}/streams/{_stream_id(job, kind)}", "properties": properties}


def _stream_id(job: Json, kind: str) -> str:
    return f"{job['job_id']}_{_NUMBERS[kind]}"


_JOBS = f"{ACCOUNT}/jobs"
ROUTES: Routes = {
    (f"{_JOBS}/output", "list"): Route(get_output, "specified"),
    (f"{_JOBS}/streams", "list"): Route(list_streams, "specified"),
    (f"{_JOBS}/streams", "get"): Route(get_stream, "specified"),
}
