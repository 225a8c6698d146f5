"""A VM is protected: the job, the first copy with its states, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .life import (
    CONTAINER_ID,
    POLICY,
    RECOVERY_ID,
    SOURCE,
    SUBSCRIPTION,
    TARGET,
    VAULT,
    VM,
    Operator,
    enable_body,
    faulty,
    grouped,
    operating,
    unprotected,
    where,
)

DISK = "Microsoft.Compute/disks"
NETWORKS = f"{SOURCE}/Microsoft.Network/virtualNetworks"


async def body_for(operator: Operator, vm: str = "web1", **changed: Any) -> Any:
    return enable_body(vm, await operator.cache_in("rg-app", "eastus"), **changed)


async def test_an_enabled_vm_is_protected_after_its_first_copy(tmp_path: Path) -> None:
    async with operating(tmp_path, speed=600.0, edit=unprotected("web1")) as operator:
        items = (await operator.site_recovery()).replication_protected_items
        body = {"properties": await body_for(operator)}
        item = await (await items.begin_create(*where("web1"), body)).result()

        # The operation's success does not mean protected.
        assert item.properties.protection_state == "InitialReplicationInProgress"
        assert item.properties.allowed_operations == ["DisableProtection"]
        seen = [(await operator.item("web1"))]
        while seen[-1]["protectionState"] != "Protected":
            seen.append(await operator.item("web1"))
        states = list(dict.fromkeys(one["protectionState"] for one in seen))
        assert states == [
            "InitialReplicationInProgress",
            "InitialReplicationRecoveryCompletionPending",
            "Protected",
        ]
        told = [one["providerSpecificDetails"] for one in seen]
        percents = [one["monitoringPercentageCompletion"] or 0 for one in told]
        assert percents[-1] == 0  # back to 0 when protected
        assert max(percents) > 0
        assert [one["properties"]["scenarioName"] for one in await jobs_of(operator)] == [
            "SecondaryIrCompletion",
            "EnableDr",
        ]


async def test_the_first_copy_reads_as_recorded(tmp_path: Path) -> None:
    async with operating(tmp_path, speed=600.0, edit=unprotected("web1")) as operator:
        await operator.did("web1", "", await body_for(operator), "PUT")
        item = await operator.item("web1", version="2022-08-01")
        details = item["providerSpecificDetails"]
        disk = details["protectedManagedDisks"][0]
        assert item["protectionStateDescription"] == "Initial replication is in progress"
        assert (item["failoverHealth"], item["healthErrors"]) == ("Normal", [])
        assert item["currentScenario"]["scenarioName"] == "None"
        assert (details["vmNics"], details["selectedRecoveryAzureNetworkId"]) == ([], None)
        assert (details["rpoInSeconds"], details["lifecycleId"]) == (None, None)
        assert details["vmProtectionState"] == "UnprotectedStatesBegin"
        assert details["vmProtectionStateDescription"] == "Enabling protection"
        assert details["vmSyncedConfigDetails"]["tags"] == {}
        assert "agentCertificateExpiryDate" not in details
        assert (disk["diskState"], disk["allowedDiskLevelOperation"]) == (
            "InitialReplicationPending",
            [],
        )
        assert (await operator.get(operator.path("web1", "recoveryPoints")))["value"] == []
        replica = await operator.get(f"{TARGET}/{DISK}/web1-osdisk-ASRReplica")
        assert replica["location"] == "westus2"


async def test_a_freshly_protected_item_warns_and_has_its_first_point(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=unprotected("web1")) as operator:
        await operator.did("web1", "", await body_for(operator), "PUT")
        item = await protected(operator)
        assert item["failoverHealth"] == "Warning"
        assert item["healthErrors"][0]["errorCode"] == "161011"
        details = item["providerSpecificDetails"]
        assert details["lifecycleId"]
        assert details["selectedRecoveryAzureNetworkId"].endswith("/virtualnetworks/vnet-asr")
        assert details["vmNics"][0]["ipConfigs"][0]["recoverySubnetName"] == "web"
        assert await operator.points("web1")
        await operator.fail_over("web1")


async def test_the_jobs_of_enabling_are_those_of_the_recordings(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=unprotected("web1")) as operator:
        job = await operator.did("web1", "", await body_for(operator), "PUT")
        assert (job["scenarioName"], job["friendlyName"]) == ("EnableDr", "Enable replication")
        assert (job["targetInstanceType"], job["targetObjectName"]) == ("ProtectionEntity", "web1")
        await protected(operator)
        last = (await jobs_of(operator))[0]["properties"]
        assert last["friendlyName"] == "Finalize protection on the recovery virtual machine"
        assert last["targetObjectId"] == job["targetObjectId"]


async def protected(operator: Operator, vm: str = "web1") -> Any:
    body = await operator.until(
        operator.path(vm), lambda body: body["properties"]["protectionState"] == "Protected"
    )
    return body["properties"]


async def jobs_of(operator: Operator) -> Any:
    return (await operator.get(f"{VAULT}/replicationJobs"))["value"]


DISKS = {
    "none": ([], "OS disk"),
    "strange": (["bad1-osdisk"], "not attached"),
    "twice": (["web1-osdisk", "web1-osdisk"], "twice"),
}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"fabricObjectId": f"{SOURCE}/{VM}/nobody"}, "was not found"),
        ({"fabricObjectId": f"{SOURCE}/{DISK}/web1-osdisk"}, "is not a virtual machine"),
        ({"fabricObjectId": f"{SOURCE}/{VM}/bad1"}, "is protected already"),
        ({"recoveryContainerId": f"{RECOVERY_ID}x"}, "was not found"),
        ({"recoveryContainerId": CONTAINER_ID}, "is not mapped"),
        ({"recoveryResourceGroupId": f"{SUBSCRIPTION}/resourceGroups/none"}, "was not found"),
        ({"policyId": f"{POLICY}x"}, "was not found"),
        (
            {"recoveryAzureNetworkId": f"{NETWORKS}/x"},
            "not found",
        ),
        (
            {"recoveryAzureNetworkId": f"{NETWORKS}/vnet"},
            "not in",
        ),
        ({"disks": "none"}, "OS disk"),
        ({"disks": "strange"}, "not attached"),
        ({"disks": "twice"}, "twice"),
        ({"cache": "away"}, "is not in eastus"),
        ({"cache": "gone"}, "was not found"),
    ],
)
async def test_what_cannot_be_protected_is_refused(
    tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    async with operating(tmp_path, edit=unprotected("web1")) as operator:
        body = await mistaken(operator, dict(changed))
        assert says in await operator.refused(operator.path("web1"), body, "PUT")
        assert (await operator.ask("GET", operator.path("web1")))[0] == 404
        assert (await jobs_of(operator))[0]["properties"]["scenarioName"] == "EnableDr"


async def mistaken(operator: Operator, changed: dict[str, str]) -> Any:
    """A body with one mistake."""
    disks, cache = changed.pop("disks", None), changed.pop("cache", None)
    body = await body_for(operator, **changed)
    given = body["providerSpecificDetails"]["vmManagedDisks"]
    if disks:
        names = DISKS[disks][0]
        given[:] = [given[0] | {"diskId": f"{SOURCE}/{DISK}/{name}"} for name in names]
    if cache:
        account = await operator.cache_in("rg-asr", "westus2")
        given[0]["primaryStagingAzureStorageAccountId"] = account + "x" * (cache == "gone")
    return body


@pytest.mark.parametrize(("refusal", "status"), [("conflict", 409), ("bad_request", 400)])
async def test_how_bad_input_is_refused_is_a_setting(
    tmp_path: Path, refusal: str, status: int
) -> None:
    async with operating(tmp_path, edit=unprotected("web1"), refusal=refusal) as operator:
        body = {"properties": await body_for(operator, policyId=f"{POLICY}x")}
        got, told, _ = await operator.ask("PUT", operator.path("web1"), body)
        assert (got, "was not found" in told["error"]["message"]) == (status, True)
        assert await jobs_of(operator) == []


async def test_a_body_that_lacks_something_is_a_bad_request(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=unprotected("web1")) as operator:
        whole = await body_for(operator)
        path, details = operator.path("web1"), whole["providerSpecificDetails"]
        for wrong in (
            {},
            whole | {"policyId": None},
            whole | {"providerSpecificDetails": {"instanceType": "InMage"}},
            *(
                whole | {"providerSpecificDetails": {k: v for k, v in details.items() if k != key}}
                for key in ("fabricObjectId", "recoveryContainerId", "vmManagedDisks")
            ),
            whole | {"providerSpecificDetails": details | {"vmManagedDisks": [{}]}},
        ):
            status, told, _ = await operator.ask("PUT", path, {"properties": wrong})
            assert (status, told["error"]["code"]) == (400, "BadRequest"), wrong
        operator.where = f"{CONTAINER_ID}x"
        assert (await operator.ask("PUT", operator.path("web1"), {"properties": whole}))[0] == 404


async def test_an_item_is_not_made_twice_nor_a_stopped_vm_protected(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=unprotected("web1")) as operator:
        body = await body_for(operator)
        assert "is there already" in await operator.refused(operator.path("bad1"), body, "PUT")
        assert (await operator.ask("POST", f"{SOURCE}/{VM}/web1/deallocate"))[0] == 202
        await operator.until(
            f"{SOURCE}/{VM}/web1/instanceView",
            lambda view: view["statuses"][1]["code"] == "PowerState/deallocated",
        )
        assert "is not running" in await operator.refused(operator.path("web1"), body, "PUT")


@pytest.mark.parametrize(("form", "status"), [("shown", 200), ("missing", 404)])
async def test_whether_an_item_shows_while_it_is_enabled_is_a_setting(
    tmp_path: Path, form: str, status: int
) -> None:
    edit = unprotected("web1")
    async with operating(tmp_path, 120.0, edit, item_while_enabling=form) as operator:
        await operator.act(operator.path("web1"), await body_for(operator), "PUT")
        got, told, _ = await operator.ask("GET", operator.path("web1"))
        assert got == status
        listed = (await operator.get(f"{CONTAINER_ID}/replicationProtectedItems"))["value"]
        assert len(listed) == (4 if form == "shown" else 3)
        if form == "shown":
            assert told["properties"]["protectionState"] == "UnprotectedStatesBegin"
            assert told["properties"]["protectionStateDescription"] == "Enabling protection"
            assert told["properties"]["allowedOperations"] == []
            assert told["properties"]["currentScenario"]["scenarioName"] == "EnableDr"


async def test_enabling_that_fails_leaves_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    def edit(text: str) -> str:
        return faulty("web1", "enable")(unprotected("web1")(text))

    async with operating(tmp_path, edit=edit) as operator:
        body = await body_for(operator)
        assert await operator.refused(operator.path("web1"), body, "PUT") == "It did not work."
        assert (await operator.ask("GET", operator.path("web1")))[0] == 404
        await operator.did("web1", "", body, "PUT")


@pytest.mark.parametrize("by", ["multiVmGroupName", "multiVmGroupId"])
async def test_a_multi_vm_group_is_joined_by_its_name_or_id(tmp_path: Path, by: str) -> None:
    def edit(text: str) -> str:
        return grouped("Sql1", "bad1")(unprotected("web1")(text))

    async with operating(tmp_path, edit=edit) as operator:
        theirs = (await operator.item("Sql1"))["providerSpecificDetails"]
        body = await body_for(operator, **{by: theirs[by]})
        await operator.did("web1", "", body, "PUT")
        mine = (await operator.item("web1"))["providerSpecificDetails"]
        assert mine["multiVmGroupName"] == "erp"
        assert mine["multiVmGroupId"] == theirs["multiVmGroupId"]
        assert mine["multiVmGroupCreateOption"] == "UserSpecified"


async def test_choices_at_enabling_are_kept(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=unprotected("web1")) as operator:
        network = f"{TARGET}/Microsoft.Network/virtualNetworks/drill"
        body = await body_for(
            operator,
            recoveryAzureNetworkId=network,
            recoverySubnetName=f"{network}/subnets/alpha",
            recoveryAvailabilityZone="2",
            autoProtectionOfDataDisk="Enabled",
        )
        body["providerSpecificDetails"]["vmManagedDisks"][0] |= {
            "recoveryTargetDiskAccountType": "StandardSSD_LRS"
        }
        await operator.did("web1", "", body, "PUT")
        details = (await protected(operator))["providerSpecificDetails"]
        assert details["vmNics"][0]["ipConfigs"][0]["recoverySubnetName"] == "alpha"
        assert details["recoveryAvailabilityZone"] == "2"
        assert details["autoProtectionOfDataDisk"] == "Enabled"
        disk = details["protectedManagedDisks"][0]
        assert disk["recoveryTargetDiskAccountType"] == "StandardSSD_LRS"
        assert disk["recoveryReplicaDiskAccountType"] == "Premium_LRS"
        await operator.fail_over("web1")
        vm = await operator.get(f"{TARGET}/{VM}/web1")
        assert vm["zones"] == ["2"]
        nic = await operator.get(f"{TARGET}/Microsoft.Network/networkInterfaces/web1-nic")
        placed = nic["properties"]["ipConfigurations"][0]["properties"]
        assert placed["subnet"]["id"] == f"{network}/subnets/alpha"
