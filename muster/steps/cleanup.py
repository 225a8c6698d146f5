"""Test failover cleanup of one VM: only what this run started, proven by reading back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import LeftOvers, StepFailed, WaitEnded
from muster.gateway.ids import key_of
from muster.gateway.values import Accepted, Job, ProtectedItem
from muster.journal.events import EventKind, Observed
from muster.steps.act import Act, Find, Found, Sent
from muster.steps.adopting import EXPECTED_FAILOVER, CameToNothing, voucher
from muster.steps.commands import delete_commands_left
from muster.steps.context import Done, Run, Spent
from muster.steps.copies import find_copy, record_copy, still_there
from muster.steps.deadline import Deadline
from muster.steps.history import history_of, jobs_sent
from muster.steps.items import allows, item_of, observe_item
from muster.steps.jobs import (
    CLEANUP,
    TEST_FAILOVER,
    ended_jobs,
    followed,
    jobs_of,
    require_success,
)
from muster.steps.once import NOT_PERMITTED, once
from muster.steps.recorded import drill_network, last_observed, observed
from muster.steps.settling import settled
from muster.steps.spending import counted, told_on_failure

EXPECTED = timedelta(seconds=110)
"""Recorded cleanups of one VM took 82 to 143 s."""
LOOK_EVERY = timedelta(seconds=10)
GONE_WITHIN = timedelta(minutes=5)
MOST_CLEANUPS = 2
"""A cleanup job that failed is sent once more; after that a person has to look."""


async def clean_up(step: Step, run: Run) -> Done:
    """Remove the test copy of one VM, if this run made one.

    Raises:
        StepFailed: The cleanup job failed, or the pending test failover is not ours or may not
            be.
        LeftOvers: Something of the copy is still there.
    """
    spent = Spent()
    with told_on_failure(spent):
        return Done(await clean_up_copy(run, step, step.subject, spent), spent)


async def clean_up_copy(run: Run, step: Step, vm: str, spent: Spent) -> dict[str, Any]:
    """What `clean_up` does, for whoever has to clean up at once; returns the step's facts."""
    deadline = Deadline.of(step, run.clock)
    if not history_of(run, TEST_FAILOVER, vm).ever_intended:
        return {"sent": False, "why": f"this run sent no test failover of {vm}"}
    item = await item_of(run, vm)
    with counted(spent, "cloud", run.clock):
        failover, why = await _failover(run, step, vm, item, deadline)
        if failover is None:
            await observe_item(run, vm, await item_of(run, vm), step.id)
            return {"sent": False, "why": why}
        await _wait_for_failover(run, step, vm, item, failover, deadline)
        await delete_commands_left(run, step, vm)
        jobs = await _cleaned(run, step, vm, deadline)
        gone = await _read_back(run, step, vm, deadline)
    return {"sent": True, "jobs": jobs, "gone": gone}


async def _failover(
    run: Run, step: Step, vm: str, item: ProtectedItem, deadline: Deadline
) -> tuple[Sent | None, str]:
    """The test failover that this run sent; else why there is none to clean up."""
    act, vouch = Act(run, step, TEST_FAILOVER, vm), voucher(run, step, item, deadline)
    try:
        sent = await settled(act, _finder(run, item), deadline, vouch)
    except CameToNothing as err:
        return None, err.message
    return sent, f"no test failover of {vm} reached Azure"


def _finder(run: Run, item: ProtectedItem) -> Find:
    async def find(since: datetime) -> list[Found]:
        network_id = str(drill_network(run)["network_id"])
        return await jobs_of(run, item, TEST_FAILOVER, since, network_id=network_id)

    return find


async def _wait_for_failover(
    run: Run, step: Step, vm: str, item: ProtectedItem, sent: Sent, deadline: Deadline
) -> None:
    """Wait for a running test failover, never cancel it; record what it made."""
    known = last_observed(run, Observed.JOB, act=TEST_FAILOVER, vm=vm)
    if known is None:
        within = deadline.left()
        await followed(run, step, TEST_FAILOVER, vm, sent.job_id, EXPECTED_FAILOVER, within)
    if last_observed(run, Observed.OWNED, vm=vm) is None:
        copy = await find_copy(run, item, sent.sent_at)
        if copy is not None:
            await record_copy(run, step, vm, copy, sent.sent_at)


async def _cleaned(run: Run, step: Step, vm: str, deadline: Deadline) -> int:
    """Bring the item back to where no test failover is pending; the number of jobs it took."""
    jobs = 0
    while True:
        item = await item_of(run, vm)
        if (jobs == 0 and _has_open_cleanup(run, vm)) or allows(item, "TestFailoverCleanup"):
            if jobs == MOST_CLEANUPS:
                raise StepFailed(
                    f"Cleaning up {vm} was tried {jobs} times and is still pending",
                    code="CLEAN-010",
                    hint="Look at its jobs in the vault; `Cleanup test failover` there ends it.",
                )
            jobs += 1
            await _clean_once(run, step, vm, item, deadline, is_last=jobs == MOST_CLEANUPS)
        elif item.test_failover_state is None and not item.current_job_id:
            await observe_item(run, vm, item, step.id)
            return jobs
        else:
            seen = f"{item.test_failover_state or 'no test failover'}, {item.protection_state}"
            await deadline.pause(LOOK_EVERY, f"{vm} to be ready for its cleanup", seen)


def _has_open_cleanup(run: Run, vm: str) -> bool:
    """Whether a cleanup was meant or taken whose end was not seen."""
    ended = ended_jobs(run, CLEANUP, vm)
    history = history_of(run, CLEANUP, vm, ended)
    return history.accepted is not None or history.open_since is not None


async def _clean_once(
    run: Run, step: Step, vm: str, item: ProtectedItem, deadline: Deadline, *, is_last: bool
) -> None:
    try:
        sent = await _send_cleanup(run, step, vm, item, deadline)
    except StepFailed as err:
        if err.shown_code == NOT_PERMITTED:
            return  # meanwhile there is nothing to clean: the item is read again
        raise
    job = await followed(run, step, CLEANUP, vm, sent.job_id, EXPECTED, deadline.left())
    if is_last:
        require_success(job, f"Cleanup of {vm}", "CLEAN-011")
    elif not job.succeeded:
        await _note_failure(run, step, vm, job)


async def _send_cleanup(
    run: Run, step: Step, vm: str, item: ProtectedItem, deadline: Deadline
) -> Sent:
    ended = ended_jobs(run, CLEANUP, vm)
    comments = f"muster {run.id}"

    async def find(since: datetime) -> list[Found]:
        return await jobs_of(run, item, CLEANUP, since, not_these=ended)

    async def may_send() -> bool:
        now = await item_of(run, vm)
        if not allows(now, "TestFailoverCleanup"):
            return False
        await _require_ours(run, vm, now)
        return True

    async def send() -> Accepted:
        return await run.gateway.start_cleanup(item.id, comments)

    request = {"item_id": item.id, "comments": comments}
    return await once(
        run, step, CLEANUP, vm, request=request, find=find, may_send=may_send, send=send,
        passed_over=ended, deadline=deadline, although_stopping=True,
    )  # fmt: skip


async def _note_failure(run: Run, step: Step, vm: str, job: Job) -> None:
    said = job.errors[0].message if job.errors else job.state
    text = f"Cleanup of {vm} failed ({said}); it is tried once more"
    data = {"what": "warning", "text": text, "vm": vm, "job_id": job.id}
    await run.journal.append(EventKind.NOTED, data, step=step.id)


async def _require_ours(run: Run, vm: str, item: ProtectedItem) -> None:
    """A test failover that is not in this run's journal is never cleaned.

    Raises:
        StepFailed: After ours, another one of the same VM ran and did not fail: what is pending
            is not ours.
    """
    own = history_of(run, TEST_FAILOVER, vm).accepted
    if own is None:
        raise StepFailed(f"No test failover of {vm} is in this run's journal", code="CLEAN-012")
    ids = [str(own["job_id"]), *jobs_sent(run, TEST_FAILOVER, vm)]
    ids += ended_jobs(run, TEST_FAILOVER, vm)
    since = datetime.fromisoformat(str(own["sent_at"]))
    others = await jobs_of(run, item, TEST_FAILOVER, since, not_these=ids)
    alive = [one for one in others if str(one.evidence["state"]).casefold() != "failed"]
    if alive:
        named = ", ".join(one.job_id for one in alive)
        raise StepFailed(
            f"The test failover of {vm} that is pending may be somebody else's "
            f"({named}); not cleaned",
            code="CLEAN-012",
            hint="Ask who started it; whoever did has to clean it up.",
        )


async def _read_back(run: Run, step: Step, vm: str, deadline: Deadline) -> int:
    """See that every recorded id of the copy is gone; the number of ids.

    Raises:
        LeftOvers: Some are still there.
    """
    ids = {
        key_of(str(one)): str(one)
        for data in observed(run, Observed.OWNED, vm=vm)
        for one in data["ids"]
    }
    wait = Deadline.after(run.clock, min(GONE_WITHIN, deadline.left()))
    left = await still_there(run, list(ids.values()))
    while left:
        try:
            await wait.pause(LOOK_EVERY, f"the copy of {vm} to be gone", ", ".join(left))
        except WaitEnded:
            break
        left = await still_there(run, left)
    keys = {key_of(one) for one in left}
    gone = [one for key, one in ids.items() if key not in keys]
    if gone:
        data = {"what": Observed.GONE.value, "ids": gone, **({} if left else {"vm": vm})}
        await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    if left:
        raise LeftOvers(f"Of the copy of {vm} there is still: {', '.join(left)}")
    return len(gone)
