"""VMs that another vault protects than the one that the plan names: found, told, never doubled."""

from __future__ import annotations

from muster.gateway.ids import key_of, parse_id
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, FieldChange, Kind
from muster.replication.found import Found
from muster.replication.setting import Setting
from muster.replication.terms import source_id
from muster.replication.told_apart import told_apart


def vault_left(plan: RecoveryPlan, found: Found) -> Change | None:
    """The refusal of a vault that is not there yet, while another protects VMs of the plan.

    To make it would split the application in two. Once it is there, each VM is told of by itself.
    """
    if found.vault is not None:
        return None
    held: dict[str, list[str]] = {}
    for vm in plan.all_vms:
        other = found.elsewhere.get(key_of(source_id(plan, vm, found.subscription)))
        if other is not None:
            held.setdefault(other, []).append(vm.name)
    if not held:
        return None
    wanted = Setting(plan, found).vault.ref
    other, names = max(held.items(), key=lambda one: len(one[1]))
    count = sum(map(len, held.values()))
    why = (
        f"it is not there, and {parse_id(other).name} protects {', '.join(names[:5])}"
        f"{f' and {count - 5} more' if count > 5 else ''} of the plan: replication was set up in "
        "another vault, or the plan names a wrong one"
    )
    fields = (FieldChange("vault", *told_apart(other, wanted.id)),)
    return Change(Act.REFUSE, Kind.VAULT, wanted.name, wanted.id, why, fields, way_back(other))


def way_back(vault_id: str) -> str:
    """What to do about a VM that a vault protects."""
    place = parse_id(vault_id)
    where = f"resource_group: {place.resource_group}, name: {place.name}"
    return (
        f"Take it out of the plan, if {place.name} is to go on protecting it. Or, if what is in "
        f"{place.name} goes to the plan's target region, "
        f"write `vault: {{{where}}}` into the plan (with `subscription: {place.subscription}` if "
        f"it is not the source's), or end its replication in {place.name} first: items do not "
        "move between vaults, and recovery points are lost with them."
    )
