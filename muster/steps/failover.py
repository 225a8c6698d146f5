"""Test failover of one VM: sent once, followed to its end, its copy's placement read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from muster.compile.graph import Step
from muster.errors import Aborted, MusterError, StepFailed
from muster.gateway.values import Accepted, Job, ProtectedItem
from muster.journal.events import EventKind
from muster.steps.act import Found, Sent
from muster.steps.adopting import voucher
from muster.steps.cleanup import clean_up_copy
from muster.steps.context import Done, Run, Spent
from muster.steps.copies import Copy, find_copy, record_copy
from muster.steps.deadline import Deadline
from muster.steps.history import history_of
from muster.steps.isolation.renew import proven_network, renew_proof
from muster.steps.items import allows, item_of, observe_item
from muster.steps.jobs import TEST_FAILOVER, followed, jobs_of, require_success
from muster.steps.once import once
from muster.steps.placement import Difference, differences, is_elsewhere, placement_data
from muster.steps.pruned import usable_point
from muster.steps.spending import counted, told_on_failure

EXPECTED = timedelta(minutes=3, seconds=23)
"""How long a test failover of one VM took where it was recorded (Microsoft's own walk-through)."""
APPEARS_WITHIN = timedelta(minutes=2)
LOOK_EVERY = timedelta(seconds=10)


MOST_POINTS = 2
"""How many further recovery points are tried where Site Recovery cannot use the pinned one."""
POINT_UNUSABLE = frozenset({"bookmarknotfound"})


@dataclass(slots=True)
class _Asked:
    """One test failover as it is asked for; what did not work is passed over."""

    run: Run
    step: Step
    item: ProtectedItem
    network_id: str
    deadline: Deadline
    point_id: str | None = None  # that was sent last
    passed_over: list[str] = field(default_factory=list)  # ids of jobs
    refused: list[str] = field(default_factory=list)  # ids of points


async def run_test_failover(step: Step, run: Run) -> Done:
    """Bring a copy of one VM up in the drill network.

    Raises:
        StepFailed: Site Recovery's job failed, or the copy is not what and where it should be.
        IsolationRefused: The network was not proven to be isolated, or is not any more; nothing
            was sent.
    """
    spent = Spent()
    with told_on_failure(spent):
        deadline = Deadline.of(step, run.clock)
        network_id = proven_network(run)
        item = await item_of(run, step.subject)
        asked = _Asked(run, step, item, network_id, deadline)
        sent, job, copy = await _brought_up(asked, spent)
        if copy is not None:
            await record_copy(run, step, step.subject, copy, sent.sent_at)
        require_success(job, f"Test failover of {step.subject}", "STEP-020")
        if copy is None:
            raise StepFailed(
                f"The test failover of {step.subject} succeeded, yet there is no "
                f"VM {item.test_vm_name} that it can have made",
                code="STEP-021",
                hint="Look at the job and the target resource group in the portal.",
            )
        found = await _placed(run, step, item, network_id, copy)
        await _require_placement(run, step, network_id, copy, found, spent)
        return Done({"vm_id": copy.vm.id, "job": job.name, "differences": len(found)}, spent)


async def _brought_up(asked: _Asked, spent: Spent) -> tuple[Sent, Job, Copy | None]:
    """Send, and follow to the end; once more with another point if the pinned one is unusable."""
    run, step = asked.run, asked.step
    while True:
        sent = await _sent(asked, spent)
        with counted(spent, "cloud", run.clock):
            job = await followed(
                run,
                step,
                TEST_FAILOVER,
                step.subject,
                sent.job_id,
                EXPECTED,
                asked.deadline.left(),
            )
            copy = await _copy(run, asked.item, sent.sent_at, asked.deadline, wait=job.succeeded)
        is_last = len(asked.passed_over) >= 2 * MOST_POINTS or asked.point_id is None
        if copy is not None or is_last or not _refuses_its_point(job):
            return sent, job, copy
        asked.passed_over += [sent.job_id, job.id]
        asked.refused.append(asked.point_id or "")


def _refuses_its_point(job: Job) -> bool:
    """Whether a job failed for its point is of no use: a disk was changed after it was made."""
    return not job.succeeded and any(
        error.code.casefold() in POINT_UNUSABLE for error in job.errors
    )


async def _sent(asked: _Asked, spent: Spent) -> Sent:
    run, step, item, network_id = asked.run, asked.step, asked.item, asked.network_id
    vm, deadline = step.subject, asked.deadline
    earlier = history_of(run, TEST_FAILOVER, vm, asked.passed_over)
    point_id = None
    if earlier.accepted is None:
        point_id = await usable_point(run, step, vm, item, asked.refused)
        asked.point_id = point_id
        with counted(spent, "cloud", run.clock):
            await renew_proof(run, step)

    async def find(since: datetime) -> list[Found]:
        return await jobs_of(
            run, item, TEST_FAILOVER, since, network_id=network_id, not_these=asked.passed_over
        )

    async def may_send() -> bool:
        now = await item_of(run, vm)
        await observe_item(run, vm, now, step.id)
        _require_ready(run, vm, now)
        # Here nothing but a look at the clock, unless it took long to get to this send's turn.
        await renew_proof(run, step)
        return True

    async def send() -> Accepted:
        return await run.gateway.start_test_failover(item.id, network_id, point_id)

    request = {"item_id": item.id, "network_id": network_id, "recovery_point_id": point_id}
    return await once(
        run, step, TEST_FAILOVER, vm, request=request, find=find, may_send=may_send, send=send,
        passed_over=asked.passed_over, vouch=voucher(run, step, item, deadline),
        deadline=deadline,
    )  # fmt: skip


def _require_ready(run: Run, vm: str, item: ProtectedItem) -> None:
    if run.stopping.is_set():
        raise Aborted(
            f"The test failover of {vm} was not started: {run.stop_reason or 'stopping'}"
        )
    if allows(item, "TestFailover"):
        return
    offered = ", ".join(item.allowed_operations) or "nothing"
    pending = f", test failover {item.test_failover_state}" if item.test_failover_state else ""
    raise StepFailed(
        f"{vm} cannot be test-failed-over now: {item.protection_state}{pending}; "
        f"Azure offers {offered}",
        code="STEP-011",
        hint=(
            "Somebody else's test failover has to be cleaned up by them; Muster never touches it."
        ),
    )


async def _copy(
    run: Run, item: ProtectedItem, sent_at: datetime, deadline: Deadline, *, wait: bool
) -> Copy | None:
    """The copy that was made; after a failed job whatever there is of it."""
    appears = Deadline.after(run.clock, min(APPEARS_WITHIN, deadline.left()))
    copy = await find_copy(run, item, sent_at)
    while (copy is None or not copy.is_whole) and wait and appears.left():
        await run.clock.sleep(min(LOOK_EVERY, appears.left()))
        copy = await find_copy(run, item, sent_at)
    return copy


async def _placed(
    run: Run, step: Step, item: ProtectedItem, network_id: str, copy: Copy
) -> tuple[Difference, ...]:
    vm = run.plan.vm(step.subject)
    found = differences(vm, item, network_id, copy)
    data = placement_data(vm, item, network_id, copy, found)
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    return found


async def _require_placement(
    run: Run,
    step: Step,
    network_id: str,
    copy: Copy,
    found: Sequence[Difference],
    spent: Spent,
) -> None:
    """Fail for severe differences; a copy in the wrong network is cleaned up at once."""
    severe = [one for one in found if one.severe]
    if not severe:
        return
    said = "; ".join(map(str, severe))
    if not is_elsewhere(network_id, copy):
        raise StepFailed(
            f"The copy of {step.subject} is not where it should be: {said}",
            code="STEP-023",
            hint="Mend the item's own test failover settings (network cards) in the vault.",
        )
    after = "it was cleaned up at once"
    try:
        await clean_up_copy(run, step, step.subject, spent)
    except MusterError as err:
        after = f"cleaning it up at once did not work: {err.message}"
    raise StepFailed(
        f"The copy of {step.subject} came up outside the drill network, {after}. {said}",
        code="STEP-022",
        hint=(
            "The item's own test failover settings win over the drill's network: "
            "clear them in the vault."
        ),
    )
