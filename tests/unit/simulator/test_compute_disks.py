"""Disks and snapshots: made empty, copied, grown; and where machines may stand."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.compute.aio import ComputeManagementClient

from .asked import COMPUTE, NETWORK, nic, operator, vm
from .conftest import SUBSCRIPTION, Azure

DISK, SNAPSHOT = f"{COMPUTE}/disks/d", f"{COMPUTE}/snapshots/s"
SQL = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/disks/Sql1-osdisk"
WEST: dict[str, Any] = {"location": "westus2"}


def copied(source: str, **more: Any) -> dict[str, Any]:
    made = {"creationData": {"createOption": "Copy", "sourceResourceId": source}}
    return WEST | {"properties": made | more}


def empty(size: int | None = 64) -> dict[str, Any]:
    made = {"creationData": {"createOption": "Empty"}, "diskSizeGB": size}
    return WEST | {"sku": {"name": "Premium_LRS"}, "properties": made}


async def test_a_disk_is_copied_by_way_of_a_snapshot(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.put(SNAPSHOT, copied(SQL, incremental=True))
    await admin.put(DISK, copied(SNAPSHOT, diskSizeGB=200))
    client = await azure.client(ComputeManagementClient)
    snapshot = await client.snapshots.get("rg-asr", "s")
    disk = await client.disks.get("rg-asr", "d")
    assert (snapshot.disk_size_gb, snapshot.os_type, snapshot.incremental) == (127, "Linux", True)
    assert snapshot.creation_data.source_resource_id == SQL
    assert (disk.disk_size_gb, disk.os_type, disk.disk_state) == (200, "Linux", "Unattached")
    assert disk.creation_data.source_unique_id == snapshot.unique_id
    assert [each.name async for each in client.snapshots.list_by_resource_group("rg-asr")] == ["s"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (empty(None), (400, "InvalidParameter")),
        (empty(0), (400, "InvalidParameter")),
        (empty(40000), (400, "InvalidParameter")),
        (WEST | {"properties": {"diskSizeGB": 8}}, (400, "InvalidParameter")),
        (copied(f"{COMPUTE}/disks/none"), (404, "NotFound")),
        (copied(SQL, diskSizeGB=64), (400, "InvalidParameter")),
        (
            WEST | {"properties": {"creationData": {"createOption": "Upload"}, "diskSizeGB": 8}},
            (400, "InvalidParameter"),
        ),
        (WEST | {"properties": {"diskSizeGB": "8"}}, (400, "InvalidRequestContent")),
        ({"properties": {}}, (400, "LocationRequired")),
    ],
)
async def test_a_disk_that_cannot_be_is_refused(
    azure: Azure, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    admin = await operator(azure)
    assert await admin.refused("PUT", DISK, body) == expected
    assert (await azure.ask("GET", DISK))[0] == 404


async def test_a_disk_grows_and_never_shrinks(azure: Azure) -> None:
    admin = await operator(azure)
    first = await admin.put(DISK, empty())
    client = await azure.client(ComputeManagementClient)
    status, told, _ = await admin.ask("PATCH", DISK, {"properties": {"diskSizeGB": 128}})
    assert (status, told["properties"]["diskSizeGB"]) == (200, 128)
    smaller = {"properties": {"diskSizeGB": 32}}
    assert await admin.refused("PATCH", DISK, smaller) == (400, "OperationNotAllowed")
    other = copied(SQL, diskSizeGB=128)
    assert await admin.refused("PUT", DISK, other) == (409, "PropertyChangeNotAllowed")
    disk = await client.disks.get("rg-asr", "d")
    assert disk.unique_id == first["properties"]["uniqueId"]
    assert (disk.sku.name, disk.sku.tier, disk.disk_size_bytes) == (
        "Premium_LRS",
        "Premium",
        128 * 1024**3,
    )
    moved = empty(128) | {"location": "eastus"}
    assert await admin.refused("PUT", DISK, moved) == (409, "InvalidResourceLocation")


async def test_sets_and_groups_tell_who_stands_in_them_and_stay_meanwhile(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.put(f"{COMPUTE}/proximityPlacementGroups/near", WEST)
    body = WEST | {
        "sku": {"name": "Aligned"},
        "properties": {
            "platformFaultDomainCount": 2,
            "platformUpdateDomainCount": 5,
            "proximityPlacementGroup": {"id": f"{COMPUTE}/proximityPlacementGroups/near"},
        },
    }
    status, _, _ = await admin.ask("PUT", f"{COMPUTE}/availabilitySets/set", body)
    assert status == 201
    await admin.put(f"{NETWORK}/networkInterfaces/new-nic", nic())
    machine = vm(
        f"{NETWORK}/networkInterfaces/new-nic",
        availabilitySet={"id": f"{COMPUTE}/availabilitySets/set"},
        proximityPlacementGroup={"id": f"{COMPUTE}/proximityPlacementGroups/near"},
    )
    await admin.put(f"{COMPUTE}/virtualMachines/new", machine)

    client = await azure.client(ComputeManagementClient)
    found = await client.availability_sets.get("rg-asr", "set")
    assert [each.id for each in found.virtual_machines] == [f"{COMPUTE}/virtualMachines/new"]
    assert (found.sku.name, found.platform_fault_domain_count) == ("Aligned", 2)
    near = await client.proximity_placement_groups.get("rg-asr", "near")
    assert [each.id for each in near.virtual_machines] == [f"{COMPUTE}/virtualMachines/new"]
    assert [each.id for each in near.availability_sets] == [f"{COMPUTE}/availabilitySets/set"]
    for name in ("availabilitySets/set", "proximityPlacementGroups/near"):
        assert await admin.refused("DELETE", f"{COMPUTE}/{name}") == (409, "OperationNotAllowed")
    body["properties"]["platformFaultDomainCount"] = 3
    assert await admin.refused("PUT", f"{COMPUTE}/availabilitySets/set", body) == (
        409,
        "PropertyChangeNotAllowed",
    )
    body["properties"]["platformFaultDomainCount"] = 9
    assert await admin.refused("PUT", f"{COMPUTE}/availabilitySets/b", body) == (
        400,
        "InvalidParameter",
    )
    zoned = machine | {"zones": ["1"]}
    assert await admin.refused("PUT", f"{COMPUTE}/virtualMachines/z", zoned) == (
        400,
        "InvalidParameter",
    )
    await admin.delete(f"{COMPUTE}/virtualMachines/new")
    for name in ("availabilitySets/set", "proximityPlacementGroups/near"):
        assert (await admin.ask("DELETE", f"{COMPUTE}/{name}"))[0] == 200


async def test_capacity_is_reserved_in_a_group(azure: Azure) -> None:
    admin = await operator(azure)
    group = f"{COMPUTE}/capacityReservationGroups/kept"
    await admin.put(group, WEST)
    body = WEST | {"sku": {"name": "Standard_D2s_v5", "capacity": 3}}
    await admin.put(f"{group}/capacityReservations/two-core", body)
    client = await azure.client(ComputeManagementClient)
    found = await client.capacity_reservation_groups.get("rg-asr", "kept")
    assert [each.id for each in found.capacity_reservations] == [
        f"{group}/capacityReservations/two-core"
    ]
    one = await client.capacity_reservations.get("rg-asr", "kept", "two-core")
    assert (one.sku.capacity, one.provisioning_state) == (3, "Succeeded")
    assert one.reservation_id
    assert await admin.refused("DELETE", group) == (409, "OperationNotAllowed")
    bad = WEST | {"sku": {"name": "Nothing", "capacity": 1}}
    path = f"{group}/capacityReservations/bad"
    assert await admin.refused("PUT", path, bad) == (400, "InvalidParameter")
    await admin.put(f"{NETWORK}/networkInterfaces/new-nic", nic())
    machine = vm(
        f"{NETWORK}/networkInterfaces/new-nic",
        capacityReservation={"capacityReservationGroup": {"id": group}},
    )
    await admin.put(f"{COMPUTE}/virtualMachines/new", machine)
    found = await client.capacity_reservation_groups.get("rg-asr", "kept")
    assert [each.id for each in found.virtual_machines_associated] == [
        f"{COMPUTE}/virtualMachines/new"
    ]
