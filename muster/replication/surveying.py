"""Reads source, target and vault: everything that what is wanted is worked out from.

Two rounds: the source and the vault first, from which it is worked out what is wanted; then
whether that is there. What may not be read is told in `Found.unread`, never taken for missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from muster.errors import GatewayError
from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.values import Json, ProtectedItem, Resource, VaultRef, VirtualMachine
from muster.gateway.values_setup import Eligibility, VaultSetup
from muster.plan.model import RecoveryPlan
from muster.replication.caching import MOST_NAMES
from muster.replication.found import NOTHING_SET_UP, Found, FoundSize, FoundVault, FoundVm, Unread
from muster.replication.listing_selected import vms_of_select
from muster.replication.reading_places import (
    read_network,
    read_route_table,
    read_security_group,
    read_storage,
    read_vault,
)
from muster.replication.reading_vms import read_size, read_vm, untold_disks
from muster.replication.setting import Setting
from muster.replication.source_group import demand_source_group
from muster.replication.support import may_be_protected
from muster.replication.terms import source_id
from muster.replication.working_out import work_out

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
    async def subscriptions(self) -> tuple[str, ...]: ...
    async def eligibility(self, vm_id: str) -> Eligibility: ...
    async def is_storage_name_taken(self, subscription: str, name: str) -> bool: ...


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
        SaidWrong: A group that the plan selects from (PLAN-083), or the source's own (PLAN-121),
            is not there.
    """
    survey = _Survey(reads, plan, Found(subscription))
    tell("reading the vault")
    await survey.vault()
    ids = await survey.selected()
    tell(f"reading {len(ids)} VMs with their disks and cards")
    await survey.vms(ids)
    await demand_source_group(reads, plan, survey.found)
    if skus is not None:
        await survey.sizes(skus)
    tell("reading networks, security groups and routes of the source")
    await survey.places()
    await survey.elsewhere()
    tell("reading the target")
    await survey.names()
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
        ids += [one.id for one in await vms_of_select(self.reads, self.plan, subscription)]
        return tuple({key_of(one): one for one in ids}.values())

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
        """Which other vault protects VMs that ours does not know, and that may be protected.

        Vaults are looked for where VMs and plan are, then in every subscription that we see: a
        VM that another vault protects is never enabled a second time.
        """
        lost = {
            key_of(vm.id): vm
            for vm in self.found.vms
            if self.found.item_of(vm.id) is None and may_be_protected(vm)
        }
        near = [parse_id(vm.id).subscription or "" for vm in lost.values()]
        setting = Setting(self.plan, self.found)
        near += [setting.vault.ref.subscription, setting.target_subscription] if lost else []
        await self._look_in(dict.fromkeys(near), lost)
        if lost.keys() - self.found.elsewhere.keys():
            every = await self._seen("subscriptions", self.reads.subscriptions())
            seen = {one.casefold() for one in near}
            await self._look_in([one for one in every or () if one.casefold() not in seen], lost)

    async def _look_in(self, subscriptions: Iterable[str], lost: Mapping[str, FoundVm]) -> None:
        """Note those of the lost VMs that vaults of these subscriptions protect."""
        for subscription in subscriptions:
            what = f"vaults of subscription {subscription}"
            vaults = await self._seen(what, self.reads.resources_of_type(subscription, VAULT))
            for vault in vaults or ():
                known = await self._protected_by(vault)
                theirs = {key: one for key, one in known.items() if key in lost}
                self.found = replace(self.found, elsewhere={**self.found.elsewhere, **theirs})

    async def names(self) -> None:
        """Names that cache accounts cannot get, because somebody else has them.

        Names are the same for everybody in the world; one that is taken leads to the next of its
        row, which a later run comes to by the same way.
        """
        asked: set[str] = set()
        for _ in range(MOST_NAMES):
            wanted = (one.id for one in work_out(self.plan, self.found).resources)
            ids = [one for one in wanted if parse_id(one).type.casefold() == _STORAGE]
            fresh = [one for one in ids if key_of(one) not in asked]
            if not fresh:
                return
            asked |= set(map(key_of, fresh))
            taken = await asyncio.gather(*map(self._is_taken, fresh))
            names = {parse_id(one).name for one, is_so in zip(fresh, taken, strict=True) if is_so}
            every = self.found.taken_storage_names | names
            self.found = replace(self.found, taken_storage_names=every)

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

    async def _is_taken(self, account_id: str) -> bool:
        """Whether somebody else has an account's name; what cannot be asked is not known to be."""
        if await self._resource(account_id) is not None:
            return False
        arm = parse_id(account_id)
        asking = self.reads.is_storage_name_taken(arm.subscription or "", arm.name)
        return bool(await self._seen(f"{account_id} (its name)", asking))

    async def _vm(self, vm_id: str) -> FoundVm | None:
        read = await self._seen(vm_id, self.reads.vm(vm_id, instance_view=True))
        if read is None:
            return None
        self.found = replace(self.found, machines=(*self.found.machines, read))
        hanging = [one.raw for one in await self._each((*read.disk_ids, *read.nic_ids))]
        by_key = {key_of(str(one.get("id"))): one for one in hanging}
        answer = await self._seen(f"{vm_id} (eligibility)", self.reads.eligibility(vm_id))
        vm = read_vm(read.raw, by_key, by_key, answer.errors if answer else None)
        missing = [one for one in (*read.disk_ids, *read.nic_ids) if key_of(one) not in by_key]
        unseen = (*untold_disks(read.raw), *(self._why_unseen(one) for one in missing))
        return replace(vm, unseen=unseen)

    def _why_unseen(self, resource_id: str) -> Unread:
        """Why a thing that a VM names was not seen: refused, or Azure says it is not there."""
        told = (one for one in self.found.unread if same_id(one.what, resource_id))
        return next(told, Unread(resource_id, "Azure says that it is not there"))

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
