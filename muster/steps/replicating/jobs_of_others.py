"""Which of a vault's jobs may be making a thing, ours or another's, and what they came to.

Site Recovery's jobs name their target by a word of its own, and some not at all; a VM's name is
borne by VMs of other groups, too. A job is never proof: it is followed to its end, and the thing
itself is looked at.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.gateway.ids import key_of
from muster.gateway.values import Job
from muster.journal.events import EventKind
from muster.steps.act import AHEAD, SKEW, Found
from muster.steps.context import Run
from muster.steps.deadline import Deadline
from muster.steps.replicating.deed import Deed
from muster.steps.replicating.leaving import unless_stopping


def is_job(arm_id: str) -> bool:
    """Whether an id is that of a job; what stood already was journalled by its own id."""
    return "/replicationjobs/" in key_of(arm_id)


async def sent_unanswered(
    run: Run, deed: Deed, since: datetime, deadline: Deadline
) -> list[Found]:
    """What a send that was not answered came to: its job, else the thing itself; nothing, if it
    surely was not taken.

    Args:
        run: Whose gateway, and whose journal knows which jobs are other deeds'.
        deed: What was sent.
        since: Jobs that began at or after this instant.
        deadline: The end of all waiting.

    Raises:
        WaitEnded: A job that may be it did not end in time.
        Aborted: The run is to stop.
        GatewayError: The vault cannot be read.
    """
    jobs = await _unclaimed(run, deed, since)
    if len(jobs) == 1 and deed.about is not None:
        (only,) = jobs
        evidence = {"state": only.state, "target": only.target_name}
        return [Found(only.id, only.started_at, evidence)]
    # Of several that bear the name, VMs of other groups may be the targets: the thing decides.
    ended = [await _ended(run, deed, job, deadline) for job in jobs]
    if (look := await deed.look()).fits:
        seen = {job.name: job.state for job in ended}
        return [Found(deed.id, None, {"stands": look.shown, "jobs": seen})]
    return []


async def jobs_that_may_be(run: Run, deed: Deed, within: timedelta) -> list[Job]:
    """Jobs of the last so much time that may be making a thing, and that are not this run's."""
    return await _unclaimed(run, deed, run.clock.now() - within)


async def others_ended(run: Run, deed: Deed, own: Job, deadline: Deadline) -> tuple[Job, ...]:
    """Let jobs end that were at a thing while our own job was, which failed.

    Returns:
        Those jobs, as they ended: ours may have failed because of them.
    """
    began = own.started_at or run.clock.now()
    listed = await run.gateway.jobs(run.vault, began - AHEAD)
    rivals = [
        job
        for job in listed
        if key_of(job.id) != key_of(own.id)
        and (_may_be(deed, job) or _is_about(deed, job))
        and (job.ended_at is None or job.ended_at >= began - SKEW)
        and key_of(job.id) not in _claimed(run)
    ]
    return tuple([job if job.ended else await _ended(run, deed, job, deadline) for job in rivals])


async def _unclaimed(run: Run, deed: Deed, since: datetime) -> list[Job]:
    """Jobs that may be a deed's, newest first, and that this run knows as no other deed's."""
    listed = await run.gateway.jobs(run.vault, since)
    claimed = _claimed(run)
    return [job for job in listed if _may_be(deed, job) and key_of(job.id) not in claimed]


def _claimed(run: Run) -> frozenset[str]:
    sent = run.journal.index.of_kind(EventKind.ACCEPTED)
    return frozenset(key_of(str(event.data["job_id"])) for event in sent)


def _may_be(deed: Deed, job: Job) -> bool:
    if (job.scenario or "").casefold() != deed.scenario.casefold():
        return False
    return deed.about is None or _is_about(deed, job)


def _is_about(deed: Deed, job: Job) -> bool:
    return deed.about is not None and (job.target_name or "").casefold() == deed.about.casefold()


async def _ended(run: Run, deed: Deed, job: Job, deadline: Deadline) -> Job:
    waiting = run.gateway.job_ended(job.id, expected=deed.expected, within=deadline.left())
    return await unless_stopping(run, waiting, f"A job that may be that of {deed.title}")
