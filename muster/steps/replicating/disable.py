"""The end of one VM's replication: its protection removed, and nothing else touched."""

from __future__ import annotations

from datetime import timedelta

from muster.compile.graph import Step
from muster.errors import Aborted, StepFailed
from muster.gateway.ids import same_id
from muster.gateway.values import Accepted, ProtectedItem
from muster.steps.context import Done, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.replicating.deeds import Deed, Look, bring_about, tell
from muster.steps.spending import told_on_failure

DISABLING_TAKES = timedelta(minutes=2)
CONFIRMED = "confirmed"
"""The run's parameter that holds what the person typed."""


async def disable(step: Step, run: Run) -> Done:
    """Remove a VM's protection. Its replica disks go with it, by Site Recovery's own hand; the
    source VM, networks, storage and the vault stay as they are.

    Raises:
        Aborted: The run carries no confirmation; nothing was sent.
        StepFailed: A test failover of the VM waits for its cleanup (STEP-049), or the job failed.
        GatewayError: Azure refused it.
    """
    spent = Spent()
    _require_confirmed(step, run)
    vm_id = str(run.parameters["vms"][step.subject])
    with told_on_failure(spent):
        item = await _item(run, vm_id)
        if item is None:
            await tell(run, step, "protected item", step.subject, vm_id, "left alone",
                "it is not protected")  # fmt: skip
            return Done({"how": "left alone"}, spent)
        _require_free(step.subject, item)
        deadline = Deadline.of(step, run.clock)
        how = await bring_about(run, step, _removing(run, step, item, vm_id), deadline, spent)
    return Done({"how": how, "item_id": item.id}, spent)


def _require_confirmed(step: Step, run: Run) -> None:
    """What removes protection asks for a typed sentence, and looks for it here once more."""
    if run.parameters.get(CONFIRMED) != confirmation_for(run.plan.plan):
        raise Aborted(
            f"The replication of {step.subject} was not disabled: nobody confirmed it",
            hint=f'Confirm with exactly "{confirmation_for(run.plan.plan)}".',
        )


def confirmation_for(plan: str) -> str:
    """What a person types to end a plan's replication."""
    return f"disable {plan}"


async def _item(run: Run, vm_id: str) -> ProtectedItem | None:
    listed = await run.gateway.protected_items(run.vault)
    return next((one for one in listed if same_id(one.source_vm_id, vm_id)), None)


def _require_free(vm: str, item: ProtectedItem) -> None:
    if item.test_failover_state is not None:
        raise StepFailed(
            f"A test failover of {vm} is {item.test_failover_state}: its copy would stay behind",
            code="STEP-049",
            hint="Clean the test failover up in the vault first, then disable again.",
        )


def _removing(run: Run, step: Step, item: ProtectedItem, vm_id: str) -> Deed:
    async def look() -> Look:
        now = await _item(run, vm_id)
        if now is None:
            return Look(there=False, fits=True, shown="not protected")
        return Look(there=True, fits=False, shown=now.protection_state)

    async def send() -> Accepted:
        return await run.gateway.disable_protection(item.id)

    return Deed(
        act="disable", kind="protected item", name=step.subject, id=item.id,
        scenario="DisableDr", about=step.subject, look=look, send=send,
        request={"item_id": item.id}, expected=DISABLING_TAKES, how="removed",
    )  # fmt: skip
