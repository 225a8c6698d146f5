"""What only the raw body of an item says: Azure's own keys, where the port has no field."""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import Json, ProtectedItem

NAMES = (
    "recoveryAvailabilitySet",
    "recoveryProximityPlacementGroupId",
    "recoveryVirtualMachineScaleSetId",
    "recoveryBootDiagStorageAccountId",
)
"""Keys of an item's details that name what has to be there when its VM is made."""


def details_of(item: ProtectedItem) -> Json:
    """`providerSpecificDetails` of an item."""
    return mapping(mapping(item.raw.get("properties")).get("providerSpecificDetails"))


def disks_of(item: ProtectedItem) -> list[Json]:
    """`protectedManagedDisks` of an item."""
    return rows(details_of(item).get("protectedManagedDisks"))


def reservation_of(item: ProtectedItem) -> str | None:
    """Id of the capacity reservation group that an item names."""
    return text_of(details_of(item).get("recoveryCapacityReservationGroupId")) or None


def named_by(item: ProtectedItem) -> Iterator[str]:
    """Ids of what an item's VM is made with, besides network and disks."""
    details = details_of(item)
    found = [text_of(details.get(name)) for name in NAMES]
    found += [text_of(disk.get("recoveryDiskEncryptionSetId")) for disk in disks_of(item)]
    return (one for one in found if one.startswith("/"))


def cache_ids(item: ProtectedItem) -> tuple[str, ...]:
    """Ids of the storage accounts that an item's changes go through, each once."""
    word = "primaryStagingAzureStorageAccountId"
    found = (text_of(disk.get(word)) for disk in disks_of(item))
    return tuple({key_of(one): one.lower() for one in found if one}.values())
