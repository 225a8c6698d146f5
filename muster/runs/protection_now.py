"""How many VMs of a plan are protected now, as Azure tells: those of groups, and selected ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from muster.errors import GatewayError
from muster.gateway.ids import key_of, parse_id
from muster.gateway.kinds import NotFound
from muster.gateway.values import ProtectedItem, VirtualMachine
from muster.replication.selecting import selecting_scopes, selects
from muster.steps.items import source_vm_id
from muster.steps.preflight_reads.lists import groups_of
from muster.steps.preflight_reads.scene import Scene


@dataclass(frozen=True, slots=True)
class ProtectionNow:
    """Of the VMs of the plan's groups and of `replication.select`, each once."""

    wanted: int
    items: tuple[ProtectedItem, ...]  # of those among them that the source still has
    gone: tuple[str, ...] = ()  # VMs of the plan's groups that the source does not have
    unseen: str = ""  # why the source could not be looked at: then groups alone are counted
    has_vault: bool = True  # without one nothing is protected yet

    @property
    def protected(self) -> int:
        return sum(one.protection_state.casefold() == "protected" for one in self.items)


async def protection_now(scene: Scene) -> ProtectionNow:
    """Read the vault's items and the source's VMs, by lists; a deleted VM is not protected.

    Raises:
        GatewayError: The vault cannot be read. Where only the source cannot, `unseen` says so.
    """
    has_vault = await scene.gateway.vault(scene.vault) is not None
    items = await scene.gateway.protected_items(scene.vault) if has_vault else ()
    ids = {key_of(one): one for one in (source_vm_id(scene, vm.name) for vm in scene.plan.all_vms)}
    try:
        there = await _vms(scene, ids.values())
    except GatewayError as err:
        said = f"the source could not be looked at, so only VMs of groups are counted: {err}"
        return ProtectionNow(len(ids), _of(items, ids), unseen=said, has_vault=has_vault)
    gone = [one for key, one in ids.items() if key not in there]
    wanted = ids | {key: vm.id for key, vm in there.items() if _is_selected(scene, vm)}
    left = {key: one for key, one in wanted.items() if key in there}
    names = tuple(parse_id(one).name for one in gone)
    return ProtectionNow(len(wanted), _of(items, left), names, has_vault=has_vault)


async def _vms(scene: Scene, ids: Iterable[str]) -> Mapping[str, VirtualMachine]:
    """By key of id: what stands where the plan's VMs should, and where selected ones may."""
    scopes = dict.fromkeys([*groups_of(ids), *selecting_scopes(scene.plan, scene.subscription)])
    listed = await asyncio.gather(*(_listed(scene, scope) for scope in scopes))
    return {key_of(vm.id): vm for vms in listed for vm in vms}


async def _listed(scene: Scene, scope: str) -> tuple[VirtualMachine, ...]:
    try:
        return await scene.gateway.vms(scope)
    except NotFound:
        return ()  # in a group that is not there no VM stands


def _is_selected(scene: Scene, vm: VirtualMachine) -> bool:
    region = vm.location.replace(" ", "")
    return selects(scene.plan, scene.subscription, vm.id, region, vm.tags)


def _of(items: Iterable[ProtectedItem], ids: Mapping[str, str]) -> tuple[ProtectedItem, ...]:
    return tuple(item for item in items if key_of(item.source_vm_id) in ids)
