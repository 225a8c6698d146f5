"""What Site Recovery tells: items, recovery points, jobs, operations, set-up."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from muster.simulator.azure_time import AzureTime

from .conftest import (
    CONTAINER,
    CONTAINER_ID,
    DRILL_NETWORK,
    FABRIC,
    ITEMS,
    VAULT,
    WORLD,
    Azure,
    running,
)

ITEM = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['Sql1']}"
# The keys of a protected A2A item, as FACTS 4 has them from recordings.
ITEM_KEYS = """friendlyName protectedItemType protectableItemId recoveryServicesProviderId
primaryFabricFriendlyName primaryFabricProvider recoveryFabricFriendlyName recoveryFabricId
primaryProtectionContainerFriendlyName recoveryProtectionContainerFriendlyName protectionState
protectionStateDescription activeLocation testFailoverState testFailoverStateDescription
switchProviderState switchProviderStateDescription allowedOperations replicationHealth
failoverHealth
healthErrors policyId policyFriendlyName currentScenario failoverRecoveryPointId
providerSpecificDetails recoveryContainerId eventCorrelationId""".split()  # noqa: SIM905
A2A_KEYS = """instanceType fabricObjectId initialPrimaryZone initialPrimaryFabricLocation
initialRecoveryZone initialPrimaryExtendedLocation initialRecoveryExtendedLocation
initialRecoveryFabricLocation multiVmGroupId multiVmGroupName multiVmGroupCreateOption managementId
protectedDisks unprotectedDisks protectedManagedDisks recoveryBootDiagStorageAccountId
primaryFabricLocation recoveryFabricLocation osType recoveryAzureVMSize recoveryAzureVMName
recoveryAzureResourceGroupId recoveryCloudService recoveryAvailabilitySet
selectedRecoveryAzureNetworkId selectedTfoAzureNetworkId vmNics vmSyncedConfigDetails
monitoringPercentageCompletion monitoringJobType lastHeartbeat agentVersion agentExpiryDate
isReplicationAgentUpdateRequired agentCertificateExpiryDate
isReplicationAgentCertificateUpdateRequired recoveryFabricObjectId vmProtectionState
vmProtectionStateDescription lifecycleId testFailoverRecoveryFabricObjectId rpoInSeconds
lastRpoCalculatedTime primaryAvailabilityZone recoveryAvailabilityZone primaryExtendedLocation
recoveryExtendedLocation vmEncryptionType tfoAzureVMName recoveryAzureGeneration
recoveryProximityPlacementGroupId autoProtectionOfDataDisk recoveryVirtualMachineScaleSetId
recoveryCapacityReservationGroupId""".split()  # noqa: SIM905
NIC_KEYS = """nicId replicaNicId sourceNicArmId vMNetworkName recoveryVMNetworkId ipConfigs
selectionType recoveryNetworkSecurityGroupId enableAcceleratedNetworkingOnRecovery tfoVMNetworkId
tfoNetworkSecurityGroupId enableAcceleratedNetworkingOnTfo recoveryNicName
recoveryNicResourceGroupName reuseExistingNic tfoRecoveryNicName tfoRecoveryNicResourceGroupName
tfoReuseExistingNic targetNicName""".split()  # noqa: SIM905
IP_KEYS = """name isPrimary subnetName staticIPAddress ipAddressType isSeletedForFailover
recoverySubnetName recoveryStaticIPAddress recoveryIPAddressType recoveryPublicIPAddressId
recoveryLBBackendAddressPoolIds tfoSubnetName tfoStaticIPAddress tfoPublicIPAddressId
tfoLBBackendAddressPoolIds""".split()  # noqa: SIM905
TASK_KEYS = """taskId name startTime endTime allowedActions friendlyName state stateDescription
taskType customDetails groupTaskCustomDetails errors""".split()  # noqa: SIM905


def instant(text: str) -> datetime:
    """Up to seven fraction digits, or none."""
    head, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{head}.{(fraction or '0')[:6]:0<6}+00:00")


async def test_an_item_has_every_key_of_the_recordings(azure: Azure) -> None:
    item = await azure.item("Sql1")
    assert set(item) == set(ITEM_KEYS)
    details = item["providerSpecificDetails"]
    assert set(details) == set(A2A_KEYS)
    assert set(details["vmNics"][0]) == set(NIC_KEYS)
    assert set(details["vmNics"][0]["ipConfigs"][0]) == set(IP_KEYS)
    disk = details["protectedManagedDisks"][0]
    assert len(disk) == 28
    assert disk["diskId"] == disk["diskId"].lower()
    assert disk["tfoDiskName"] == "Sql1-osdisk-ASRtest"


async def test_an_item_that_was_never_tried_warns(azure: Azure) -> None:
    item = await azure.item("web1")
    assert (item["failoverHealth"], item["replicationHealth"]) == ("Warning", "Normal")
    assert item["healthErrors"][0]["errorCode"] == "161011"
    assert item["currentScenario"]["scenarioName"] == "None"
    assert item["currentScenario"]["startTime"] == "1753-01-01T01:01:01Z"
    assert item["primaryFabricFriendlyName"] == "East US"

    await azure.job_ended(await azure.failover_test("web1"))

    item = await azure.item("web1")
    assert (item["failoverHealth"], item["healthErrors"]) == ("Normal", [])
    assert item["currentScenario"]["scenarioName"] == "TestFailover"
    assert item["protectionStateDescription"] == "Cleanup test failover pending"
    assert instant(item["lastSuccessfulTestFailoverTime"])


async def test_the_rpo_lives_in_azure_time(azure: Azure) -> None:
    first = (await azure.item("web1"))["providerSpecificDetails"]
    assert 0 < first["rpoInSeconds"] < 120
    path = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
    await azure.until(
        path,
        lambda body: (
            body["properties"]["providerSpecificDetails"]["lastRpoCalculatedTime"]
            > first["lastRpoCalculatedTime"]
        ),
    )
    epoch, speed = map(float, azure.settings["MUSTER_CLOCK"].split(","))
    present = AzureTime(epoch, speed).now()
    assert present - instant(first["lastRpoCalculatedTime"]) < timedelta(minutes=10)


async def test_items_are_listed_by_container_and_by_vault(azure: Azure) -> None:
    for path in (
        f"{CONTAINER_ID}/replicationProtectedItems",
        f"{VAULT}/replicationProtectedItems",
    ):
        rows = (await azure.get(path))["value"]
        assert sorted(row["properties"]["friendlyName"] for row in rows) == sorted(ITEMS)
    recovery = (
        f"{VAULT}/replicationFabrics/asr-a2a-default-westus2/replicationProtectionContainers"
    )
    empty = f"{recovery}/asr-a2a-default-westus2-container/replicationProtectedItems"
    assert (await azure.get(empty))["value"] == []


async def test_recovery_points_thin_out_with_age(azure: Azure) -> None:
    rows = (await azure.get(f"{ITEM}/recoveryPoints"))["value"]
    times = [instant(row["properties"]["recoveryPointTime"]) for row in rows]
    assert times == sorted(times)
    gaps = [after - before for before, after in pairwise(times)]
    assert all(gap < timedelta(minutes=7) for gap in gaps[-20:])
    assert all(timedelta(minutes=50) < gap < timedelta(minutes=70) for gap in gaps[:20])
    assert timedelta(hours=22) < times[-1] - times[0] < timedelta(hours=24, minutes=1)
    app = [row for row in rows if row["properties"]["recoveryPointType"] == "AppConsistent"]
    assert len(app) in (5, 6, 7)
    # The container in a point's id is a GUID, and the id still leads back to the point.
    assert CONTAINER not in rows[0]["id"]
    newest = await azure.get(rows[-1]["id"])
    assert newest["properties"] == rows[-1]["properties"]


async def test_the_same_seed_gives_the_same_points(azure: Azure) -> None:
    first = {row["name"] for row in (await azure.get(f"{ITEM}/recoveryPoints"))["value"]}
    second = {row["name"] for row in (await azure.get(f"{ITEM}/recoveryPoints"))["value"]}
    assert len(first & second) >= len(first) - 2


async def test_a_write_answers_with_the_headers_of_site_recovery(azure: Azure) -> None:
    body = {"properties": {"comments": ""}}
    status, text, headers = await azure.ask("POST", f"{ITEM}/testFailoverCleanup", body)
    assert (status, text) == (202, "")
    operation = headers["x-ms-request-id"].rpartition("/")[2]
    assert f"/replicationOperationStatus/{operation}?" in headers["Azure-AsyncOperation"]
    assert f"{ITEMS['Sql1']}/operationresults/{operation}?" in headers["Location"]
    assert len(headers["Location"]) > 2500
    assert (
        headers["Location"].partition("?")[2] != headers["Azure-AsyncOperation"].partition("?")[2]
    )
    assert headers["Retry-After"] == "1"  # 30 s of Azure time at this speed, rounded up
    assert int(headers["x-ms-ratelimit-remaining-subscription-writes"]) > 0


async def test_an_operation_ends_in_whole_seconds_and_has_the_item_as_its_result(
    slow_azure: Azure,
) -> None:
    azure = slow_azure
    body = {
        "properties": {
            "networkId": f"{VAULT.partition('/providers')[0]}/none",
            "providerSpecificDetails": {"instanceType": "A2A"},
        }
    }
    wanted = {"networkType": "VmNetworkAsInput", "networkId": DRILL_NETWORK}
    asked = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}/testFailover"
    _, _, headers = await azure.ask("POST", asked, {"properties": body["properties"] | wanted})
    status_url, result_url = headers["Azure-AsyncOperation"], headers["Location"]
    assert (await azure.ask("GET", result_url))[0] == 202
    assert (await azure.get(status_url))["endTime"] is None
    told = await azure.until(status_url, lambda body: body["status"] != "InProgress")
    assert told["status"] == "Succeeded"
    assert told["endTime"].endswith(".0000000Z")
    assert (told["id"], told["properties"], told["percentComplete"]) == (None, None, None)
    assert (await azure.get(result_url))["name"] == ITEMS["web1"]
    assert (await azure.ask("POST", f"{ITEM}/testFailover", body | {"properties": {}}))[0] == 400


async def test_a_job_starts_bare_and_fills_up(azure: Azure) -> None:
    job = await azure.failover_test("Sql1")
    path = f"{VAULT}/replicationJobs/{job}"
    first = (await azure.get(path))["properties"]
    if first["state"] == "NotStarted":
        assert "startTime" not in first
        assert first["scenarioName"] is None
        assert first["customDetails"] == {
            "instanceType": "AsrJobDetails",
            "affectedObjectDetails": {},
        }
    ended = await azure.job_ended(job)
    assert set(ended["tasks"][0]) == set(TASK_KEYS)
    assert (ended["state"], ended["stateDescription"]) == ("Succeeded", "Completed")
    assert (ended["scenarioName"], ended["friendlyName"]) == ("TestFailover", "Test failover")
    assert "." not in ended["endTime"]
    took = instant(ended["endTime"]) - instant(ended["startTime"])
    assert timedelta(seconds=170) < took < timedelta(seconds=235)
    assert ended["targetInstanceType"] == "ProtectionEntity"


async def test_the_job_list_is_newest_first_and_bare(azure: Azure) -> None:
    first = await azure.failover_test("Sql1")
    await azure.job_ended(first)
    second = await azure.clean_up("Sql1")
    took = await azure.job_ended(second)
    rows = (await azure.get(f"{VAULT}/replicationJobs"))["value"]
    assert [row["name"] for row in rows] == [second, first]
    for row in rows:
        assert row["properties"]["tasks"] == []
        assert row["properties"]["customDetails"] is None
        assert row["properties"]["activityId"] is None
    span = instant(took["endTime"]) - instant(took["startTime"])
    assert timedelta(seconds=81) < span < timedelta(seconds=144)
    wanted = await azure.get(f"{VAULT}/replicationJobs", **{"$filter": "JobStatus eq 'Failed'"})
    assert wanted["value"] == []


async def test_the_set_up_can_be_read(azure: Azure) -> None:
    fabric = await azure.get(f"{VAULT}/replicationFabrics/{FABRIC}")
    assert fabric["properties"]["friendlyName"] == "East US"
    assert CONTAINER not in fabric["properties"]["customDetails"]["containerIds"][0]
    container = await azure.get(CONTAINER_ID)
    assert container["properties"]["protectedItemCount"] == 4
    policy = (await azure.get(f"{VAULT}/replicationPolicies"))["value"][0]["properties"]
    assert policy["providerSpecificDetails"]["recoveryPointHistory"] == 1440
    mappings = await azure.get(f"{CONTAINER_ID}/replicationProtectionContainerMappings")
    assert len(mappings["value"]) == 2  # both directions
    assert len((await azure.get(f"{VAULT}/replicationNetworkMappings"))["value"]) == 2
    assert (await azure.get(f"{VAULT}/replicationRecoveryPlans"))["value"] == []
    health = (await azure.get(f"{VAULT}/replicationVaultHealth"))["properties"]
    assert health["protectedItemsHealth"] == {"resourceCount": 4, "issues": []}
    assert (await azure.get(VAULT))["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.parametrize(("refusal", "status"), [("conflict", 409), ("bad_request", 400)])
async def test_how_a_wrong_state_is_refused_is_a_setting(
    tmp_path: Path, refusal: str, status: int
) -> None:
    async with running(tmp_path / "state", changed(tmp_path, refusal=refusal)) as azure:
        body = {"properties": {"comments": ""}}
        got, told, _ = await azure.ask("POST", f"{ITEM}/testFailoverCleanup", body)
        assert got == status
        assert "TestFailoverCleanup" in told["error"]["message"]
        assert (await azure.get(f"{VAULT}/replicationJobs"))["value"] == []


async def test_a_test_failover_job_may_stay_suspended_until_its_cleanup(tmp_path: Path) -> None:
    world = changed(tmp_path, failover_test_job_ends="suspended")
    async with running(tmp_path / "state", world) as azure:
        job = await azure.failover_test("web1")
        waiting = await azure.job_ended(job)
        assert (waiting["state"], waiting["stateDescription"]) == (
            "Suspended",
            "WaitingForStopTestFailover",
        )
        assert (await azure.item("web1"))["allowedOperations"] == ["TestFailoverCleanup"]
        await azure.job_ended(await azure.clean_up("web1"))
        assert (await azure.job_ended(job))["state"] == "Succeeded"


async def test_the_items_own_test_settings_win(tmp_path: Path) -> None:
    network = f"{VAULT.partition('/resourceGroups')[0]}/resourceGroups/rg-asr/providers"
    network += "/Microsoft.Network/virtualNetworks/vnet-asr"
    text = WORLD.read_text().replace(
        "{vm: web1, name: q1w2e3r4t5y6u7i8o9p0a_2}",
        "{vm: web1, name: q1w2e3r4t5y6u7i8o9p0a_2, own_test_settings: "
        f"{{network: {network}, address: 10.1.1.77}}}}",
    )
    world = tmp_path / "world.yaml"
    world.write_text(text)
    async with running(tmp_path / "state", world) as azure:
        details: Any = (await azure.item("web1"))["providerSpecificDetails"]
        assert details["selectedTfoAzureNetworkId"] == network
        await azure.job_ended(await azure.failover_test("web1"))
        nic = await azure.get(
            network.partition("/Microsoft.Network")[0]
            + "/Microsoft.Network/networkInterfaces/web1-nic-test"
        )
    placed = nic["properties"]["ipConfigurations"][0]["properties"]
    assert placed["subnet"]["id"] == f"{network}/subnets/web"
    assert placed["privateIPAddress"] == "10.1.1.77"


def changed(folder: Path, **settings: str) -> Path:
    """The small world with other settings."""
    world = folder / "world.yaml"
    told = ", ".join(f"{name}: {value}" for name, value in settings.items())
    world.write_text(f"{WORLD.read_text()}\nsettings: {{{told}}}\n")
    return world


async def test_the_clients_own_wait_of_thirty_seconds_does_not_hold_here(azure: Azure) -> None:
    items = (await azure.site_recovery()).replication_protected_items
    where = ("rg-dr", "rsv", FABRIC, CONTAINER, ITEMS["web1"])
    body = {
        "properties": {
            "networkType": "VmNetworkAsInput",
            "networkId": DRILL_NETWORK,
            "providerSpecificDetails": {"instanceType": "A2A"},
        }
    }

    poller = await items.begin_test_failover(*where, body, polling_interval=30)

    await asyncio.wait_for(poller.result(), 20)  # 203 s of Azure time take a third of a second
