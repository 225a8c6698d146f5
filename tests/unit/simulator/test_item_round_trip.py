"""There and back: failover, commit, reprotect, failback, and what stays the same on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import CONTAINER, FABRIC
from .life import (
    A2A,
    CONTAINER_ID,
    ITEMS,
    POLICY,
    RECOVERY_CONTAINER,
    RECOVERY_FABRIC,
    RECOVERY_ID,
    SOURCE,
    SUBSCRIPTION,
    TARGET,
    VAULT,
    VM,
    Operator,
    faulty,
    operating,
    where,
)

DISK = "Microsoft.Compute/disks"
NIC = "Microsoft.Network/networkInterfaces"
SWITCH = f"{CONTAINER_ID}/switchprotection"


async def switch_body(operator: Operator, vm: str = "web1", **changed: Any) -> Any:
    """The way back of an item of the small world."""
    home = f"{SUBSCRIPTION}/resourceGroups/rg-app"
    disk = {
        "diskId": f"{TARGET}/{DISK}/{vm}-osdisk",
        "primaryStagingAzureStorageAccountId": await operator.cache_in("rg-asr", "westus2"),
        "recoveryResourceGroupId": home,
    } | changed.pop("disk", {})
    details = A2A | {
        "policyId": POLICY,
        "recoveryContainerId": CONTAINER_ID,
        "recoveryResourceGroupId": home,
        "vmManagedDisks": [disk],
    }
    name = changed.pop("name", ITEMS[vm])
    return {"replicationProtectedItemName": name, "providerSpecificDetails": details | changed}


def at_its_own_address(text: str) -> str:
    """web1 has an address that nobody gets by chance."""
    return text.replace("address: 10.1.1.4,", "address: 10.1.1.40,")


async def committed(operator: Operator, vm: str = "web1") -> None:
    await operator.fail_over(vm)
    await operator.did(vm, "failoverCommit")


async def reprotected(operator: Operator) -> Any:
    """The job that moved the item; the operator looks in the other container from now on."""
    await committed(operator)
    job = await operator.job(await operator.act(SWITCH, await switch_body(operator)))
    assert job["state"] == "Succeeded", job["errors"]
    operator.where = RECOVERY_ID
    return job


async def test_an_item_fails_over_is_reprotected_and_comes_home(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=at_its_own_address) as operator:
        before = await operator.item("web1")
        await reprotected(operator)
        await operator.until(
            operator.path("web1"),
            lambda body: body["properties"]["protectionState"] == "Protected",
        )
        assert await operator.points("web1")
        await operator.fail_over("web1")
        home = await operator.get(f"{SOURCE}/{VM}/web1")
        assert home["location"] == "eastus"
        placed = (await operator.get(f"{SOURCE}/{NIC}/web1-nic"))["properties"]
        address = placed["ipConfigurations"][0]["properties"]
        assert address["privateIPAddress"] == "10.1.1.40"
        assert address["subnet"]["id"].endswith("/vnet/subnets/web")
        await operator.did("web1", "failoverCommit")
        back = await operator.item("web1")
        assert back["protectionState"] == "UnplannedFailoverCommitted"
        stays = ("lifecycleId", "multiVmGroupId", "initialPrimaryFabricLocation")
        for key in stays:
            old, new = before["providerSpecificDetails"][key], back["providerSpecificDetails"][key]
            assert old == new
        jobs = (await operator.get(f"{VAULT}/replicationJobs"))["value"]
        assert [job["properties"]["scenarioName"] for job in jobs] == [
            *("CommitFailover", "UnplannedFailover", "SecondaryIrCompletion", "EnableDr"),
            *("SwitchReplicationGroupProtection", "CommitFailover", "UnplannedFailover"),
        ]


async def test_a_reprotected_item_is_another_one_under_the_same_name(tmp_path: Path) -> None:
    async with operating(tmp_path, speed=600.0) as operator:
        await committed(operator)
        old = await operator.item("web1")
        path = operator.path("web1")
        containers = (await operator.site_recovery()).replication_protection_containers
        body = {"properties": await switch_body(operator)}
        place = ("rg-dr", "rsv", FABRIC, CONTAINER)
        result = await (await containers.begin_switch_protection(*place, body)).result()
        assert result.name == CONTAINER
        assert (await operator.ask("GET", path))[0] == 404
        operator.where = RECOVERY_ID
        new = await operator.item("web1")
        assert new["protectionState"] == "InitialReplicationInProgress"
        assert (new["activeLocation"], new["testFailoverState"]) == ("Primary", "None")
        assert new["allowedOperations"] == ["DisableProtection"]
        assert new["primaryFabricFriendlyName"] == old["recoveryFabricFriendlyName"]
        assert new["recoveryContainerId"].endswith(f"/{CONTAINER}")
        assert new["eventCorrelationId"] != old["eventCorrelationId"]
        assert not {"lastSuccessfulFailoverTime", "lastSuccessfulTestFailoverTime"} & set(new)
        was, now = old["providerSpecificDetails"], new["providerSpecificDetails"]
        assert now["fabricObjectId"] == was["recoveryFabricObjectId"]
        assert now["managementId"] != was["managementId"]
        assert now["multiVmGroupId"] == was["multiVmGroupId"]
        assert now["initialPrimaryFabricLocation"] == "eastus"
        assert now["primaryFabricLocation"] == "westus2"
        assert (now["lifecycleId"], now["recoveryFabricObjectId"]) == (None, None)


async def test_before_its_copy_home_is_made_an_item_reads_as_recorded(tmp_path: Path) -> None:
    async with operating(tmp_path, speed=600.0) as operator:
        await reprotected(operator)
        details = (await operator.item("web1"))["providerSpecificDetails"]
        nic, disk = details["vmNics"][0], details["protectedManagedDisks"][0]
        config = nic["ipConfigs"][0]
        assert nic["sourceNicArmId"] == f"{TARGET}/{NIC}/web1-nic".lower()
        assert (nic["vMNetworkName"], nic["selectionType"]) == (None, "NotSelected")
        assert nic["recoveryVMNetworkId"].endswith(
            "/rg-app/providers/Microsoft.Network/virtualNetworks/vnet"
        )
        assert (config["name"], config["subnetName"], config["staticIPAddress"]) == (None,) * 3
        assert config["recoverySubnetName"] == "web"
        assert details["selectedRecoveryAzureNetworkId"] is None
        assert disk["diskId"] == f"{TARGET}/{DISK}/web1-osdisk".lower()
        assert disk["recoveryReplicaDiskId"] == f"{SOURCE}/{DISK}/web1-osdisk-ASRReplica"
        assert disk["recoveryOrignalTargetDiskId"] == f"{SOURCE}/{DISK}/web1-osdisk"
        assert disk["recoveryTargetDiskId"] is None
        # The old source and its NIC are gone, its disks have stayed.
        assert (await operator.ask("GET", f"{SOURCE}/{VM}/web1"))[0] == 404
        assert (await operator.ask("GET", f"{SOURCE}/{NIC}/web1-nic"))[0] == 404
        kept = await operator.get(f"{SOURCE}/{DISK}/web1-osdisk")
        assert kept["properties"]["diskState"] == "Unattached"
        assert ("off", "web1") in operator.azure.guests.heard


async def test_the_job_of_a_reprotect_is_the_recorded_one(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        job = await reprotected(operator)
        assert (job["scenarioName"], job["friendlyName"]) == (
            "SwitchReplicationGroupProtection",
            "Reprotect",
        )
        assert [(task["taskId"], task["name"], task["state"]) for task in job["tasks"]] == [
            (*("SwitchReplicationGroupProtectionPreflightTask",) * 2, "Succeeded"),
            ("CommitFailoverTask", "VmCommitFailover", "Other"),
            (*("DiscoverReplicaTask",) * 2, "Succeeded"),
            (*("GetSwitchProtectionRequirementsTask",) * 2, "Succeeded"),
            (*("ProtectReplicaTask",) * 2, "Succeeded"),
        ]
        last = job["tasks"][-1]
        assert (last["taskType"], last["customDetails"]) == ("GroupTaskDetails", None)
        inner = last["groupTaskCustomDetails"]["childTasks"][0]
        assert (inner["taskId"], inner["name"], inner["taskType"]) == (
            *("EnableDr", "web1", "JobTaskDetails"),
        )
        told = inner["customDetails"]["jobTask"]
        enabling = await operator.job(told["jobId"].rpartition("/")[2])
        assert (enabling["scenarioName"], enabling["state"]) == ("EnableDr", "Succeeded")
        assert told["targetObjectId"] == enabling["targetObjectId"] != job["targetObjectId"]
        details = job["customDetails"]
        assert details["instanceType"] == "SwitchProtectionJobDetails"
        # The one id of the vault that the service tells in small letters.
        assert details["newReplicationProtectedItemId"] == operator.path("web1")


async def test_where_a_reprotect_is_asked_for_says_its_location_header(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await committed(operator)
        body = {"properties": await switch_body(operator)}
        status, text, headers = await operator.ask("POST", SWITCH, body)
        assert (status, text) == (202, "")
        assert f"/{CONTAINER}/operationresults/" in headers["Location"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"recoveryContainerId": f"{CONTAINER_ID}x"}, "was not found"),
        ({"recoveryContainerId": RECOVERY_ID}, "is not mapped"),
        ({"recoveryResourceGroupId": f"{SUBSCRIPTION}/resourceGroups/none"}, "was not found"),
        ({"policyId": f"{POLICY}x"}, "was not found"),
        ({"vmManagedDisks": []}, "OS disk"),
        ({"disk": {"diskId": f"{SOURCE}/{DISK}/web1-osdisk"}}, "not attached"),
        ({"disk": {"primaryStagingAzureStorageAccountId": "home"}}, "is not in westus2"),
    ],
)
async def test_a_way_back_that_leads_nowhere_is_refused(
    tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    async with operating(tmp_path) as operator:
        await committed(operator)
        if changed.get("disk", {}).get("primaryStagingAzureStorageAccountId"):
            home = await operator.cache_in("rg-app", "eastus")
            changed = {"disk": {"primaryStagingAzureStorageAccountId": home}}
        assert says in await operator.refused(SWITCH, await switch_body(operator, **changed))
        assert (await operator.item("web1"))["protectionState"] == "UnplannedFailoverCommitted"
        assert (await operator.ask("GET", f"{SOURCE}/{VM}/web1"))[0] == 200


async def test_a_way_back_that_is_not_told_leaves_no_job_behind(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await committed(operator)
        before = await operator.get(f"{VAULT}/replicationJobs")
        for key in ("recoveryContainerId", "recoveryResourceGroupId", "vmManagedDisks"):
            body = {"properties": await switch_body(operator, **{key: None})}
            status, told, _ = await operator.ask("POST", SWITCH, body)
            assert (status, key in told["error"]["message"]) == (400, True)
        assert await operator.get(f"{VAULT}/replicationJobs") == before


async def test_only_a_committed_item_is_reprotected(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        for verb in ("", "unplannedFailover"):
            if verb:
                await operator.fail_over("web1")
            body = await switch_body(operator)
            assert "not allowed" in await operator.refused(SWITCH, body)
        for wrong in ("nobody", ITEMS["web1"] + "0"):
            body = {"properties": await switch_body(operator, name=wrong)}
            assert (await operator.ask("POST", SWITCH, body))[0] == 404
        elsewhere = f"{CONTAINER_ID}x/switchprotection"
        body = {"properties": await switch_body(operator)}
        assert (await operator.ask("POST", elsewhere, body))[0] == 404
        assert (await operator.ask("POST", SWITCH, {"properties": {}}))[0] == 400


async def test_reprotecting_an_item_itself_fails_for_want_of_disks(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await committed(operator)
        path = operator.path("web1", "reProtect")
        body = {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": A2A}
        job = await operator.job(await operator.act(path, body))
        assert job["tasks"][-1]["state"] == "Failed"
        told = job["errors"][0]["serviceErrorDetails"]["message"]
        assert told == "Managed disk details not provided."
        named = await switch_body(operator)
        status, error, _ = await operator.ask("POST", path, {"properties": named})
        assert (status, error["error"]["code"]) == (400, "VMDisksMissing")
        assert (await operator.item("web1"))["protectionState"] == "UnplannedFailoverCommitted"


async def test_reprotecting_an_item_itself_may_be_let_to_work(tmp_path: Path) -> None:
    async with operating(tmp_path, item_reprotect="works") as operator:
        path = operator.path("web1", "reProtect")
        body = {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": A2A}
        assert "not allowed" in await operator.refused(path, body)
        await committed(operator)
        await operator.cache_in("rg-asr", "westus2")
        items = (await operator.site_recovery()).replication_protected_items
        done = await (await items.begin_reprotect(*where("web1"), {"properties": body})).result()
        assert (
            done.id.lower() == f"{RECOVERY_ID}/replicationProtectedItems/{ITEMS['web1']}".lower()
        )
        moved = ("rg-dr", "rsv", RECOVERY_FABRIC, RECOVERY_CONTAINER, ITEMS["web1"])
        assert (await items.get(*moved)).properties.active_location == "Primary"


async def test_a_reprotect_that_fails_leaves_the_item_where_it_is(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=faulty("web1", "reprotect")) as operator:
        await committed(operator)
        assert await operator.refused(SWITCH, await switch_body(operator)) == "It did not work."
        assert (await operator.item("web1"))["protectionState"] == "UnplannedFailoverCommitted"
        inner = (await operator.get(f"{VAULT}/replicationJobs"))["value"][0]["properties"]
        assert (inner["scenarioName"], inner["state"]) == ("EnableDr", "Failed")
        await operator.job(await operator.act(SWITCH, await switch_body(operator)))
        operator.where = RECOVERY_ID
        await operator.item("web1")


async def test_an_item_whose_recovered_vm_was_deleted_is_not_reprotected(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await committed(operator)
        assert (await operator.ask("DELETE", f"{TARGET}/{VM}/web1"))[0] == 202
        await operator.until(f"{TARGET}/{VM}", lambda body: body["value"] == [])
        body = await switch_body(operator)
        assert "was not found" in await operator.refused(SWITCH, body)
        await operator.did("web1", "remove", {"disableProtectionReason": "MigrationComplete"})
