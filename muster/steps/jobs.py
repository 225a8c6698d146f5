"""Site Recovery jobs: found by item, scenario, time and network; followed to their end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.ids import key_of, same_id
from muster.gateway.values import Job, ProtectedItem
from muster.journal.events import EventKind, Observed, instant_text
from muster.steps.act import Found
from muster.steps.context import Run
from muster.steps.recorded import observed

TEST_FAILOVER = "test-failover"
CLEANUP = "test-failover-cleanup"
SCENARIOS = {TEST_FAILOVER: "TestFailover", CLEANUP: "TestFailoverCleanup"}


async def jobs_of(
    run: Run,
    item: ProtectedItem,
    act: str,
    since: datetime,
    *,
    network_id: str | None = None,
    not_these: Collection[str] = (),
) -> list[Found]:
    """Jobs of an item that began at or after an instant and may be this act's.

    A job that names another drill network than `network_id` is not ours; one that names none may
    be: whose it is, its copy has to show.
    """
    known = {key_of(one) for one in not_these}
    found: dict[str, Found] = {}
    for listed in await run.gateway.jobs(run.vault, since):
        if not _is(listed, SCENARIOS[act], item) or key_of(listed.id) in known:
            continue
        job = await run.gateway.job(listed.id) or listed
        if key_of(job.id) in known or _names_other_network(job, network_id):
            continue
        evidence = {"state": job.state, "target": job.target_name, "network": job.network_id}
        found[key_of(job.id)] = Found(job.id, job.started_at, evidence)
    return list(found.values())


def _is(job: Job, scenario: str, item: ProtectedItem) -> bool:
    return (job.scenario or "").casefold() == scenario.casefold() and is_about(job, item)


def is_about(job: Job, item: ProtectedItem) -> bool:
    """Whether a job's target is an item: by Site Recovery's own GUID where both show it."""
    if job.target_id and item.entity_id:
        return job.target_id.casefold() == item.entity_id.casefold()
    return (job.target_name or "").casefold() == item.friendly_name.casefold()


def _names_other_network(job: Job, network_id: str | None) -> bool:
    if network_id is None or not job.network_id:
        return False
    if job.network_id.startswith("/"):
        return not same_id(job.network_id, network_id)
    # Recorded jobs carry the network's friendly name at times, not its id.
    return job.network_id.casefold() != network_id.rpartition("/")[2].casefold()


async def followed(
    run: Run, step: Step, act: str, vm: str, job_id: str, expected: timedelta, within: timedelta
) -> Job:
    """Wait for a job's end and journal it as Azure sent it; a failed job is returned, not raised.

    Raises:
        WaitEnded: It did not end within the span.
    """
    job = await run.gateway.job_ended(job_id, expected=expected, within=within)
    data = job_data(act, vm, job, asked_id=job_id)
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    return job


def ended_jobs(run: Run, act: str, vm: str) -> list[str]:
    """Every id under which an ended job of an act is known: Azure may answer with another one
    than was asked for, and both go on naming it.
    """
    seen = observed(run, Observed.JOB, act=act, vm=vm)
    ids = [data.get(key) for data in seen for key in ("asked_id", "job_id")]
    return list(dict.fromkeys(str(one) for one in ids if one))


def require_success(
    job: Job, what: str, code: str, *, whose: str = "", besides: str = "", then: str = ""
) -> None:
    """Raise Site Recovery's own cause and recommendation if a job failed.

    Args:
        job: As it ended.
        what: What it was to bring about, as the beginning of a sentence.
        code: Of the error.
        whose: What is known of who began it, behind its name: `, which this run sent,`.
        besides: Whole sentences about what else was at it.
        then: What to do besides what Site Recovery recommends, as whole sentences.

    Raises:
        StepFailed: It did not succeed.
    """
    if job.succeeded:
        return
    first = job.errors[0] if job.errors else None
    said = (
        f"Site Recovery says {first.code}: {first.message} {first.causes}".strip()
        if first
        else (
            "Somebody cancelled it; the vault's activity log says who."
            if job.state.casefold().startswith("cancel")
            else "Site Recovery names no error."
        )
    )
    failed_at = next((t.friendly_name for t in job.tasks if t.state.casefold() == "failed"), "")
    at = f" at '{failed_at}'" if failed_at else ""
    action = first.action if first and first.action else "Look at the job in the vault."
    raise StepFailed(
        f"{what}: job {job.name}{whose} is {job.state}{at}. {said}{besides and f' {besides}'}",
        code=code,
        hint=f"{action}{then and f' {then}'}",
    )


def job_data(act: str, vm: str, job: Job, *, asked_id: str) -> dict[str, Any]:
    """A job as the journal keeps it (`Observed.JOB`)."""
    return {
        "what": Observed.JOB.value,
        "act": act,
        "vm": vm,
        "asked_id": asked_id,
        "job_id": job.id,
        "scenario": job.scenario,
        "state": job.state,
        "started_at": _text(job.started_at),
        "ended_at": _text(job.ended_at),
        "tasks": [
            {
                "name": task.friendly_name or task.name,
                "state": task.state,
                "started_at": _text(task.started_at),
                "ended_at": _text(task.ended_at),
            }
            for task in job.tasks
        ],
        "errors": [
            {"code": e.code, "message": e.message, "causes": e.causes, "action": e.action}
            for e in job.errors
        ],
        "raw": dict(job.raw),
    }


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None
