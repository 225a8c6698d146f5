"""Commit, cancel and another recovery point of an item that failed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from .life import A2A, SOURCE, TARGET, VM, failover_body, faulty, operating, where

DISK = "Microsoft.Compute/disks"
PENDING = "UnplannedFailoverCommitPendingStatesBegin"


async def test_a_commit_ends_the_choice_of_points(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        points = operator.path("web1", "recoveryPoints")
        await operator.fail_over("web1")
        pending = (await operator.get(points))["value"]
        assert pending
        items = (await operator.site_recovery()).replication_protected_items
        item = await (await items.begin_failover_commit(*where("web1"))).result()

        assert item.properties.protection_state == "UnplannedFailoverCommitted"
        assert item.properties.protection_state_description == "Failover committed"
        assert item.properties.allowed_operations == [
            "CompleteMigration",
            "DisableProtection",
            "SwitchProtection",
        ]
        assert (await operator.get(points))["value"] == []
        assert (await operator.ask("GET", f"{points}/{pending[0]['name']}"))[0] == 404
        change = {"recoveryPointId": pending[0]["id"], "providerSpecificDetails": A2A}
        path = operator.path("web1", "applyRecoveryPoint")
        assert "not allowed" in await operator.refused(path, change)


async def test_a_committed_item_reads_as_recorded(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.fail_over("web1")
        failed_over = await operator.item("web1")
        await operator.did("web1", "failoverCommit")
        item = await operator.item("web1", version="2024-10-01")
        details, disk = (
            item["providerSpecificDetails"],
            item["providerSpecificDetails"]["protectedManagedDisks"][0],
        )
        recovered = f"{TARGET}/{DISK}/web1-osdisk"
        assert item["failoverHealth"] == "Normal"
        assert item["healthErrors"] == []
        assert item["lastSuccessfulFailoverTime"] == failed_over["lastSuccessfulFailoverTime"]
        assert "/replicationProtectionContainers/asr-a2a" not in item["failoverRecoveryPointId"]
        assert details["recoveryFabricObjectId"] == f"{TARGET}/{VM}/web1".lower()
        assert details["vmProtectionState"] == "UnplannedFailoverCommitted"
        assert details["monitoringPercentageCompletion"] is None
        assert details["monitoringJobType"] is None
        assert "agentCertificateExpiryDate" not in details
        assert details["rpoInSeconds"] > 0
        assert disk["recoveryTargetDiskId"] == recovered
        assert disk["recoveryReplicaDiskId"] == ""
        assert disk["recoveryOrignalTargetDiskId"] == recovered.lower()
        assert (details["rtoInSeconds"], details["churnOptionSelected"]) == (None, "Normal")
        assert details["agentExpiryDate"].endswith("Z")
        replica = f"{TARGET}/{DISK}/web1-osdisk-ASRReplica"
        assert (await operator.ask("GET", replica))[0] == 404


async def test_a_commit_takes_seconds_and_has_two_tasks(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.fail_over("web1")
        job = await operator.did("web1", "failoverCommit")
        assert (job["scenarioName"], job["friendlyName"]) == ("CommitFailover", "Commit")
        assert [task["friendlyName"] for task in job["tasks"]] == ["Prerequisite check", "Commit"]
        assert job["customDetails"]["instanceType"] == "AsrJobDetails"


@pytest.mark.parametrize("refusal", ["failed_job", "conflict", "bad_request"])
async def test_a_commit_that_comes_too_early_is_refused(tmp_path: Path, refusal: str) -> None:
    async with operating(tmp_path, refusal=refusal) as operator:
        path = operator.path("web1", "failoverCommit")
        if refusal == "failed_job":
            job = await operator.job(await operator.act(path))
            told = job["errors"][0]["serviceErrorDetails"]
            assert job["tasks"][0]["state"] == "Failed"
            assert job["tasks"][1]["stateDescription"] == "Skipped"
        else:
            status, body, _ = await operator.ask("POST", path)
            assert status == {"conflict": 409, "bad_request": 400}[refusal]
            told = body["error"]["details"][0]
        assert told["code"] == "25037"
        assert told["message"] == (
            "The virtual machine 'web1' isn't ready for committing failover."
        )
        assert (await operator.item("web1"))["protectionState"] == "Protected"


async def test_a_commit_that_fails_may_be_tried_again(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=faulty("web1", "commit")) as operator:
        await operator.fail_over("web1")
        path = operator.path("web1", "failoverCommit")
        assert await operator.refused(path) == "It did not work."
        assert (await operator.item("web1"))["protectionState"] == PENDING
        await operator.did("web1", "failoverCommit")


@pytest.mark.parametrize("form", ["unlisted", "listed", "refused"])
async def test_whether_a_failover_can_be_taken_back_is_a_setting(
    tmp_path: Path, form: str
) -> None:
    async with operating(tmp_path, failover_cancel=form) as operator:
        await operator.fail_over("web1")
        listed = "CancelFailover" in (await operator.item("web1"))["allowedOperations"]
        assert listed == (form == "listed")
        path = operator.path("web1", "failoverCancel")
        if form == "refused":
            assert "not allowed" in await operator.refused(path)
            return
        await operator.did("web1", "failoverCancel")
        item = await operator.item("web1")
        assert (item["protectionState"], item["activeLocation"]) == ("Protected", "Primary")
        assert item["failoverRecoveryPointId"] is None
        assert (await operator.ask("GET", f"{TARGET}/{VM}/web1"))[0] == 404
        names = [row["name"] for row in (await operator.get(f"{TARGET}/{DISK}"))["value"]]
        assert "web1-osdisk" not in names
        assert "web1-osdisk-ASRReplica" in names
        await operator.fail_over("web1")


@pytest.mark.parametrize(("form", "more"), [("complete_migration", 1), ("plain", 0)])
async def test_what_a_failed_over_item_lists_is_a_setting(
    tmp_path: Path, form: str, more: int
) -> None:
    async with operating(tmp_path, failed_over_lists=form) as operator:
        await operator.fail_over("web1")
        allowed = (await operator.item("web1"))["allowedOperations"]
        assert allowed.count("CompleteMigration") == more
        assert allowed[more:] == ["Commit", "DisableProtection", "ChangePit"]


async def test_another_point_makes_the_vm_anew(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        point = (await operator.get(operator.path("web1", "recoveryPoints")))["value"][5]
        await operator.fail_over("web1")
        first = await operator.get(f"{TARGET}/{VM}/web1")
        change = {"recoveryPointId": point["id"], "providerSpecificDetails": A2A}
        job = await operator.did("web1", "applyRecoveryPoint", change)
        told = job["customDetails"]["protectedItemDetails"][0]
        assert told["recoveryPointTime"] == point["properties"]["recoveryPointTime"]
        second = await operator.get(f"{TARGET}/{VM}/web1")
        assert second["properties"]["vmId"] != first["properties"]["vmId"]
        item = await operator.item("web1")
        assert item["protectionState"] == PENDING
        assert item["failoverRecoveryPointId"].endswith(point["name"])
        path = operator.path("web1", "applyRecoveryPoint")
        lost = change | {"recoveryPointId": f"{point['id']}0"}
        assert "was not found" in await operator.refused(path, lost)
        status, body, _ = await operator.ask(
            "POST", path, {"properties": {"providerSpecificDetails": A2A}}
        )
        assert (status, body["error"]["message"]) == (400, "recoveryPointId is required.")


async def test_no_new_points_come_after_a_failover(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        path = operator.path("web1", "recoveryPoints")
        await operator.fail_over("web1")
        before = (await operator.get(path))["value"]
        rpo = (await operator.item("web1"))["providerSpecificDetails"]["lastRpoCalculatedTime"]
        await operator.fail_over("Sql1")  # minutes pass
        assert (await operator.get(path))["value"] == before
        after = (await operator.item("web1"))["providerSpecificDetails"]["lastRpoCalculatedTime"]
        assert after == rpo


async def test_a_drill_of_a_failed_over_item_is_refused(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.fail_over("web1")
        drill = {"networkType": "VmNetworkAsInput", "providerSpecificDetails": A2A}
        assert "not allowed" in await operator.refused(
            operator.path("web1", "testFailover"), drill
        )
        again = operator.path("web1", "unplannedFailover")
        assert "not allowed" in await operator.refused(again, failover_body())
        assert (await operator.ask("GET", f"{SOURCE}/{VM}/web1"))[0] == 200
