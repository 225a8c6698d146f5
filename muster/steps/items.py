"""From a plan's VM to the protected item that Site Recovery knows it by."""

from __future__ import annotations

from typing import Any

from muster.errors import StepFailed
from muster.gateway.ids import same_id
from muster.gateway.values import ProtectedItem
from muster.journal.events import EventKind, Observed, instant_text
from muster.replication.naming import group_id_of
from muster.steps.context import Placed, Run
from muster.steps.recorded import last_observed


def source_vm_id(run: Placed, vm: str) -> str:
    """ARM id of a source VM, as the plan places it."""
    group = run.plan.group_of(run.plan.vm(vm))
    return (
        f"{group_id_of(group, run.subscription)}/providers/Microsoft.Compute/virtualMachines/{vm}"
    )


async def item_of(run: Run, vm: str) -> ProtectedItem:
    """The protected item of a VM, read now: by its journalled id, else from the vault's list.

    Raises:
        StepFailed: The vault replicates no such VM.
        GatewayError: It cannot be read.
    """
    known = last_observed(run, Observed.ITEM, vm=vm)
    if known is not None:
        item = await run.gateway.protected_item(known["item_id"])
    else:
        wanted = source_vm_id(run, vm)
        listed = await run.gateway.protected_items(run.vault)
        item = next((one for one in listed if same_id(one.source_vm_id, wanted)), None)
    if item is None:
        raise StepFailed(
            f"Vault {run.vault.name} replicates no VM {vm} of {run.plan.source.resource_group}",
            code="STEP-015",
            hint="Enable replication for it, or correct its name in the plan.",
        )
    return item


async def observe_item(run: Run, vm: str, item: ProtectedItem, step: str) -> None:
    """Journal what an item looks like now."""
    await run.journal.append(EventKind.OBSERVED, item_data(vm, item), step=step)


def item_data(vm: str, item: ProtectedItem) -> dict[str, Any]:
    """An item as the journal keeps it (`Observed.ITEM`)."""
    return {
        "what": Observed.ITEM.value,
        "vm": vm,
        "item_id": item.id,
        "source_vm_id": item.source_vm_id,
        "protection_state": item.protection_state,
        "test_failover_state": item.test_failover_state,
        "allowed_operations": list(item.allowed_operations),
        "replication_health": item.replication_health,
        "rpo_seconds": item.rpo.total_seconds() if item.rpo is not None else None,
        "rpo_at": instant_text(item.rpo_at) if item.rpo_at else None,
        "recovery_resource_group": item.recovery_resource_group_id,
        "test_vm_name": item.test_vm_name,
        "os": item.os,
        "size": item.recovery_size,
        "multi_vm_group": item.multi_vm_group_name,
    }


def allows(item: ProtectedItem, operation: str) -> bool:
    """Whether the live `allowedOperations` name an operation."""
    return operation.casefold() in {one.casefold() for one in item.allowed_operations}
