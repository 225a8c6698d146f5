"""Replication is disabled: gracefully, or by a purge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .life import TARGET, VAULT, VM, operating, where

DISK = "Microsoft.Compute/disks"
REMOVE: Any = {
    "disableProtectionReason": "NotSpecified",
    "replicationProviderInput": {"instanceType": "DisableProtectionProviderSpecificInput"},
}


async def test_a_removed_item_is_gone_with_its_replicas(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        items = (await operator.site_recovery()).replication_protected_items
        poller = await items.begin_delete(*where("Sql1"), {"properties": REMOVE})
        assert await poller.result() is None
        assert (await operator.ask("GET", operator.path("Sql1")))[0] == 404
        names = [row["name"] for row in (await operator.get(f"{TARGET}/{DISK}"))["value"]]
        assert "web1-osdisk-ASRReplica" in names
        assert not [name for name in names if name.startswith("Sql1")]
        job = (await operator.get(f"{VAULT}/replicationJobs"))["value"][0]["properties"]
        assert (job["scenarioName"], job["friendlyName"]) == ("DisableDr", "Disable replication")


async def test_a_purge_takes_an_item_whose_failover_is_not_committed(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.fail_over("web1")
        items = (await operator.site_recovery()).replication_protected_items
        assert await (await items.begin_purge(*where("web1"))).result() is None
        assert (await operator.ask("GET", operator.path("web1")))[0] == 404
        recovered = await operator.get(f"{TARGET}/{VM}/web1")
        assert recovered["properties"]["provisioningState"] == "Succeeded"


async def test_a_migration_is_completed_by_removing_the_item(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.fail_over("web1")
        await operator.did("web1", "failoverCommit")
        await operator.did("web1", "remove", {"disableProtectionReason": "MigrationComplete"})
        assert (await operator.get(f"{TARGET}/{VM}/web1"))["name"] == "web1"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_an_item_with_a_test_copy_cannot_be_disabled(tmp_path: Path, method: str) -> None:
    async with operating(tmp_path) as operator:
        await operator.azure.job_ended(await operator.azure.failover_test("web1"))
        verb = "remove" if method == "POST" else ""
        body = REMOVE if method == "POST" else None
        assert "not allowed" in await operator.refused(operator.path("web1", verb), body, method)
        await operator.azure.job_ended(await operator.azure.clean_up("web1"))
        await operator.did("web1", verb, body, method)


async def test_an_unknown_reason_is_a_bad_request(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        body = {"properties": {"disableProtectionReason": "Boredom"}}
        path = operator.path("web1", "remove")
        status, told, _ = await operator.ask("POST", path, body)
        assert (status, "NotSpecified" in told["error"]["message"]) == (400, True)
        assert (await operator.ask("DELETE", operator.path("nobody")))[0] == 204
