"""A disk that a protected VM has and nobody replicates is told."""

from __future__ import annotations

from typing import Any

from azure.mgmt.recoveryservicessiterecovery.models import A2AReplicationDetails

from .life import A2A, SOURCE, VM
from .still_items import StillItems

DISK = f"{SOURCE}/Microsoft.Compute/disks/more"
WEB = f"{SOURCE}/{VM}/web1"


def attached(world: StillItems) -> None:
    made = {
        "location": "eastus",
        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 64},
    }
    assert world.answer("PUT", DISK, made).status in (201, 202)
    world.settle()
    disks = [{"lun": 3, "createOption": "Attach", "managedDisk": {"id": DISK}}]
    answer = world.ask("PATCH", WEB, {"storageProfile": {"dataDisks": disks}})
    assert answer.status == 200, answer.body
    world.settle()


def details(world: StillItems) -> Any:
    return world.item("web1")["providerSpecificDetails"]


def test_a_disk_that_was_attached_later_is_told_and_warned_of() -> None:
    world = StillItems()
    assert details(world)["unprotectedDisks"] is None
    attached(world)

    item = world.item("web1")

    told = item["providerSpecificDetails"]
    assert told["unprotectedDisks"] == [{"diskLunId": 3, "diskAutoProtectionStatus": "Disabled"}]
    read = A2AReplicationDetails(told).unprotected_disks[0]
    assert (read.disk_lun_id, read.disk_auto_protection_status) == (3, "Disabled")
    assert item["replicationHealth"] == "Warning"
    codes = [error["errorCode"] for error in item["healthErrors"]]
    assert codes == ["161011", "153039"]
    assert "more" in item["healthErrors"][1]["errorMessage"]


def test_a_disk_that_is_protected_then_is_told_no_more() -> None:
    world = StillItems()
    attached(world)
    wanted = {
        "diskId": DISK,
        "primaryStagingAzureStorageAccountId": world.cache(),
        "recoveryResourceGroupId": SOURCE.replace("rg-app", "rg-asr").removesuffix("/providers"),
    }
    world.did("web1", "addDisks", {"providerSpecificDetails": A2A | {"vmManagedDisks": [wanted]}})
    world.settle()
    assert details(world)["unprotectedDisks"] is None
    assert world.item("web1")["replicationHealth"] == "Normal"


def test_a_disk_that_was_left_out_when_protection_began_is_told() -> None:
    world = StillItems()
    disk = f"{SOURCE}/Microsoft.Compute/disks/Sql1-data"
    removed = {"providerSpecificDetails": A2A | {"vmManagedDisksIds": [disk]}}
    world.did("Sql1", "removeDisks", removed)
    told = world.item("Sql1")["providerSpecificDetails"]["unprotectedDisks"]
    assert [each["diskLunId"] for each in told] == [0]
