"""Reads source, target and vault: everything that what is wanted is worked out from.

Two rounds: the source and the vault first, from which it is worked out what is wanted; then
whether that is there. What may not be read is told in `Found.unread`, never taken for missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from muster.errors import GatewayError
from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.kinds import NotFound
from muster.gateway.values import Json, ProtectedItem, Resource, VaultRef, VirtualMachine
from muster.gateway.values_setup import Eligibility, VaultSetup
from muster.plan.model import RecoveryPlan
from muster.plan.where import SaidWrong
from muster.replication.found import NOTHING_SET_UP, Found, FoundSize, FoundVault, FoundVm, Unread
from muster.replication.naming import group_id_of
from muster.replication.reading_places import (
    read_network,
    read_route_table,
    read_security_group,
    read_storage,
    read_vault,
)
from muster.replication.reading_vms import read_size, read_vm
from muster.replication.setting import Setting
from muster.replication.support import says_already_protected
from muster.replication.terms import source_id
from muster.replication.working_out import work_out

VM = "Microsoft.Compute/virtualMachines"
VAULT = "Microsoft.RecoveryServices/vaults"
_NETWORK, _STORAGE = "microsoft.network/virtualnetworks", "microsoft.storage/storageaccounts"
Tell = Callable[[str], None]
Skus = Callable[[str, str], Awaitable[Sequence[Json]]]
"""Rows of `Microsoft.Compute/skus` by subscription and region."""
T = TypeVar("T")


class Reads(Protocol):
    """What is asked of the gateway; `Gateway` has it all. Each raises GatewayError."""

    async def vm(self, vm_id: str, *, instance_view: bool = False) -> VirtualMachine | None: ...
    async def resource(self, resource_id: str) -> Resource | None: ...
    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]: ...
    async def resources_of_type(
        self, subscription: str, arm_type: str
    ) -> tuple[Resource, ...]: ...
    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]: ...
    async def vault_setup(self, vault: VaultRef) -> VaultSetup | None: ...
    async def eligibility(self, vm_id: str) -> Eligibility: ...


async def read_found(
    reads: Reads,
    plan: RecoveryPlan,
    subscription: str,
    tell: Tell = lambda _: None,
    skus: Skus | None = None,
) -> Found:
    """Everything that is there before anything is made.

    Args:
        reads: The gateway.
        plan: The plan.
        subscription: Where the plan names none.
        tell: Hears what is being read, for people who wait.
        skus: Lists what Compute offers a subscription in a region. Left out, a size's cores and
            memory are not judged, and its architecture by its name.

    Raises:
        GatewayError: The vault, or a list of VMs that the plan selects from, cannot be read.
        SaidWrong: A group that the plan selects from is not there (PLAN-083).
    """
    survey = _Survey(reads, plan, Found(subscription))
    tell("reading the vault")
    await survey.vault()
    ids = await survey.selected()
    tell(f"reading {len(ids)} VMs with their disks and cards")
    await survey.vms(ids)
    if skus is not None:
        await survey.sizes(skus)
    tell("reading networks, security groups and routes of the source")
    await survey.places()
    await survey.elsewhere()
    tell("reading the target")
    await survey.targets()
    return survey.found


@dataclass(slots=True)
class _Survey:
    reads: Reads
    plan: RecoveryPlan
    found: Found

    async def vault(self) -> None:
        """The vault and its set-up; if it is not there, vaults of its name in other groups."""
        ref = Setting(self.plan, self.found).vault.ref
        setup = await self.reads.vault_setup(ref)
        if setup is not None:
            told = await self._resource(ref.id)
            vault = read_vault(told.raw) if told else FoundVault(ref.id, ref.name, "")
            self.found = replace(self.found, vault=vault, setup=setup)
            return
        every = await self.reads.resources_of_type(ref.subscription, VAULT)
        others = tuple(
            FoundVault(one.id, one.name, one.location or "")
            for one in every
            if one.name.casefold() == ref.name.casefold()
        )
        self.found = replace(self.found, setup=NOTHING_SET_UP, vaults_of_that_name=others)

    async def selected(self) -> tuple[str, ...]:
        """Ids of the VMs that the plan names, and of those that it may select."""
        subscription = self.plan.source.subscription or self.found.subscription
        ids = [source_id(self.plan, vm, subscription) for vm in self.plan.all_vms]
        select = self.plan.replication.select
        listed: list[Resource] = []
        for name in select.resource_groups:
            listed += await self._in_group(name, subscription)
        if select.tags and not select.resource_groups:
            listed += await self.reads.resources_of_type(subscription, VM)
        tags = {(key.casefold(), value) for key, value in select.tags.items()}
        ids += [
            one.id
            for one in listed
            if one.type.casefold() == VM.casefold()
            and tags <= {(key.casefold(), value) for key, value in one.tags.items()}
        ]
        return tuple({key_of(one): one for one in ids}.values())

    async def _in_group(self, name: str, subscription: str) -> tuple[Resource, ...]:
        """What lies in a group that the plan selects from."""
        try:
            return await self.reads.resources_of_group(group_id_of(name, subscription))
        except NotFound as err:
            key = ("replication", "select", "resource_groups")
            message = f"`{'.'.join(key)}: {name}` is not there: {err.message}"
            raise SaidWrong(message, "PLAN-083", key, name) from err

    async def vms(self, ids: Iterable[str]) -> None:
        """VMs with everything that hangs on them, side by side."""
        read = await asyncio.gather(*(self._vm(one) for one in ids))
        self.found = replace(self.found, vms=tuple(vm for vm in read if vm is not None))

    async def sizes(self, skus: Skus) -> None:
        """Sizes of VMs that the two regions have."""
        source, target = self.plan.source, self.plan.target
        own = source.subscription or self.found.subscription
        here, there = await asyncio.gather(
            self._sizes_of(skus, own, source.region),
            self._sizes_of(skus, target.subscription or own, target.region),
        )
        self.found = replace(self.found, sizes=here, target_sizes=there)

    async def _sizes_of(self, skus: Skus, subscription: str, region: str) -> dict[str, FoundSize]:
        """By folded name; none where they could not be read."""
        listed = await self._seen(f"sizes of {region}", skus(subscription, region))
        sizes = [
            read_size(row)
            for row in listed or ()
            if str(row.get("resourceType", "")).casefold() == "virtualmachines"
        ]
        return {one.name.casefold(): one for one in sizes}

    async def places(self) -> None:
        """Networks of the source, and what stands in the VMs' way out."""
        vms = self.found.vms
        networks = [read_network(one.raw) for one in await self._each(vm.network_id for vm in vms)]
        self.found = replace(self.found, networks=tuple(networks))
        subnets = [one for vm in vms if (one := self.found.subnet(vm.subnet_id))]
        cards = [card for vm in vms for card in vm.cards]
        named = [card.security_group_id for card in cards]
        groups = await self._each([*named, *(one.security_group_id for one in subnets)])
        tables = await self._each(one.route_table_id for one in subnets)
        sets = await self._each(vm.availability_set_id for vm in vms)
        self.found = replace(
            self.found,
            security_groups=tuple(read_security_group(one.raw) for one in groups),
            route_tables=tuple(read_route_table(one.raw) for one in tables),
            resources=(*self.found.resources, *sets),
        )

    async def elsewhere(self) -> None:
        """Which vault protects the VMs that Azure calls protected and ours does not know."""
        lost = [
            vm
            for vm in self.found.vms
            if any(says_already_protected(one.code) for one in vm.eligibility or ())
            and self.found.item_of(vm.id) is None
        ]
        if not lost:
            return
        known: dict[str, str] = {}
        for subscription in {parse_id(vm.id).subscription or "" for vm in lost}:
            for vault in await self.reads.resources_of_type(subscription, VAULT):
                known |= await self._protected_by(vault)
        theirs = {key_of(vm.id): known[key_of(vm.id)] for vm in lost if key_of(vm.id) in known}
        self.found = replace(self.found, elsewhere=theirs)

    async def targets(self) -> None:
        """Whether what is wanted, and what the plan names, is there."""
        wanted = work_out(self.plan, self.found)
        ids = [one.id for one in (*wanted.groups, *wanted.resources)]
        there = await self._each([*ids, *(one.id for one in wanted.needed)])
        kinds = {id(one): parse_id(one.id).type.casefold() for one in there}
        self.found = replace(
            self.found,
            networks=(
                *self.found.networks,
                *(read_network(one.raw) for one in there if kinds[id(one)] == _NETWORK),
            ),
            storage=tuple(read_storage(one.raw) for one in there if kinds[id(one)] == _STORAGE),
            resources=(
                *self.found.resources,
                *(one for one in there if kinds[id(one)] not in (_NETWORK, _STORAGE)),
            ),
        )

    async def _vm(self, vm_id: str) -> FoundVm | None:
        read = await self._seen(vm_id, self.reads.vm(vm_id, instance_view=True))
        if read is None:
            return None
        hanging = [one.raw for one in await self._each((*read.disk_ids, *read.nic_ids))]
        by_key = {key_of(str(one.get("id"))): one for one in hanging}
        answer = await self._seen(f"{vm_id} (eligibility)", self.reads.eligibility(vm_id))
        return read_vm(read.raw, by_key, by_key, answer.errors if answer else None)

    async def _each(self, ids: Iterable[str | None]) -> list[Resource]:
        """The resources of these ids that are there, each read once."""
        once = {key_of(one): one for one in ids if one}
        read = await asyncio.gather(*(self._resource(one) for one in once.values()))
        return [one for one in read if one is not None]

    async def _resource(self, resource_id: str) -> Resource | None:
        return await self._seen(resource_id, self.reads.resource(resource_id))

    async def _protected_by(self, vault: Resource) -> dict[str, str]:
        place = parse_id(vault.id)
        ref = VaultRef(place.subscription or "", place.resource_group or "", vault.name)
        if self.found.vault and same_id(vault.id, self.found.vault.id):
            return {}
        items = await self._seen(vault.id, self.reads.protected_items(ref))
        return {key_of(one.source_vm_id): vault.id for one in items or ()}

    async def _seen(self, what: str, reading: Awaitable[T | None]) -> T | None:
        """What is read, or None with a note of why it could not be."""
        try:
            return await reading
        except GatewayError as err:
            unread = Unread(what, err.message)
            self.found = replace(self.found, unread=(*self.found.unread, unread))
            return None
