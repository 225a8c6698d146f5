"""An item fails over: its recovered VM, its states, its job and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from .life import (
    A2A,
    SOURCE,
    TARGET,
    VM,
    failover_body,
    faulty,
    grouped,
    operating,
    where,
)

NIC = "Microsoft.Network/networkInterfaces"


async def test_a_failover_brings_the_vm_up_under_its_own_name(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        source = await operator.get(f"{SOURCE}/{VM}/Sql1")
        items = (await operator.site_recovery()).replication_protected_items
        body = {"properties": failover_body()}
        item = await (await items.begin_unplanned_failover(*where("Sql1"), body)).result()

        assert item.properties.protection_state == "UnplannedFailoverCommitPendingStatesBegin"
        assert item.properties.protection_state_description == "Failover completed"
        assert item.properties.active_location == "Recovery"
        assert item.properties.allowed_operations == [
            "CompleteMigration",
            "Commit",
            "DisableProtection",
            "ChangePit",
        ]
        vm = await operator.get(f"{TARGET}/{VM}/Sql1")
        assert vm["properties"]["vmId"] != source["properties"]["vmId"]
        assert vm["properties"]["storageProfile"]["osDisk"]["createOption"] == "Attach"
        assert len(vm["properties"]["storageProfile"]["dataDisks"]) == 1
        assert vm["tags"] == {"tier": "data"}
        assert not {"osProfile", "identity"} & set(vm["properties"])
        assert vm["properties"]["networkProfile"]["networkInterfaces"][0]["id"].endswith(
            "/Sql1-nic"
        )
        # The source is left as it was: nobody asked for it to be stopped.
        view = await operator.get(f"{SOURCE}/{VM}/Sql1/instanceView")
        assert view["statuses"][1]["code"] == "PowerState/running"


async def test_the_recovered_vm_lands_in_the_recovery_network_and_boots(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.fail_over("Sql1")
        nic = await operator.get(f"{TARGET}/{NIC}/Sql1-nic")
        placed = nic["properties"]["ipConfigurations"][0]["properties"]
        assert placed["subnet"]["id"].endswith("/virtualNetworks/vnet-asr/subnets/data")
        assert placed["privateIPAddress"] == "10.1.0.4"
        await operator.until(
            f"{TARGET}/{VM}/Sql1/instanceView",
            lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
        )
        assert ("on", "sql1") in operator.azure.guests.heard


async def test_a_failover_has_the_tasks_and_details_of_the_recording(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        job = await operator.fail_over("web1")
        assert (job["scenarioName"], job["friendlyName"]) == ("UnplannedFailover", "Failover")
        assert (job["targetInstanceType"], job["targetObjectName"]) == ("ProtectionEntity", "web1")
        assert [(task["taskId"], task["name"], task["state"]) for task in job["tasks"]] == [
            ("UnplannedFailoverPreflightChecksTask", "VmUfoPrerequisitesCheck", "Succeeded"),
            ("ShutdownVmOnPrimaryForUFO", "VmShutdownVmOnPrimary", "Other"),
            ("PrepareForUnPlannedFailoverTask", "VmPrepareForUnPlannedFailover", "Other"),
            ("FailoverTask", "VmFailover", "Succeeded"),
            ("StartVmOnSecondary", "VmFoStartVmOnSecondary", "Succeeded"),
        ]
        details = job["customDetails"]
        assert details["instanceType"] == "FailoverJobDetails"
        told = details["protectedItemDetails"][0]
        assert (told["friendlyName"], told["testVmName"]) == ("web1", None)
        assert (told["networkFriendlyName"], told["subnet"]) == ("vnet-asr", "web")
        item = await operator.item("web1")
        assert item["failoverRecoveryPointId"].endswith(told["recoveryPointId"])
        assert set(details["affectedObjectDetails"]) == {
            *("primaryVmId", "primaryVmName", "recoveryVmId", "recoveryVmName"),
            *("protectionProfileId", "primaryCloudId", "primaryCloudName", "recoveryCloudId"),
            *("recoveryCloudName", "primaryVmmId", "primaryVmmName", "recoveryVmmId"),
            *("recoveryVmmName", "primaryFabricProviderId", "recoveryFabricProviderId"),
        }
        assert details["affectedObjectDetails"]["primaryVmmName"] == "East US"


async def test_a_failover_that_is_asked_to_stops_the_source_first(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        job = await operator.fail_over("web1", source="Required")
        assert [task["state"] for task in job["tasks"]] == [
            *("Succeeded", "Succeeded", "Other", "Succeeded", "Succeeded")
        ]
        view = await operator.get(f"{SOURCE}/{VM}/web1/instanceView")
        assert view["statuses"][1]["code"] == "PowerState/deallocated"
        assert ("off", "web1") in operator.azure.guests.heard


async def test_a_source_that_cannot_be_stopped_does_not_hold_a_failover_up(tmp_path: Path) -> None:
    edit = faulty("web1", "shutdown")
    async with operating(tmp_path, edit=edit) as operator:
        job = await operator.fail_over("web1", source="Required")
        assert job["tasks"][1]["state"] == "Failed"
        assert job["tasks"][1]["errors"][0]["serviceErrorDetails"]["code"] == "150097"
        assert job["errors"] == []
        view = await operator.get(f"{SOURCE}/{VM}/web1/instanceView")
        assert view["statuses"][1]["code"] == "PowerState/running"
        assert (await operator.item("web1"))["activeLocation"] == "Recovery"


@pytest.mark.parametrize("at", ["prerequisites", "work"])
async def test_a_failover_that_fails_leaves_the_item_protected(tmp_path: Path, at: str) -> None:
    async with operating(tmp_path, edit=faulty("web1", "failover", at)) as operator:
        path = operator.path("web1", "unplannedFailover")
        assert await operator.refused(path, failover_body("Required")) == "It did not work."
        view = await operator.get(f"{SOURCE}/{VM}/web1/instanceView")
        power = {"prerequisites": "running", "work": "deallocated"}[at]
        assert view["statuses"][1]["code"] == f"PowerState/{power}"
        item = await operator.item("web1")
        assert item["protectionState"] == "Protected"
        assert item["failoverRecoveryPointId"] is None
        assert "lastSuccessfulFailoverTime" not in item
        assert (await operator.ask("GET", f"{TARGET}/{VM}/web1"))[0] == 404
        await operator.fail_over("web1")  # only the first one was to fail


async def test_a_failover_that_fails_at_its_end_leaves_a_vm_without_power(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=faulty("web1", "failover", "end")) as operator:
        path = operator.path("web1", "unplannedFailover")
        assert await operator.refused(path, failover_body()) == "It did not work."
        view = await operator.get(f"{TARGET}/{VM}/web1/instanceView")
        assert view["statuses"][1]["code"] == "PowerState/stopped"
        assert "Commit" in (await operator.item("web1"))["allowedOperations"]


async def test_a_named_point_is_restored_and_a_strange_one_is_not(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        points = (await operator.get(operator.path("web1", "recoveryPoints")))["value"]
        chosen = points[3]
        path = operator.path("web1", "unplannedFailover")
        strange = failover_body(recoveryPointId=f"{chosen['id']}0")
        assert "was not found" in await operator.refused(path, strange)
        job = await operator.fail_over("web1", recoveryPointId=chosen["id"])
        told = job["customDetails"]["protectedItemDetails"][0]
        assert told["recoveryPointId"] == chosen["name"]
        assert told["recoveryPointTime"] == chosen["properties"]["recoveryPointTime"]


async def test_what_a2a_does_not_know_is_refused(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        path = operator.path("web1", "unplannedFailover")
        home = failover_body() | {"failoverDirection": "RecoveryToPrimary"}
        assert "RecoveryToPrimary" in await operator.refused(path, home)
        planned = operator.path("web1", "plannedFailover")
        assert "not allowed" in await operator.refused(planned, failover_body())
        for wrong in (
            {"providerSpecificDetails": {"instanceType": "HyperVReplicaAzure"}},
            {"providerSpecificDetails": A2A, "sourceSiteOperations": "Perhaps"},
            {"providerSpecificDetails": A2A, "failoverDirection": "Sideways"},
            {},
        ):
            status, body, _ = await operator.ask("POST", path, {"properties": wrong})
            assert (status, body["error"]["code"]) == (400, "BadRequest")
        assert (await operator.ask("POST", f"{path}x"))[0] in (404, 501)
        unknown = operator.path("nobody", "unplannedFailover")
        assert (await operator.ask("POST", unknown, {"properties": failover_body()}))[0] == 404


async def test_a_member_of_a_multi_vm_group_does_not_fail_over_alone(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=grouped("Sql1", "web1")) as operator:
        path = operator.path("web1", "unplannedFailover")
        assert "only together" in await operator.refused(path, failover_body())
        ids = {
            (await operator.item(vm))["providerSpecificDetails"]["multiVmGroupId"]
            for vm in ("Sql1", "web1")
        }
        assert len(ids) == 1
        shared = [
            [
                point["name"]
                for point in (await operator.get(operator.path(vm, "recoveryPoints")))["value"]
            ]
            for vm in ("Sql1", "web1")
        ]
        assert len(set(shared[0]) & set(shared[1])) >= len(shared[0]) - 2
        await operator.fail_over("dead1")


async def test_nothing_else_may_be_asked_while_a_failover_runs(tmp_path: Path) -> None:
    async with operating(tmp_path, speed=60.0, refusal="conflict") as operator:
        job = await operator.act(operator.path("web1", "unplannedFailover"), failover_body())
        item = await operator.item("web1")
        assert item["allowedOperations"] == []
        assert item["currentScenario"]["scenarioName"] == "UnplannedFailover"
        assert item["currentScenario"]["jobId"].endswith(job)
        for verb, body in (
            ("unplannedFailover", failover_body()),
            ("failoverCommit", None),
            ("remove", {}),
            ("testFailoverCleanup", {"comments": ""}),
        ):
            asked = None if body is None else {"properties": body}
            status, told, _ = await operator.ask("POST", operator.path("web1", verb), asked)
            assert (status, told["error"]["code"]) == (409, "Conflict")
        assert (await operator.ask("DELETE", operator.path("web1")))[0] == 409


async def test_a_failover_goes_on_after_a_restart_of_the_simulator(tmp_path: Path) -> None:
    async with operating(tmp_path, speed=120.0) as operator:
        job = await operator.act(operator.path("web1", "unplannedFailover"), failover_body())
    async with operating(tmp_path, speed=120.0) as operator:
        assert (await operator.job(job))["state"] == "Succeeded"
        assert (await operator.item("web1"))["activeLocation"] == "Recovery"
        await operator.did("web1", "failoverCommit")


async def test_a_network_that_is_gone_fails_the_failover_and_not_the_item(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        network = f"{TARGET}/Microsoft.Network/virtualNetworks/vnet-asr"
        assert (await operator.ask("DELETE", network))[0] == 202
        await operator.until(
            f"{TARGET}/Microsoft.Network/virtualNetworks", lambda body: len(body["value"]) == 1
        )
        path = operator.path("web1", "unplannedFailover")
        assert "was not found" in await operator.refused(path, failover_body())
        item = await operator.item("web1")
        assert (item["protectionState"], item["activeLocation"]) == ("Protected", "Primary")
