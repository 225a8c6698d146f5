"""Which other vault protects VMs that the plan's does not: asked only where there are such."""

from __future__ import annotations

from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import ProtectedItem, Resource, VaultRef
from muster.steps.preflight_reads.reader import Reader

VAULTS = "Microsoft.RecoveryServices/vaults"
ELSEWHERE = "elsewhere"


async def read_other_vaults(reader: Reader) -> None:
    """Of the vaults of the subscriptions that those VMs are in; of others nobody is asked."""
    facts, gateway = reader.facts, reader.gateway
    if {"items", "sources", "selected"} & facts.unread.keys():
        return
    found = [vm.id for vm in (*facts.sources.values(), *facts.selected) if vm is not None]
    held = {key_of(item.source_vm_id) for item in facts.items.values()} | facts.protected_ids
    lost = {key_of(one): one for one in found if key_of(one) not in held}
    no_vault: tuple[Resource, ...] = ()
    subscriptions = {parse_id(one).subscription or "" for one in lost.values()}
    listed = await reader.each(
        ELSEWHERE,
        sorted(subscriptions),
        lambda one: gateway.resources_of_type(one, VAULTS),
        no_vault,
    )
    own = key_of(facts.vault_ref.id)
    vaults = [one.id for rows in listed.values() for one in rows if key_of(one.id) != own]
    nothing: tuple[ProtectedItem, ...] = ()
    items = await reader.each(
        ELSEWHERE, vaults, lambda one: gateway.protected_items(_ref(one)), nothing
    )
    facts.elsewhere = {
        key_of(item.source_vm_id): parse_id(vault).name
        for vault, of_vault in items.items()
        for item in of_vault
        if key_of(item.source_vm_id) in lost
    }


def _ref(vault_id: str) -> VaultRef:
    place = parse_id(vault_id)
    return VaultRef(place.subscription or "", place.resource_group or "", place.name)
