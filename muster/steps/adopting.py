"""Whose a test failover is that a lost answer may have started: only what stands in the drill
network is this run's.

Neither the vault's list nor a job of one item has to name the network (on Azure it is not known
to), so the job alone proves nothing: somebody else may have started it in the same minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.ids import same_id
from muster.gateway.values import Job, ProtectedItem
from muster.steps.act import Found
from muster.steps.claims import others_that_meant
from muster.steps.context import Run
from muster.steps.copies import Copy, find_copy
from muster.steps.deadline import Deadline
from muster.steps.items import item_of
from muster.steps.jobs import TEST_FAILOVER
from muster.steps.recorded import drill_network
from muster.steps.settling import Vouch, Window

EXPECTED_FAILOVER = timedelta(minutes=3, seconds=23)
"""How long a test failover of one VM took where it was recorded (Microsoft's own walk-through)."""
APPEARS_WITHIN = timedelta(minutes=2)
LOOK_EVERY = timedelta(seconds=10)


class CameToNothing(StepFailed):
    """A job that may have been ours ended and left nothing, so whose it was cannot be told."""

    code = "STEP-017"
    hint = "Nothing of it is left. Look at the job in the vault, then drill again."


def voucher(run: Run, step: Step, item: ProtectedItem, deadline: Deadline) -> Vouch:
    """What shows, for a test failover that was found, that it is this run's.

    The vouch waits for the job's end, then looks where the copy stands.

    Raises:
        StepFailed: STEP-010: nothing shows it, so a person has to look.
        CameToNothing: It left neither a copy nor a pending test failover.
        WaitEnded: The job did not end within the deadline.
    """

    async def vouch(found: Found, window: Window) -> Mapping[str, Any]:
        network = drill_network(run)
        network_id = str(network["network_id"])
        if not network["made"]:
            await _require_sole_claim(run, step, item, found, window)
        if same_id(found.evidence.get("network"), network_id):
            return {"how": "its job names the drill network"}
        job = await run.gateway.job_ended(
            found.job_id, expected=EXPECTED_FAILOVER, within=deadline.left()
        )
        copy = await _copy_of(run, item, found.started_at or window.since, job, deadline)
        if copy is None:
            raise await _nothing_to_see(run, step.subject, found)
        return _stands_in(step.subject, found, copy, network_id)

    return vouch


async def _require_sole_claim(
    run: Run, step: Step, item: ProtectedItem, found: Found, window: Window
) -> None:
    """In a network that others use too, time and journal have to agree as well."""
    if not window.holds(found.started_at):
        raise _nobody_knows(step.subject, found, "it did not start when this run's was sent")
    others = await others_that_meant(run, TEST_FAILOVER, item.id, window)
    if others:
        named = ", ".join(others)
        raise _nobody_knows(step.subject, found, f"it may as well be of {named}")


async def _copy_of(
    run: Run, item: ProtectedItem, since: datetime, job: Job, deadline: Deadline
) -> Copy | None:
    appears = Deadline.after(run.clock, min(APPEARS_WITHIN, deadline.left()))
    while (copy := await find_copy(run, item, since)) is None:
        if not job.succeeded or not appears.left():
            return None
        await run.clock.sleep(min(LOOK_EVERY, appears.left()))
    return copy


async def _nothing_to_see(run: Run, vm: str, found: Found) -> StepFailed:
    now = await item_of(run, vm)
    if now.test_failover_state is None and not now.current_job_id:
        return CameToNothing(
            f"The test failover of {vm} that may have been this run's ({found.job_id}) ended "
            "and left no copy, so whose it was cannot be told"
        )
    return _nobody_knows(vm, found, f"no VM {now.test_vm_name} can be told to be its copy")


def _stands_in(vm: str, found: Found, copy: Copy, network_id: str) -> Mapping[str, Any]:
    if len(copy.cards) < max(1, len(copy.vm.nic_ids)):
        raise _nobody_knows(vm, found, f"not every network card of {copy.vm.id} could be read")
    elsewhere = [card for card in copy.cards if not same_id(card.network_id, network_id)]
    if elsewhere:
        named = ", ".join(str(card.network_id) for card in elsewhere)
        raise _nobody_knows(vm, found, f"its copy stands in {named}, not in {network_id}")
    return {
        "how": "its copy stands in the drill network",
        "vm_id": copy.vm.id,
        "nic_ids": list(copy.vm.nic_ids),
        "network_id": network_id,
    }


def _nobody_knows(vm: str, found: Found, why: str) -> StepFailed:
    return StepFailed(
        f"The test failover of {vm} that was found ({found.job_id}) cannot be taken for this "
        f"run's: {why}",
        code="STEP-010",
        hint=(
            "It was neither adopted nor cleaned up. Look at it in the portal and ask who "
            "started it; whoever did has to clean it up."
        ),
    )
