"""There and back: failover, commit, reprotect, failback, and what stays the same on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .life import (
    A2A,
    CONTAINER_ID,
    ITEMS,
    POLICY,
    RECOVERY_ID,
    SOURCE,
    SUBSCRIPTION,
    TARGET,
    VAULT,
    VM,
    Operator,
    operating,
)

DISK = "Microsoft.Compute/disks"


async def cache_in(operator: Operator, group: str, name: str) -> str:
    """A cache account for the way back, as an operator makes one before."""
    path = f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Storage"
    body = {"location": "westus2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    status, told, _ = await operator.ask("PUT", f"{path}/storageAccounts/{name}", body)
    assert status in (200, 201, 202), told
    return str(told["id"])


async def switch_body(operator: Operator, vm: str = "web1", **changed: Any) -> Any:
    cache = changed.pop("cache", None) or await cache_in(operator, "rg-asr", "backcache")
    home = f"{SUBSCRIPTION}/resourceGroups/rg-app"
    disk = {
        "diskId": f"{TARGET}/{DISK}/{vm}-osdisk",
        "primaryStagingAzureStorageAccountId": cache,
        "recoveryResourceGroupId": home,
    }
    details = A2A | {
        "policyId": POLICY,
        "recoveryContainerId": CONTAINER_ID,
        "recoveryResourceGroupId": home,
        "vmManagedDisks": [disk],
    }
    return {
        "replicationProtectedItemName": ITEMS[vm],
        "providerSpecificDetails": details | changed,
    }


async def test_an_item_fails_over_is_reprotected_and_comes_home(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        before = await operator.item("web1")
        await operator.fail_over("web1")
        await operator.did("web1", "failoverCommit")
        committed = await operator.item("web1")
        switch = f"{CONTAINER_ID}/switchprotection"
        ended = await operator.job(await operator.act(switch, await switch_body(operator)))
        assert ended["state"] == "Succeeded", ended["errors"]

        assert (await operator.ask("GET", operator.path("web1")))[0] == 404
        operator.where = RECOVERY_ID
        moved = await operator.item("web1")
        assert moved["protectionState"] == "InitialReplicationInProgress"
        assert moved["activeLocation"] == "Primary"
        old, new = committed["providerSpecificDetails"], moved["providerSpecificDetails"]
        assert new["fabricObjectId"] == old["recoveryFabricObjectId"]
        assert moved["eventCorrelationId"] != committed["eventCorrelationId"]
        assert new["managementId"] != old["managementId"]
        assert new["multiVmGroupId"] == old["multiVmGroupId"]
        assert new["initialPrimaryFabricLocation"] == "eastus"
        assert (await operator.ask("GET", f"{SOURCE}/{VM}/web1"))[0] == 404

        await operator.until(
            operator.path("web1"),
            lambda body: body["properties"]["protectionState"] == "Protected",
        )
        await operator.fail_over("web1")
        home = await operator.get(f"{SOURCE}/{VM}/web1")
        assert home["location"] == "eastus"
        nic = await operator.get(f"{SOURCE}/Microsoft.Network/networkInterfaces/web1-nic")
        placed = nic["properties"]["ipConfigurations"][0]["properties"]
        assert placed["privateIPAddress"] == "10.1.1.4"
        await operator.did("web1", "failoverCommit")
        back = await operator.item("web1")
        assert back["protectionState"] == "UnplannedFailoverCommitted"
        assert (
            back["providerSpecificDetails"]["lifecycleId"]
            == (before["providerSpecificDetails"]["lifecycleId"])
        )
        jobs = (await operator.get(f"{VAULT}/replicationJobs"))["value"]
        assert [job["properties"]["scenarioName"] for job in jobs] == [
            "CommitFailover",
            "UnplannedFailover",
            "SecondaryIrCompletion",
            "EnableDr",
            "SwitchReplicationGroupProtection",
            "CommitFailover",
            "UnplannedFailover",
        ]
