"""What `replicate` leaves behind, from the plan and from what was found. Pure.

By default everything is made from the source's configuration, as the portal does: group, network
with the same ranges and subnets, availability sets or zones, cache storage in the source region,
a policy, and mappings there and back. Every part can be said in the plan.
"""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of, parse_id
from muster.plan.model import RecoveryPlan
from muster.replication.caching import Caches
from muster.replication.found import Found, FoundDisk, FoundVm
from muster.replication.naming import digest, mapping_name, named_id, unique_names
from muster.replication.selection import select_vms
from muster.replication.setting import Setting
from muster.replication.standing import Standings, ordered
from muster.replication.target_networks import TargetNetworks
from muster.replication.terms import Terms, terms_of
from muster.replication.wanted import (
    CardWanted,
    DiskWanted,
    MappingWanted,
    Needed,
    ResourceWanted,
    VmWanted,
    Wanted,
)
from muster.replication.working_cards import Cards

ENCRYPTION_SET = "Microsoft.Compute/diskEncryptionSets"


def work_out(plan: RecoveryPlan, found: Found) -> Wanted:
    """Everything that has to be there for the VMs that can be replicated.

    The same plan and the same world give the same names. What is there already under another name
    (a fabric of the region, a container with the plan's items, an item of a VM) is taken as it is.
    """
    vms, _ = select_vms(plan, found)
    setting = Setting(plan, found)
    making = _Making(setting, vms)
    wanted_vms = tuple(making.vm(vm) for vm in vms)
    return Wanted(
        vault=setting.vault,
        groups=_groups(setting),
        resources=making.resources(),
        source=setting.source,
        target=setting.target,
        policy=setting.policy,
        mappings=_mappings(setting),
        network_mappings=tuple(making.networks.mappings()),
        vms=wanted_vms,
        needed=making.needed(),
        residency=plan.replication.data_residency,
    )


def _groups(setting: Setting) -> tuple[ResourceWanted, ...]:
    """The vault's group and the target's."""
    vault = setting.vault
    vaults = f"/subscriptions/{vault.ref.subscription}/resourceGroups/{vault.ref.resource_group}"
    region = setting.plan.target.region
    return ordered(
        iter(
            (
                ResourceWanted(vaults, {"location": vault.region}, "the vault's resource group"),
                ResourceWanted(
                    setting.target_group_id,
                    {"location": region},
                    f"recovered VMs of {setting.plan.plan}, their disks and network",
                ),
            )
        )
    )


def _mappings(setting: Setting) -> tuple[MappingWanted, ...]:
    """There and back, so that reprotect works later; those that are there keep their names."""
    source, target, policy = setting.source, setting.target, setting.policy
    here, there = source.region, target.region
    back = f"{here}-back" if setting.plan.is_zonal else here
    names = (
        setting.mapping_name(source, target) or mapping_name(here, there, policy.name),
        setting.mapping_name(target, source) or mapping_name(there, back, policy.name),
    )
    return MappingWanted(names[0], source, target), MappingWanted(names[1], target, source)


def _subnet(vm: FoundVm, cards: tuple[CardWanted, ...]) -> str:
    """The subnet that the primary address of the primary card recovers into."""
    subnets = (ip.subnet for card in cards[:1] for ip in card.ips if ip.is_primary)
    return next((one for one in subnets if one), parse_id(vm.subnet_id or "").name)


class _Making:
    """Works VMs out one by one, and gathers what they need on the way."""

    def __init__(self, setting: Setting, vms: tuple[FoundVm, ...]) -> None:
        self.networks = TargetNetworks(setting, vms)
        self._setting = setting
        self._standings = Standings(setting, vms)
        self._cards = Cards(setting)
        self._caches = Caches(setting)
        self._items = unique_names(vm.id for vm in vms)
        self._needed: dict[str, Needed] = {}

    def vm(self, vm: FoundVm) -> VmWanted:
        """A VM's item. Every chosen VM has a network: one without has been left."""
        setting = self._setting
        terms = terms_of(setting.plan, vm, setting.found.subscription)
        stands = self._standings.of(vm, terms)
        network = self.networks.target_of(vm.network_id or "")
        cards = self._cards.of(vm, terms, network)
        return VmWanted(
            name=vm.name,
            source_vm_id=vm.id,
            item=self._item(vm),
            disks=tuple(self._disks(vm, terms)),
            recovery_group_id=setting.target_group_id,
            recovery_network_id=network,
            recovery_subnet=_subnet(vm, cards),
            cards=cards,
            size=terms.size or vm.size,
            zone=stands.zone,
            availability_set_id=stands.availability_set_id,
            proximity_group_id=stands.proximity_group_id,
            capacity_reservation_id=stands.capacity_reservation_id,
            consistency_group=setting.plan.replication.consistency_group,
        )

    def _item(self, vm: FoundVm) -> str:
        """Name of a VM's item: the one it has, else its own name, unless another VM has that."""
        items = self._setting.found.setup.items
        own = self._setting.found.item_of(vm.id)
        if own:
            return own.name
        name = self._items[key_of(vm.id)]
        if any(item.name.casefold() == name.casefold() for item in items):
            return f"{name}-{digest(key_of(vm.id))}"
        return name

    def resources(self) -> tuple[ResourceWanted, ...]:
        """Each once, in the order of making."""
        return ordered(self._every_resource())

    def needed(self) -> tuple[Needed, ...]:
        """What the plan names and nobody makes here; what is made is not needed."""
        made = {key_of(one.id) for one in self._every_resource()}
        every = (
            *self.networks.needed(), *self._standings.needed(), *self._cards.needed(),
            *self._caches.needed(), *self._needed.values(),
        )  # fmt: skip
        return tuple({key_of(one.id): one for one in every if key_of(one.id) not in made}.values())

    def _every_resource(self) -> Iterator[ResourceWanted]:
        yield from self.networks.resources()
        yield from self._caches.resources()
        yield from self._standings.resources()
        yield from self._cards.resources()

    def _disks(self, vm: FoundVm, terms: Terms) -> Iterator[DiskWanted]:
        for disk in vm.disks:
            if terms.replicates(disk):
                yield DiskWanted(
                    id=disk.id,
                    cache_storage_id=self._caches.account_of(vm, disk),
                    recovery_group_id=self._setting.target_group_id,
                    replica_type=terms.replica_type or disk.sku,
                    target_type=terms.target_type or disk.sku,
                    encryption_set_id=self._encryption_set(vm, disk, terms),
                )

    def _encryption_set(self, vm: FoundVm, disk: FoundDisk, terms: Terms) -> str | None:
        """The set for a disk under a customer-managed key; others are under Azure's own."""
        if terms.encryption_set is None or "customerkey" not in (disk.encryption or "").casefold():
            return None
        group = self._setting.target_group_id
        arm_id = named_id(terms.encryption_set, group, ENCRYPTION_SET)
        name = parse_id(disk.id).name
        self._needed[key_of(arm_id)] = Needed(arm_id, f"disk {name} of {vm.name} is to use it")
        return arm_id
