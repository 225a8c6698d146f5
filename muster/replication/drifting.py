"""What was changed by hand and is no wish of the plan's: told, and left as it is. Pure.

A plan has no key for the name of a recovered VM, and a policy that permits groups serves VMs of
none just as well: nobody can tell whether it is meant, so a run takes neither back.
"""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of, same_id
from muster.gateway.parse import text_of
from muster.plan.model import RecoveryPlan
from muster.replication.found import Found
from muster.replication.item_details import details_of
from muster.replication.judgement import Judgement
from muster.replication.part_ids import policy_id
from muster.replication.wanted import Wanted

Told = tuple[str, Judgement]


def told_of_drift(plan: RecoveryPlan, wanted: Wanted, found: Found) -> Iterator[Told]:
    """Names that VMs would bear after a failover, sizes that are not their sources', and
    consistency that no VM of the plan has.
    """
    yield from _names(wanted, found)
    yield from _sizes(wanted, found)
    yield from _consistency(plan, wanted, found)


def _names(wanted: Wanted, found: Found) -> Iterator[Told]:
    for vm in wanted.vms:
        item = found.item_of(vm.source_vm_id)
        named = text_of(details_of(item).get("recoveryAzureVMName")) if item else ""
        if named and named.casefold() != vm.name.casefold():
            why = f"after a failover it is called {named}: its item was given that name by hand"
            remedy = f"If that is not meant, call it {vm.name} in the item's Compute settings."
            yield vm.name, Judgement("renamed", "tell", why, remedy, "")


def _sizes(wanted: Wanted, found: Found) -> Iterator[Told]:
    """Of a VM that was resized since the plan was written, or that is meant to be smaller there:
    nobody can tell which.
    """
    now = {key_of(vm.id): vm.size for vm in found.vms if vm.size}
    for vm in wanted.vms:
        source = now.get(key_of(vm.source_vm_id))
        if vm.size and source and source.casefold() != vm.size.casefold():
            why = f"the source is {source} now, the plan wants {vm.size} for the copy"
            remedy = (
                f"If that is not meant, write `size: {source}`, or leave it out to have the "
                "source's own."
            )
            yield vm.name, Judgement("resized", "tell", why, remedy, "")


def _consistency(plan: RecoveryPlan, wanted: Wanted, found: Found) -> Iterator[Told]:
    if plan.replication.consistency_group is not None:
        return
    ours = policy_id(wanted)
    for policy in found.setup.policies:
        if same_id(policy.id, ours) and policy.multi_vm_sync:
            why = (
                "the policy permits multi-VM consistency, and the plan has no "
                "`replication.consistency_group`: its VMs are replicated one by one, as before"
            )
            remedy = "Nothing is lost by it; to be rid of it, name another policy in the plan."
            yield policy.name, Judgement("multi-vm-sync", "tell", why, remedy, "")
