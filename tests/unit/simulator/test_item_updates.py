"""An item is updated: what is asked for holds in the next failover or test; disks come and go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import DRILL_NETWORK
from .life import (
    A2A,
    SOURCE,
    SUBSCRIPTION,
    TARGET,
    VAULT,
    VM,
    Operator,
    enable_body,
    operating,
    unprotected,
    where,
)

DISK = "Microsoft.Compute/disks"
NIC = "Microsoft.Network/networkInterfaces"
SET = f"{TARGET}/Microsoft.Compute/availabilitySets/aset"


async def nic_of(operator: Operator, vm: str = "web1") -> Any:
    return (await operator.item(vm))["providerSpecificDetails"]["vmNics"][0]


async def patch_body(operator: Operator) -> Any:
    """As PowerShell's recording has it, and more."""
    nic = await nic_of(operator)
    return {
        "recoveryAzureVMName": "web1-dr",
        "recoveryAzureVMSize": "Standard_D4s_v5",
        "recoveryAvailabilitySetId": SET,
        "selectedRecoveryAzureNetworkId": DRILL_NETWORK,
        "licenseType": "WindowsServer",
        "vmNics": [
            {
                "nicId": nic["nicId"],
                "selectionType": "SelectedByUser",
                "enableAcceleratedNetworkingOnRecovery": False,
                "recoveryNicName": "web1-dr-nic",
                "tfoReuseExistingNic": False,
                "ipConfigs": [
                    {
                        "ipConfigName": nic["ipConfigs"][0]["name"],
                        "isPrimary": True,
                        "isSeletedForFailover": True,
                        "recoverySubnetName": "alpha",
                        "recoveryStaticIPAddress": "10.1.9.9",
                        "tfoSubnetName": "data",
                        "tfoStaticIPAddress": "10.1.0.77",
                    }
                ],
            }
        ],
        "providerSpecificDetails": A2A
        | {
            "tfoAzureVMName": "web1-drill",
            "managedDiskUpdateDetails": [
                {
                    "diskId": f"{SOURCE}/{DISK}/web1-osdisk",
                    "failoverDiskName": "web1-dr-disk",
                    "tfoDiskName": "web1-drill-disk",
                }
            ],
        },
    }


async def test_an_update_holds_for_the_next_failover(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        items = (await operator.site_recovery()).replication_protected_items
        body = {"properties": await patch_body(operator)}
        item = await (await items.begin_update(*where("web1"), body)).result()
        details = item.properties.provider_specific_details
        assert details.recovery_azure_vm_name == "web1-dr"
        assert details.selected_recovery_azure_network_id == DRILL_NETWORK
        job = (await operator.get(f"{VAULT}/replicationJobs"))["value"][0]["properties"]
        assert (job["scenarioName"], job["friendlyName"]) == (
            *("UpdateVmProperties", "Update the virtual machine"),
        )
        await operator.fail_over("web1")
        vm = await operator.get(f"{TARGET}/{VM}/web1-dr")
        assert vm["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"
        assert vm["properties"]["availabilitySet"] == {"id": SET}
        assert vm["properties"]["storageProfile"]["osDisk"]["name"] == "web1-dr-disk"
        nic = await operator.get(f"{TARGET}/{NIC}/web1-dr-nic")
        placed = nic["properties"]["ipConfigurations"][0]["properties"]
        assert placed["subnet"]["id"] == f"{DRILL_NETWORK}/subnets/alpha"
        assert placed["privateIPAddress"] == "10.1.9.9"


async def test_an_update_holds_for_the_next_test_failover(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.did("web1", "", await patch_body(operator), "PATCH")
        told = (await operator.item("web1"))["providerSpecificDetails"]
        assert told["tfoAzureVMName"] == "web1-drill"
        assert told["vmNics"][0]["ipConfigs"][0]["tfoStaticIPAddress"] == "10.1.0.77"
        await operator.azure.job_ended(await operator.azure.failover_test("web1"))
        vm = await operator.get(f"{TARGET}/{VM}/web1-drill")
        assert vm["properties"]["storageProfile"]["osDisk"]["name"] == "web1-drill-disk"
        nic = await operator.get(f"{TARGET}/{NIC}/web1-nic-test")
        placed = nic["properties"]["ipConfigurations"][0]["properties"]
        assert placed["privateIPAddress"] == "10.1.0.77"
        await operator.azure.job_ended(await operator.azure.clean_up("web1"))
        assert (await operator.ask("GET", f"{TARGET}/{VM}/web1-drill"))[0] == 404


async def test_an_update_changes_only_what_it_names(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        before = (await operator.item("web1"))["providerSpecificDetails"]
        await operator.did("web1", "", {"recoveryAzureVMSize": "Standard_D8s_v5"}, "PATCH")
        after = (await operator.item("web1"))["providerSpecificDetails"]
        moving = ("lastHeartbeat", "rpoInSeconds", "lastRpoCalculatedTime")
        differs = {k for k in before if before[k] != after[k] and k not in moving}
        assert differs == {"recoveryAzureVMSize"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"selectedRecoveryAzureNetworkId": f"{DRILL_NETWORK}x"}, "was not found"),
        ({"selectedTfoAzureNetworkId": DRILL_NETWORK.replace("rg-asr", "rg-app")}, "not found"),
        ({"vmNics": [{"nicId": "0"}]}, "has no NIC"),
        ({"vmNics": [{"nicId": "its", "ipConfigs": [{"ipConfigName": "x"}]}]}, "no IP config"),
        (
            {
                "vmNics": [
                    {
                        "nicId": "its",
                        "ipConfigs": [
                            {"ipConfigName": "ipconfig-web1", "tfoStaticIPAddress": "10.1"}
                        ],
                    }
                ]
            },
            "not an IPv4 address",
        ),
        (
            {
                "providerSpecificDetails": A2A
                | {"recoveryResourceGroupId": f"{SUBSCRIPTION}/resourceGroups/none"}
            },
            "was not found",
        ),
        (
            {
                "providerSpecificDetails": A2A
                | {"managedDiskUpdateDetails": [{"diskId": f"{SOURCE}/{DISK}/bad1-osdisk"}]}
            },
            "is not replicated",
        ),
    ],
)
async def test_an_update_to_what_is_not_there_is_refused(
    tmp_path: Path, changed: Any, says: str
) -> None:
    async with operating(tmp_path) as operator:
        nic = await nic_of(operator)
        for one in changed.get("vmNics", []):
            if one["nicId"] == "its":
                one["nicId"] = nic["nicId"]
        assert says in await operator.refused(operator.path("web1"), changed, "PATCH")


async def test_only_a_protected_item_is_updated(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.fail_over("web1")
        body = {"recoveryAzureVMSize": "Standard_D4s_v5"}
        assert "not allowed" in await operator.refused(operator.path("web1"), body, "PATCH")


async def test_an_update_for_another_provider_leaves_no_job_behind(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        body = {"properties": {"providerSpecificDetails": {"instanceType": "InMageRcm"}}}
        assert (await operator.ask("PATCH", operator.path("web1"), body))[0] == 400
        assert await jobs_in(operator) == []


async def test_a_disk_is_added_makes_its_copy_and_is_removed(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=unprotected("Sql1")) as operator:
        cache = await operator.cache_in("rg-app", "eastus")
        whole = enable_body("Sql1", cache)
        data = whole["providerSpecificDetails"]["vmManagedDisks"].pop()
        await operator.did("Sql1", "", whole, "PUT")
        await operator.until(
            operator.path("Sql1"),
            lambda body: body["properties"]["protectionState"] == "Protected",
        )
        body = {"providerSpecificDetails": A2A | {"vmManagedDisks": [data]}}
        job = await operator.did("Sql1", "addDisks", body)
        assert (job["scenarioName"], job["friendlyName"]) == ("AddDisks", "Add disks")
        assert [task["taskId"] for task in job["tasks"]] == [
            *("AddDisksPreflightTask", "AddDisksTask", "StartDisksReplicationTask"),
        ]
        assert await states(operator) == {"Protected", "InitialReplicationPending"}
        assert "replicated already" in await operator.refused(
            operator.path("Sql1", "addDisks"), body
        )
        while await states(operator) != {"Protected"}:
            pass
        jobs = (await operator.get(f"{VAULT}/replicationJobs"))["value"]
        assert "AddDisksIrCompletion" in {job["properties"]["scenarioName"] for job in jobs}

        ids = {"vmManagedDisksIds": [data["diskId"]]}
        removal = {"providerSpecificDetails": A2A | ids}
        await operator.did("Sql1", "removeDisks", removal)
        replica = f"{TARGET}/{DISK}/Sql1-data-ASRReplica"
        assert (await operator.ask("GET", replica))[0] == 404
        await operator.fail_over("Sql1")
        vm = await operator.get(f"{TARGET}/{VM}/Sql1")
        assert vm["properties"]["storageProfile"]["dataDisks"] == []


async def jobs_in(operator: Operator) -> list[str]:
    rows = (await operator.get(f"{VAULT}/replicationJobs"))["value"]
    return [row["name"] for row in rows]


async def states(operator: Operator) -> set[str]:
    details = (await operator.item("Sql1"))["providerSpecificDetails"]
    return {disk["diskState"] for disk in details["protectedManagedDisks"]}


@pytest.mark.parametrize(
    ("verb", "given", "says"),
    [
        ("removeDisks", {"vmManagedDisksIds": [f"{SOURCE}/{DISK}/none"]}, "is not replicated"),
        ("removeDisks", {"vmManagedDisksIds": [f"{SOURCE}/{DISK}/Sql1-osdisk"]}, "OS disk"),
        ("addDisks", {"vmManagedDisks": [{"diskId": f"{SOURCE}/{DISK}/none"}]}, "not attached"),
    ],
)
async def test_strange_disks_are_refused(tmp_path: Path, verb: str, given: Any, says: str) -> None:
    async with operating(tmp_path) as operator:
        path = operator.path("Sql1", verb)
        assert says in await operator.refused(path, {"providerSpecificDetails": A2A | given})
        before = await jobs_in(operator)
        body = {"properties": {"providerSpecificDetails": A2A}}
        assert (await operator.ask("POST", path, body))[0] == 400
        assert await jobs_in(operator) == before  # nothing was begun


async def test_replication_that_is_critical_is_repaired(tmp_path: Path) -> None:
    def edit(text: str) -> str:
        return text.replace("o7p0a_2}", "x").replace(
            "q1w2e3r4t5y6u7i8o9p0a_2}", "q1w2e3r4t5y6u7i8o9p0a_2, replication_health: Critical}"
        )

    async with operating(tmp_path, edit=edit) as operator:
        assert "RepairReplication" in (await operator.item("web1"))["allowedOperations"]
        await operator.did("web1", "repairReplication")
        item = await operator.item("web1")
        assert item["replicationHealth"] == "Normal"
        assert "RepairReplication" not in item["allowedOperations"]
        path = operator.path("web1", "repairReplication")
        assert "not allowed" in await operator.refused(path)


async def test_what_is_not_for_a2a_is_refused(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        mobility = operator.path("web1", "updateMobilityService")
        assert "not supported" in await operator.refused(mobility, {"runAsAccountId": "1"})
        health = operator.path("web1", "resolveHealthErrors")
        for error, says in (("6:8010", "cannot be resolved"), ("1:1", "no health error")):
            body = {"healthErrors": [{"healthErrorId": error}]}
            assert says in await operator.refused(health, body)
        assert (await operator.ask("POST", health, {"properties": {}}))[0] == 400
