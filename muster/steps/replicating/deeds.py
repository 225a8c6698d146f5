"""One thing that is to stand in the vault as wanted: looked at, sent if need be, looked at again.

All names are ours, so a look settles what a lost answer left open; the journal and the vault's
jobs say whether something is still on its way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from muster.compile.graph import Step
from muster.errors import GatewayError, MusterError, StepFailed
from muster.gateway.kinds import NotFound
from muster.gateway.values import Job
from muster.journal.events import EventKind, Observed
from muster.steps.act import AHEAD, Sent
from muster.steps.context import Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.history import history_of
from muster.steps.jobs import followed
from muster.steps.once import once
from muster.steps.refusal import is_refusal
from muster.steps.replicating.deed import Deed, Look
from muster.steps.replicating.failing import Tries, require_done
from muster.steps.replicating.jobs_of_others import (
    is_job,
    jobs_that_may_be,
    others_ended,
    sent_unanswered,
)
from muster.steps.replicating.leaving import pause, unless_stopping
from muster.steps.spending import counted

__all__ = ["Deed", "Look", "bring_about", "is_change", "tell"]

APPEARS_WITHIN = timedelta(minutes=3)
LOOK_EVERY = timedelta(seconds=10)


async def bring_about(run: Run, step: Step, deed: Deed, deadline: Deadline, spent: Spent) -> str:
    """Have a thing stand as wanted; journals how it came to that (`Observed.MADE`) and returns it.

    Raises:
        StepFailed: STEP-042: the job failed, with Site Recovery's own cause. STEP-043: it
            succeeded, and the thing does not stand as wanted.
        Aborted: The run is to stop; nothing was sent, or what was sent goes on in Azure.
        GatewayError: Azure refused it.
    """
    try:
        how, why = await _brought_about(run, step, deed, deadline, spent)
    except MusterError:
        await _tell_half_made(run, step, deed)
        raise
    await tell(run, step, deed.kind, deed.name, deed.id, how, why)
    return how


async def is_change(
    run: Run, act: str, thing_id: str, read: Callable[[], Awaitable[object | None]]
) -> bool:
    """Whether a thing that is to differ from how it stands was there before this run's act: as
    the act itself was journalled, so that whoever goes on calls it by the same word.
    """
    for event in run.journal.events:
        data = event.data
        if event.kind is EventKind.INTENDED and (data["act"], data["subject"]) == (act, thing_id):
            return bool(data["request"].get("change"))
    return await read() is not None


async def tell(
    run: Run, step: Step, kind: str, name: str, thing_id: str, how: str, why: str = ""
) -> None:
    """Journal how a thing came to stand as it does."""
    data = {
        "what": Observed.MADE.value,
        "kind": kind,
        "name": name,
        "id": thing_id,
        "how": how,
        "why": why,
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


async def _brought_about(
    run: Run, step: Step, deed: Deed, deadline: Deadline, spent: Spent
) -> tuple[str, str]:
    if not history_of(run, deed.act, deed.id).ever_intended:
        if (look := await deed.look()).fits:
            return "left alone", look.shown
        if await _somebody_is_at_it(run, step, deed, deadline, spent):
            return "found under way", "an earlier run, or somebody else, had begun it"
    tries = Tries()
    while (came := await _tried(run, step, deed, deadline, spent, tries)) is None:
        continue
    return came


async def _tried(
    run: Run, step: Step, deed: Deed, deadline: Deadline, spent: Spent, tries: Tries
) -> tuple[str, str] | None:
    """Send it and follow its job; None, so once more: the job failed while others were at it, or
    the job that was taken for ours was of something else. A job that does not count is noted.
    """
    sent = await _sent(run, step, deed, deadline, tries.failed)
    if isinstance(sent, str):
        return "found under way", sent
    if not is_job(sent.job_id):
        return deed.how, "it stood as wanted when its lost answer was looked for"
    with counted(spent, "cloud", run.clock):
        job = await _followed(run, step, deed, sent.job_id, deadline)
        if job.succeeded:
            unlike = await _unlike(run, deed, deadline)
            if unlike is None:
                return deed.how, f"job {job.name}"
            if not sent.adopted:
                raise _not_as_wanted(deed, unlike)
            tries.failed.append(sent.job_id)  # a VM of that name in another group was its target
            return None
        others = await others_ended(run, deed, job, deadline)
        tries.note(others)
        if (look := await deed.look()).fits:
            return "found under way", f"job {job.name} was not needed: {look.shown}"
    if tries.failed or not others:
        require_done(deed, sent, job, tries.others)
    tries.failed.append(sent.job_id)
    return None


async def _sent(
    run: Run, step: Step, deed: Deed, deadline: Deadline, failed: Sequence[str]
) -> Sent | str:
    """Send it, or find what was sent; in words why that is not needed: it stands by now.

    Raises:
        GatewayError: Azure refused it, and it does not stand.
    """
    shows = Deadline.after(run.clock, min(APPEARS_WITHIN, deadline.left()))
    while True:
        try:
            return await once(
                run, step, deed.act, deed.id, request=deed.request,
                find=lambda since: sent_unanswered(run, deed, since, deadline), passed_over=failed,
                may_send=deed.may_send or _always, send=deed.send, deadline=deadline,
            )  # fmt: skip
        except GatewayError as err:
            # Somebody was faster, or a request of ours that was thought lost arrived after all.
            if is_refusal(err) and (look := await deed.look()).fits:
                return look.shown
            # What it lies in was made a moment ago, and is not known everywhere yet.
            if not isinstance(err, NotFound) or not shows.left():
                raise
        await pause(run, min(LOOK_EVERY, shows.left()), f"The place of {deed.title}")


async def _always() -> bool:
    """Every name is ours: a send that comes too late is refused by Azure, and does no harm."""
    return True


async def _somebody_is_at_it(
    run: Run, step: Step, deed: Deed, deadline: Deadline, spent: Spent
) -> bool:
    """Follow a running job that may be making this very thing; whether it did."""
    strangers = [job for job in await jobs_that_may_be(run, deed, AHEAD) if not job.ended]
    for job in strangers:
        with counted(spent, "cloud", run.clock):
            await _followed(run, step, deed, job.id, deadline)
    return bool(strangers) and (await deed.look()).fits


async def _followed(run: Run, step: Step, deed: Deed, job_id: str, deadline: Deadline) -> Job:
    waiting = followed(run, step, deed.act, deed.name, job_id, deed.expected, deadline.left())
    return await unless_stopping(run, waiting, f"The job of {deed.title}")


async def _unlike(run: Run, deed: Deed, deadline: Deadline) -> Look | None:
    """What a thing looks like whose job succeeded, if it does not come to stand as wanted."""
    appears = Deadline.after(run.clock, min(APPEARS_WITHIN, deadline.left()))
    while not (look := await deed.look()).fits:
        if not appears.left():
            return look
        await pause(run, min(LOOK_EVERY, appears.left()), deed.title)
    return None


def _not_as_wanted(deed: Deed, look: Look) -> StepFailed:
    return StepFailed(
        f"The job of {deed.title} succeeded, yet it is not as wanted: {look.shown}",
        code="STEP-043",
        hint="Look at it in the vault: somebody else may be changing it at the same time.",
    )


async def _tell_half_made(run: Run, step: Step, deed: Deed) -> None:
    """Name in the record what stands half made; that it cannot be read changes no error. What
    Azure refused, or was never sent, is as it was: nothing of it is made by half.
    """
    history = history_of(run, deed.act, deed.id)
    may_be_begun = history.accepted is not None or history.open_since is not None
    if run.journal.is_fenced or not may_be_begun:
        return
    try:
        look = await deed.look()
    except GatewayError as err:
        look = Look(there=True, fits=False, shown=f"it cannot be read: {err.message}")
    except StepFailed:
        return  # what stands there is none of ours, and the step's own error says so
    if look.there and not look.fits:
        await tell(run, step, deed.kind, deed.name, deed.id, "half made", look.shown)
