"""What only the raw body of an item says: Azure's own keys, where the port has no field."""

from __future__ import annotations

from dataclasses import dataclass

from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import Json, ProtectedItem, Resource, VirtualMachine
from muster.plan.actions import Operation
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.told import known, listed, maybe, part, some, text, texts_of

NAMES = (
    "recoveryAvailabilitySet",
    "recoveryProximityPlacementGroupId",
    "recoveryVirtualMachineScaleSetId",
    "recoveryBootDiagStorageAccountId",
)
"""Keys of an item's details that name what has to be there when its VM is made."""


def properties_of(item: ProtectedItem) -> Json:
    """`properties` of an item; raises NotRead."""
    return part(item.raw, "properties")


def details_of(item: ProtectedItem) -> Json:
    """`providerSpecificDetails` of an item; raises NotRead."""
    return part(properties_of(item), "providerSpecificDetails")


def disks_of(item: ProtectedItem) -> list[Json]:
    """`protectedManagedDisks` of an item, one at least; raises NotRead."""
    return some(details_of(item), "protectedManagedDisks")


def cards_of(item: ProtectedItem) -> list[Json]:
    """`vmNics` of an item, one at least; raises NotRead."""
    return some(details_of(item), "vmNics")


def subnet_of(config: Json, *, is_test: bool) -> str:
    """Name of the subnet that an address of a card goes into; in a test its own setting wins.

    Raises:
        NotRead: Azure does not tell it.
    """
    own = maybe(config, "tfoSubnetName") if is_test else None
    return own or known(maybe(config, "recoverySubnetName"), "the subnet of a card")


def bare(name: str | None) -> str:
    """A subnet's name, of a name or an id, to compare by; "" for none."""
    return (name or "").rpartition("/")[2].casefold()


def ids_in(holder: Json, key: str) -> list[str]:
    """A list of ids, where null is none; raises NotRead, also where the key is not there."""
    is_null = key in holder and holder[key] is None
    return [] if is_null else texts_of(holder, key)


def reservation_of(item: ProtectedItem) -> str | None:
    """Id of the capacity reservation group that an item names; raises NotRead."""
    return _id_or_none(details_of(item), "recoveryCapacityReservationGroupId")


def named_by(item: ProtectedItem, operation: Operation) -> list[str]:
    """Ids of what an item's VM is made with, besides network and disks; raises NotRead.

    A copy has a failover's set, groups and keys; what its cards use its own settings say.
    """
    details = details_of(item)
    found = [_id_or_none(details, name) for name in NAMES]
    found += [_id_or_none(disk, "recoveryDiskEncryptionSetId") for disk in disks_of(item)]
    prefix = "tfo" if operation is Operation.DRILL else "recovery"
    for card in listed(details, "vmNics"):  # none are told before the first copy is made
        found.append(_id_or_none(card, f"{prefix}NetworkSecurityGroupId"))
        for config in some(card, "ipConfigs"):
            found.append(_id_or_none(config, f"{prefix}PublicIPAddressId"))
            found += ids_in(config, f"{prefix}LBBackendAddressPoolIds")
    return [one for one in found if one]


def cache_ids(item: ProtectedItem) -> tuple[str, ...]:
    """Ids of the storage accounts that an item's changes go through, each once; raises NotRead."""
    word = "primaryStagingAzureStorageAccountId"
    found = (known(_id_or_none(disk, word), "a disk's cache account") for disk in disks_of(item))
    return tuple({key_of(one): one.lower() for one in found}.values())


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a card of the source stands: subnet and static address, None for what is not told."""

    subnet: str | None
    address: str | None


def primary_of(card: Resource) -> Stands:
    """Of a card's primary address; a dynamic address is None: it is nobody's wish."""
    for row in rows(card.properties.get("ipConfigurations")):
        config = mapping(row.get("properties"))
        if config.get("primary") is True:
            subnet = text_of(mapping(config.get("subnet")).get("id")).rpartition("/")[2]
            is_static = text_of(config.get("privateIPAllocationMethod")).casefold() == "static"
            address = text_of(config.get("privateIPAddress")) if is_static else ""
            return Stands(subnet or None, address or None)
    return Stands(None, None)


def disk_ids_of(vm: VirtualMachine) -> list[str]:
    """Ids of a VM's managed disks, its system's first; raises NotRead."""
    storage = part(part(vm.raw, "properties"), "storageProfile")
    disks = [part(storage, "osDisk"), *listed(storage, "dataDisks")]
    return [text(part(disk, "managedDisk"), "id") for disk in disks]


def in_target(facts: Facts, arm_type: str) -> dict[str, Resource]:
    """What of a type (in small letters) stands in the target's group, by name in small letters.

    Raises:
        NotRead: The group could not be listed, or a row of it tells no type or name.
    """
    facts.need("in_target_group")
    return {
        known(one.name, "the name of a resource").casefold(): one
        for one in facts.in_target_group
        if known(one.type, "the type of a resource").casefold() == arm_type
    }


def subnets_of(network: Resource) -> dict[str, Json]:
    """The properties of a network's subnets, one at least, by name in small letters.

    Raises:
        NotRead: Azure does not tell them.
    """
    return {
        text(row, "name").casefold(): part(row, "properties")
        for row in some(network.properties, "subnets")
    }


def _id_or_none(holder: Json, key: str) -> str | None:
    found = maybe(holder, key)
    if found is not None and not found.startswith("/"):
        raise NotRead(f"`{key}` is told as {found!r}, which is no id")
    return found
