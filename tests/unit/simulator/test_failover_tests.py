"""A test failover and its cleanup, from the first request to nothing left, with the SDK."""

from __future__ import annotations

import pytest
from azure.core.exceptions import HttpResponseError

from .conftest import (
    CONTAINER,
    CONTAINER_ID,
    DRILL_NETWORK,
    FABRIC,
    ITEMS,
    SUBSCRIPTION,
    TARGET,
    VAULT,
    Azure,
)

ITEM = f"{CONTAINER_ID}/replicationProtectedItems"
COPY = f"{TARGET}/Microsoft.Compute/virtualMachines/Sql1-test"
BODY = {
    "properties": {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": DRILL_NETWORK,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
}


async def test_a_failover_test_brings_a_copy_up_and_the_cleanup_takes_it_away(
    azure: Azure,
) -> None:
    client = await azure.site_recovery()
    items = client.replication_protected_items
    names = [
        item.name
        async for item in items.list_by_replication_protection_containers(
            "rg-dr", "rsv", FABRIC, CONTAINER
        )
    ]
    assert sorted(names) == sorted(ITEMS.values())

    where = ("rg-dr", "rsv", FABRIC, CONTAINER, ITEMS["Sql1"])
    item = await (await items.begin_test_failover(*where, BODY, polling_interval=0.05)).result()

    assert item.properties.test_failover_state == "WaitingForCompletion"
    assert item.properties.allowed_operations == ["TestFailoverCleanup"]
    vm = await azure.get(COPY)
    assert vm["properties"]["provisioningState"] == "Succeeded"
    assert vm["properties"]["hardwareProfile"]["vmSize"] == "Standard_E8s_v5"
    assert vm["properties"]["storageProfile"]["osDisk"]["createOption"] == "Attach"
    assert vm["tags"] == {"tier": "data"}
    assert "osProfile" not in vm["properties"]

    body = {"properties": {"comments": "drill over"}}
    item = await (
        await items.begin_test_failover_cleanup(*where, body, polling_interval=0.05)
    ).result()

    assert item.properties.test_failover_state in ("MarkedForDeletion", "None")
    assert item.properties.allowed_operations[-1] == "TestFailover"
    left = await azure.get(f"{SUBSCRIPTION}/resourceGroups/rg-asr/resources")
    assert not [row["name"] for row in left["value"] if "test" in row["name"].lower()]
    assert ("off", "sql1-test") in azure.guests.heard


async def test_the_copy_lies_where_site_recovery_puts_it(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("Sql1"))
    await azure.job_ended(await azure.failover_test("web1"))

    nics = {
        row["name"]: row["properties"]["ipConfigurations"][0]["properties"]
        for row in (await azure.get(f"{TARGET}/Microsoft.Network/networkInterfaces"))["value"]
    }
    own_subnet, first_subnet = nics["Sql1-nic-test"], nics["web1-nic-test"]
    assert own_subnet["subnet"]["id"] == f"{DRILL_NETWORK}/subnets/data"
    assert own_subnet["privateIPAddress"] == "10.1.0.4"
    # The drill network has no subnet 'web': the alphabetically first one, its first address.
    assert first_subnet["subnet"]["id"] == f"{DRILL_NETWORK}/subnets/alpha"
    assert first_subnet["privateIPAddress"] == "10.1.9.4"


async def test_the_copy_appears_while_the_job_runs_and_boots_after_it(
    slow_azure: Azure,
) -> None:
    azure = slow_azure
    job = await azure.failover_test("Sql1")
    running = await azure.until(
        f"{VAULT}/replicationJobs/{job}", lambda body: body["properties"]["state"] == "InProgress"
    )
    assert [task["friendlyName"] for task in running["properties"]["tasks"]][1] == (
        "Create test virtual machine"
    )
    ended = await azure.job_ended(job)
    view = await azure.until(
        f"{COPY}/instanceView",
        lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
    )
    assert {status["code"] for status in view["statuses"]} == {
        "ProvisioningState/succeeded",
        "PowerState/running",
    }
    assert azure.guests.heard.index(("on", "sql1-test")) > 0
    assert ended["customDetails"]["protectedItemDetails"][0]["testVmName"] == "Sql1-test"
    assert [task["state"] for task in ended["tasks"]] == ["Succeeded"] * 4


async def test_a_copy_that_never_boots_has_power_and_no_agent(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("dead1"))
    await azure.job_ended(await azure.failover_test("web1"))
    await azure.until(
        f"{TARGET}/Microsoft.Compute/virtualMachines/web1-test/instanceView",
        lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
    )

    view = await azure.get(f"{TARGET}/Microsoft.Compute/virtualMachines/dead1-test/instanceView")

    assert view["statuses"][1]["code"] == "PowerState/running"
    assert view["vmAgent"]["statuses"][0]["displayStatus"] == "Not Ready"


async def test_a_job_fails_as_the_world_says_and_leaves_the_item_ready(azure: Azure) -> None:
    client = await azure.site_recovery()
    where = ("rg-dr", "rsv", FABRIC, CONTAINER, ITEMS["bad1"])
    poller = await client.replication_protected_items.begin_test_failover(
        *where, BODY, polling_interval=0.05
    )

    with pytest.raises(HttpResponseError) as caught:
        await poller.result()

    assert caught.value.error.code == "150097"
    jobs = [job async for job in client.replication_jobs.list("rg-dr", "rsv")]
    assert (jobs[0].properties.state, jobs[0].properties.tasks) == ("Failed", [])
    told = (await azure.get(f"{VAULT}/replicationJobs/{jobs[0].name}"))["properties"]
    assert [task["stateDescription"] for task in told["tasks"]] == [
        "Completed",
        "Failed",
        "Skipped",
        "Skipped",
    ]
    assert told["errors"][0]["serviceErrorDetails"]["recommendedAction"] == "Try again."
    assert "TestFailover" in (await azure.item("bad1"))["allowedOperations"]
    again = await azure.job_ended(await azure.failover_test("bad1"))  # times: 1
    assert again["state"] == "Succeeded"


async def test_a_second_failover_test_is_refused_by_a_failed_job(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("web1"))

    refused = await azure.job_ended(await azure.failover_test("web1"))

    assert refused["state"] == "Failed"
    assert (await azure.item("web1"))["testFailoverState"] == "WaitingForCompletion"


async def test_a_cleanup_with_nothing_to_clean_is_refused(azure: Azure) -> None:
    assert (await azure.job_ended(await azure.clean_up("web1")))["state"] == "Failed"


async def test_a_named_recovery_point_decides_what_the_copy_holds(azure: Azure) -> None:
    points = (await azure.get(f"{ITEM}/{ITEMS['Sql1']}/recoveryPoints"))["value"]
    chosen = points[len(points) // 2]

    job = await azure.job_ended(await azure.failover_test("Sql1", recoveryPointId=chosen["id"]))

    assert job["customDetails"]["protectedItemDetails"][0]["recoveryPointId"] == chosen["name"]
    guest = azure.guests.view.guest(COPY)
    assert (
        guest.data_as_of.strftime("%Y-%m-%dT%H:%M:%S") in chosen["properties"]["recoveryPointTime"]
    )
    assert guest.writer == "Sql1"


async def test_a_recovery_point_that_is_gone_fails_the_job(azure: Azure) -> None:
    gone = f"{ITEM}/{ITEMS['Sql1']}/recoveryPoints/00000000-0000-4000-8000-000000000000"

    job = await azure.job_ended(await azure.failover_test("Sql1", recoveryPointId=gone))

    assert job["state"] == "Failed"
    assert (await azure.item("Sql1"))["testFailoverState"] == "None"


async def test_a_test_network_in_the_wrong_region_fails_the_job(azure: Azure) -> None:
    wrong = (
        f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Network/virtualNetworks/vnet"
    )

    job = await azure.job_ended(await azure.failover_test("web1", network=wrong))

    assert job["state"] == "Failed"
    assert "westus2" in job["errors"][0]["serviceErrorDetails"]["message"]
    assert (await azure.item("web1"))["testFailoverState"] == "None"
