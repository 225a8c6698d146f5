"""The item of a VM: by the name that is wanted, or by which it is protected already."""

from __future__ import annotations

from datetime import datetime

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.ids import same_id
from muster.gateway.values import ProtectedItem
from muster.journal.events import EventKind, Observed, instant_text
from muster.replication.item_details import details_of
from muster.replication.item_identity import lifecycle_of
from muster.replication.part_ids import item_id
from muster.replication.wanted import VmWanted, Wanted
from muster.steps.context import Run


async def item_now(run: Run, wanted: Wanted, vm: VmWanted) -> ProtectedItem | None:
    """The protected item of a VM, read now; None if the vault protects no such VM.

    Raises:
        StepFailed: STEP-046: the item of that name protects another VM.
        GatewayError: It cannot be read.
    """
    item = await run.gateway.protected_item(item_id(wanted, vm))
    if item is None:
        listed = await run.gateway.protected_items(wanted.vault.ref)
        return next((one for one in listed if same_id(one.source_vm_id, vm.source_vm_id)), None)
    if not same_id(item.source_vm_id, vm.source_vm_id):
        raise StepFailed(
            f"The item {vm.item} of vault {wanted.vault.ref.name} protects {item.source_vm_id}, "
            f"not {vm.source_vm_id}",
            code="STEP-046",
            hint="Disable that item's replication in the vault, or name another vault.",
        )
    return item


def percent_of(item: ProtectedItem) -> float | None:
    """How much of the first copy is told to be done. It stands still and goes back at times."""
    told = details_of(item).get("monitoringPercentageCompletion")
    return float(told) if isinstance(told, int | float) else None


async def tell_item(
    run: Run, step: Step, vm: str, item: ProtectedItem, since: datetime | None = None
) -> None:
    """Journal how a VM's item stands; `since`: when this run saw it Protected."""
    data = {
        "what": Observed.REPLICATION.value,
        "vm": vm,
        "item_id": item.id,
        "state": item.protection_state,
        "description": item.protection_state_description,
        "percent": percent_of(item),
        "job": item.current_job_id,
        "since": instant_text(since) if since else None,
        "lifecycle_id": lifecycle_of(item),
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
