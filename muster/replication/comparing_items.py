"""Protected items: what is wanted of each VM, compared with what its item says."""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of, last_of, lies_in, same_id
from muster.gateway.parse import text_of, text_or_none
from muster.gateway.values import Json, ProtectedItem
from muster.replication.caching import protected_disks
from muster.replication.change import Act, Change, FieldChange, Kind
from muster.replication.comparing_cards import card_fields
from muster.replication.comparing_subnets import refused_subnets
from muster.replication.found import Found
from muster.replication.inputs import unknown_addresses, unknown_cards
from muster.replication.item_details import details_of, policy_of
from muster.replication.item_states import (
    CLEAN_UP,
    is_under_way,
    stands_failed,
    under_test,
)
from muster.replication.part_ids import container_id, item_id, policy_id
from muster.replication.state_words import state_words
from muster.replication.told_apart import IN_SUBSCRIPTION, told_apart
from muster.replication.wanted import VmWanted, Wanted

_ANEW = (
    "Disable the replication of this VM in the portal (`--disable` ends it for the whole plan), "
    "then run this again; its recovery points are lost by that."
)
_KEYS = {
    "policy": "replication.policy",
    "target region": "target.region",
    "consistency group": "replication.consistency_group",
    "resource group": "target.resource_group",
    "cache storage": "replication.cache_storage",
    "availability": "replication.availability",
}
"""By field: the key of the plan that wishes it."""


def compare_items(wanted: Wanted, found: Found) -> Iterator[Change]:
    """Every VM: enabled, changed, left alone, or refused with the reason; then its disks."""
    for vm in wanted.vms:
        item = found.item_of(vm.source_vm_id)
        if refused := refused_subnets(wanted, vm, found):
            yield refused
            continue
        if item is None:
            count = f"{len(vm.disks)} disk{'s' if len(vm.disks) != 1 else ''}"
            why = f"it is not replicated yet: {count}, into {last_of(vm.recovery_network_id)}"
            arm_id = item_id(wanted, vm)
            yield Change(Act.CREATE, Kind.VM, vm.name, arm_id, why, wanted=vm, disks=vm.disks)
            continue
        yield _item(wanted, vm, item)
        yield from _disks(vm, item)


def _item(wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> Change:
    details = details_of(item)
    fixed = tuple(_fixed(wanted, vm, item))
    if fixed:
        names = ", ".join(one.name for one in fixed)
        keys = ", ".join(f"`{_key_of(one)}`" for one in fixed)
        why = (
            f"the plan says otherwise than it is replicated ({keys}), and {names} cannot be "
            "changed while it is replicated"
        )
        remedy = (
            f"Write into the plan what it has: look at {keys}. Only where the new one is meant: "
            f"{_ANEW[0].lower()}{_ANEW[1:]}"
        )
        return Change(Act.REFUSE, Kind.VM, vm.name, item.id, why, fixed, remedy)
    if moving := _moving(vm, item):
        return moving
    if item.nics and (unknown := unknown_cards(vm, item)):
        names = ", ".join(map(last_of, unknown))
        why = f"its item has no network card {names}: it was added since the VM was protected"
        return Change(Act.REFUSE, Kind.VM, vm.name, item.id, why, remedy=_ANEW)
    if unknown := unknown_addresses(vm, item):
        names = ", ".join(unknown)
        why = (
            f"its item has no IP configuration {names}: it was added, or renamed, since the VM "
            "was protected"
        )
        return Change(Act.REFUSE, Kind.VM, vm.name, item.id, why, remedy=_ANEW)
    fields = (*_settings(vm, details), *_disk_types(vm, item), *card_fields(vm, details))
    if fields and (tested := under_test(item)):
        return Change(Act.REFUSE, Kind.VM, vm.name, item.id, tested, fields, CLEAN_UP)
    if fields:
        why = "its settings are not the plan's: the VM, the plan or the item was changed since"
        return Change(Act.CHANGE, Kind.VM, vm.name, item.id, why, fields, wanted=vm)
    why = "it is replicated as wanted"
    return Change(Act.LEAVE, Kind.VM, vm.name, item.id, why, wanted=vm)


def _key_of(field: FieldChange) -> str:
    """The plan's key that wishes a value; the subscription, where that alone is another one."""
    key = _KEYS[field.name.partition(" of ")[0]]
    is_subscription = key == "target.resource_group" and IN_SUBSCRIPTION in (field.after or "")
    return "target.subscription" if is_subscription else key


def _moving(vm: VmWanted, item: ProtectedItem) -> Change | None:
    """An item that is not protected yet, or whose enabling failed; None for one that stands."""
    state = item.protection_state
    if stands_failed(item):
        why = f"its enabling failed before ({state}); it is asked for again"
        return Change(Act.CHANGE, Kind.VM, vm.name, item.id, why, wanted=vm)
    has_cards = bool(item.nics or item.recovery_network_id)
    if has_cards and not is_under_way(item):
        return None
    why = f"it is not protected yet ({state_words(state)}); its settings are compared after"
    return Change(Act.WAIT, Kind.VM, vm.name, item.id, why, wanted=vm)


def _fixed(wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> Iterator[FieldChange]:
    """What only a new start changes."""
    yield from _availability(vm, details_of(item))
    yield from fixed_terms(wanted, vm, item)
    group, before = vm.consistency_group or "", item.multi_vm_group_name or ""
    if group.casefold() != before.casefold():
        yield FieldChange("consistency group", before or None, group or None)
    yield from _caches(vm, item)


def fixed_terms(wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> Iterator[FieldChange]:
    """What shows by whom a VM was protected: policy, region and group; what is not told is not
    compared.
    """
    policy = policy_of(item)
    if policy and not same_id(policy, policy_id(wanted)):
        yield FieldChange("policy", last_of(policy), wanted.policy.name)
    there = item.recovery_fabric_location
    if there and there.casefold() != wanted.target.region:
        yield FieldChange("target region", there, wanted.target.region)
    group_id = item.recovery_resource_group_id
    if group_id and not same_id(group_id, vm.recovery_group_id):
        yield FieldChange("resource group", *told_apart(group_id, vm.recovery_group_id))
    yield from _caches(vm, item)


def other_place(wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> Iterator[FieldChange]:
    """Container and network of an item that are not those it was to be enabled in."""
    container = container_id(wanted, wanted.source)
    if not lies_in(item.id, container):
        yield FieldChange(
            "container", item.id.rpartition("/replicationProtectedItems/")[0], container
        )
    network = item.recovery_network_id
    if network and not same_id(network, vm.recovery_network_id):
        yield FieldChange("network", network, vm.recovery_network_id)


def _availability(vm: VmWanted, details: Json) -> Iterator[FieldChange]:
    """Single, in a set, or in a zone: that it is one of them is fixed, which one is not.

    So says azure-to-azure-how-to-enable-replication-cmk-disks (2024-03). Nothing wanted is
    nothing compared.
    """
    after = _kind_of(vm.zone, vm.availability_set_id)
    before = _kind_of(
        text_or_none(details.get("recoveryAvailabilityZone")),
        text_or_none(details.get("recoveryAvailabilitySet")),
    )
    if after != _SINGLE and before != after:
        yield FieldChange("availability", before, after)


_SINGLE = "single instance"


def _kind_of(zone: str | None, group: str | None) -> str:
    return "in a zone" if zone else "in an availability set" if group else _SINGLE


def _caches(vm: VmWanted, item: ProtectedItem) -> Iterator[FieldChange]:
    """One for all disks where it is the same for them, so that VMs can be told of together."""
    now = _by_disk(item)
    differing: dict[str, tuple[str, str]] = {}
    for disk in vm.disks:
        told = now.get(key_of(disk.id), {})
        account = text_of(told.get("primaryStagingAzureStorageAccountId"))
        if account and not same_id(account, disk.cache_storage_id):
            differing[last_of(disk.id)] = told_apart(account, disk.cache_storage_id)
    if len(set(differing.values())) == 1:
        yield FieldChange("cache storage", *next(iter(differing.values())))
        return
    for name, ends in differing.items():
        yield FieldChange(f"cache storage of {name}", *ends)


def _settings(vm: VmWanted, details: Json) -> Iterator[FieldChange]:
    """What a PATCH changes; what the plan leaves to Azure (None) is not compared."""
    for name, after, key in (
        ("size", vm.size, "recoveryAzureVMSize"),
        ("network", vm.recovery_network_id, "selectedRecoveryAzureNetworkId"),
        ("zone", vm.zone, "recoveryAvailabilityZone"),
        ("availability set", vm.availability_set_id, "recoveryAvailabilitySet"),
        ("proximity group", vm.proximity_group_id, "recoveryProximityPlacementGroupId"),
        ("capacity reservation", vm.capacity_reservation_id, "recoveryCapacityReservationGroupId"),
    ):
        before = text_of(details.get(key))
        if after is not None and key_of(before) != key_of(after):
            yield FieldChange(name, before or None, after)


def _disk_types(vm: VmWanted, item: ProtectedItem) -> Iterator[FieldChange]:
    now = _by_disk(item)
    for disk in vm.disks:
        told = now.get(key_of(disk.id))
        if told is None:
            continue  # it is to be added, with its types
        for name, after, key in (
            ("type", disk.target_type, "recoveryTargetDiskAccountType"),
            ("replica type", disk.replica_type, "recoveryReplicaDiskAccountType"),
        ):
            before = text_of(told.get(key))
            if after is not None and before and before.casefold() != after.casefold():
                yield FieldChange(f"{name} of {last_of(disk.id)}", before, after)


def _disks(vm: VmWanted, item: ProtectedItem) -> Iterator[Change]:
    """Disks that were added to the VM since, and disks that are replicated and not wanted."""
    now = _by_disk(item)
    added = tuple(disk for disk in vm.disks if key_of(disk.id) not in now)
    if added and now:
        names = ", ".join(last_of(disk.id) for disk in added)
        why = f"added to the VM since it was protected: {names}"
        fields = tuple(FieldChange(last_of(one.id), None, "replicated") for one in added)
        if tested := under_test(item):
            yield Change(Act.REFUSE, Kind.DISKS, vm.name, item.id, tested, fields, CLEAN_UP)
            return
        yield Change(Act.CHANGE, Kind.DISKS, vm.name, item.id, why, fields, wanted=vm, disks=added)
    wanted = {key_of(disk.id) for disk in vm.disks}
    surplus = [key for key in now if key not in wanted]
    if surplus:
        fields = tuple(FieldChange(last_of(one), "replicated", None) for one in surplus)
        why = "replicated, but taken off the VM, or excluded in the plan since"
        yield Change(Act.REFUSE, Kind.DISKS, vm.name, item.id, why, fields, _ANEW)


def _by_disk(item: ProtectedItem) -> dict[str, Json]:
    return {key_of(text_of(one.get("diskId"))): one for one in protected_disks(item)}
