"""Azure's JSON, with its sentinels and oddities, into the port's values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.gateway.kinds import NoJobNamed
from muster.gateway.parse import instant, text_or_none
from muster.gateway.parse_compute import parse_automation_job, parse_command, parse_vm
from muster.gateway.parse_item import parse_item, parse_point
from muster.gateway.parse_job import job_id_from, parse_job
from tests.unit.gateway.stub import GUID, VAULT


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2023-01-16T09:25:34.5859921Z", datetime(2023, 1, 16, 9, 25, 34, 585992, UTC)),
        ("2023-01-16T09:25:34.58Z", datetime(2023, 1, 16, 9, 25, 34, 580000, UTC)),
        ("2022-12-23T08:03:52Z", datetime(2022, 12, 23, 8, 3, 52, 0, UTC)),
        ("2022-12-23T08:03:52", datetime(2022, 12, 23, 8, 3, 52, 0, UTC)),
        ("2022-12-23T08:03:52.25-07:00", datetime(2022, 12, 23, 15, 3, 52, 250000, UTC)),
        ("2022-12-23T08:03:52+0530", datetime(2022, 12, 23, 2, 33, 52, 0, UTC)),
        ("1753-01-01T01:01:01Z", None),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59.9999999", None),
        ("2022-13-01T00:00:00Z", None),
        ("soon", None),
        ("", None),
        (None, None),
        (17, None),
    ],
)
def test_instants(text: object, wanted: datetime | None) -> None:
    assert instant(text) == wanted


@given(st.integers(0, 10**11))
def test_any_instant_survives_the_way(micros: int) -> None:
    at = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros * 31)
    assert instant(at.isoformat().replace("+00:00", "Z")) == at
    assert instant(at.isoformat()) == at


def test_the_text_none_is_none() -> None:
    assert [text_or_none(value) for value in ("None", "none", "", None)] == [None] * 4
    assert text_or_none("Nones") == "Nones"


def item_json(**changes: Any) -> dict[str, Any]:
    a2a = {
        "instanceType": "A2A",
        "fabricObjectId": "/subscriptions/s/resourcegroups/g/providers/x/y/web1",
        "multiVmGroupName": "g1",
        "multiVmGroupCreateOption": "AutoCreated",
        "protectedManagedDisks": None,
        "osType": "Windows",
        "recoveryAzureVMName": "web1",
        "tfoAzureVMName": "web1-test",
        "rpoInSeconds": 393,
        "lastRpoCalculatedTime": "2023-01-16T09:24:51.8416166Z",
        "lastHeartbeat": "0001-01-01T00:00:00",
        "vmNics": None,
    }
    idle = {
        "scenarioName": "None",
        "jobId": f"{VAULT.id}/replicationJobs/None",
        "startTime": "1753-01-01T01:01:01Z",
    }
    properties: dict[str, Any] = {
        "friendlyName": "web1",
        "testFailoverState": "None",
        "allowedOperations": None,
        "healthErrors": [],
        "currentScenario": idle,
    }
    properties |= changes.pop("properties", {})
    return {
        "id": "/i",
        "name": "i",
        "properties": properties | {"providerSpecificDetails": a2a | changes},
    }


def test_an_idle_item_has_no_job_no_group_and_no_sentinels() -> None:
    item = parse_item(item_json())
    assert item.current_job_id is None
    assert item.multi_vm_group_name is None
    assert item.test_failover_state is None
    assert item.last_heartbeat is None
    assert item.rpo == timedelta(seconds=393)
    assert item.allowed_operations == ()
    assert item.nics == ()


def test_a_group_that_people_made_is_named_and_a_running_job_too() -> None:
    busy = {"scenarioName": "TestFailover", "jobId": f"{VAULT.id}/replicationJobs/{GUID}"}
    item = parse_item(
        item_json(multiVmGroupCreateOption="UserSpecified", properties={"currentScenario": busy})
    )
    assert item.multi_vm_group_name == "g1"
    assert item.current_job_id == f"{VAULT.id}/replicationJobs/{GUID}"


def test_an_items_own_test_settings_are_read() -> None:
    config = {
        "name": "c1", "isPrimary": True, "subnetName": "web", "staticIPAddress": "10.1.2.4",
        "tfoSubnetName": "dmz", "tfoStaticIPAddress": "", "tfoPublicIPAddressId": "/pip",
    }  # fmt: skip
    nic = {"sourceNicArmId": "/nic", "tfoVMNetworkId": "/net", "ipConfigs": [config]}
    item = parse_item(item_json(vmNics=[nic], selectedTfoAzureNetworkId="/other"))
    assert item.test_network_id == "/other"
    assert item.nics[0].test_network_id == "/net"
    read = item.nics[0].ip_configs[0]
    assert (read.test_subnet, read.test_static_ip, read.test_public_ip_id) == ("dmz", None, "/pip")


def test_a_point_without_a_time_is_left_out() -> None:
    assert parse_point({"id": "/p", "properties": {"recoveryPointTime": None}}) is None
    multi = {
        "recoveryPointTime": "2025-03-19T18:50:38.9179123Z",
        "recoveryPointType": "CrashConsistent",
        "providerSpecificDetails": {"recoveryPointSyncType": "MultiVmSyncRecoveryPoint"},
    }
    point = parse_point({"id": "/p", "properties": multi})
    assert point is not None
    assert point.multi_vm


def job_json(state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{VAULT.id}/replicationJobs/x",
        "name": "x",
        "properties": {"state": state, **more},
    }


@pytest.mark.parametrize(
    ("state", "ended", "succeeded"),
    [
        ("Succeeded", True, True),
        ("Suspended", True, True),  # a test failover that waits for its cleanup
        ("Failed", True, False),
        ("Cancelled", True, False),
        ("Canceled", True, False),
        ("InProgress", False, False),
        ("NotStarted", False, False),
        ("", False, False),
    ],
)
def test_states_of_jobs(state: str, *, ended: bool, succeeded: bool) -> None:
    job = parse_job(job_json(state))
    assert (job.ended, job.succeeded) == (ended, succeeded)


def test_an_error_that_stands_in_task_and_job_is_told_once() -> None:
    error = {
        "serviceErrorDetails": {
            "code": "25037", "message": "Not ready.", "possibleCauses": "c",
            "recommendedAction": "d",
        },
        "providerErrorDetails": {"errorCode": 0, "errorMessage": None},
    }  # fmt: skip
    only = {
        "providerErrorDetails": {"errorCode": 7, "errorMessage": "Disk.", "possibleCauses": "x"}
    }
    tasks = [
        {"name": "a", "errors": [error], "startTime": "0001-01-01T00:00:00"},
        {"errors": [only], "state": "Failed"},
    ]
    job = parse_job(job_json("Failed", errors=[error], tasks=tasks))
    assert [(one.code, one.message) for one in job.errors] == [
        ("25037", "Not ready."),
        ("7", "Disk."),
    ]
    assert job.tasks[0].started_at is None


def test_the_network_of_a_test_failover_is_read_only_when_it_is_an_id() -> None:
    network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n"
    assert (
        parse_job(job_json("Succeeded", customDetails={"networkName": network})).network_id
        == network
    )
    assert parse_job(job_json("Succeeded", customDetails={"networkName": "n"})).network_id is None
    assert parse_job(job_json("Succeeded", customDetails=None)).network_id is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Location": f"https://x/subscriptions/s/operationresults/{GUID}?api-version=1&s=/a/b"},
        {"location": f"https://x/Subscriptions/s/OperationResults/{GUID}"},
        {"x-ms-request-id": f"/Subscriptions/s/vaults/v/replicationJobs/{GUID}"},
        {"x-ms-request-id": f"/s/replicationJobs/{GUID},/s/replicationJobs/{GUID}"},
        {"Location": "", "X-MS-Request-Id": f"/s/v/replicationjobs/{GUID}"},
    ],
)
def test_the_job_of_a_write(headers: dict[str, str]) -> None:
    assert job_id_from(headers, VAULT).job_id == f"{VAULT.id}/replicationJobs/{GUID}"


@pytest.mark.parametrize(
    "headers", [{}, {"Location": "https://x/operationresults/"}, {"x-ms-request-id": GUID}]
)
def test_a_write_without_a_job(headers: dict[str, str]) -> None:
    with pytest.raises(NoJobNamed):
        job_id_from(headers, VAULT)


def test_a_vm_without_its_view_says_nothing_of_power_and_agent() -> None:
    raw = {"id": "/vm", "name": "vm", "properties": {"timeCreated": "2025-01-01T00:00:00-07:00"}}
    vm = parse_vm(raw, instance_view=False)
    assert (vm.power_state, vm.agent_ready, vm.agent_status) == (None, None, None)
    assert vm.created_at == datetime(2025, 1, 1, 7, tzinfo=UTC)


def test_an_agent_that_never_reported_is_not_ready() -> None:
    statuses = [{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/running"}]
    view: dict[str, Any] = {"statuses": statuses}
    vm = parse_vm({"properties": {"instanceView": view}}, instance_view=True)
    assert (vm.power_state, vm.agent_ready, vm.agent_status) == ("running", False, None)
    view["vmAgent"] = {"statuses": [{"code": "x", "displayStatus": "Ready"}]}
    assert parse_vm({"properties": {"instanceView": view}}, instance_view=True).agent_ready


def test_commands_in_every_state() -> None:
    def command(**properties: Any) -> tuple[str, int | None, bool]:
        result = parse_command({"properties": properties})
        return result.state, result.exit_code, result.ended

    assert command(provisioningState="Creating") == ("Pending", None, False)
    assert command(provisioningState="Failed") == ("Failed", None, True)
    running = {"executionState": "Running", "exitCode": None}
    assert command(provisioningState="Succeeded", instanceView=running) == ("Running", None, False)
    failed = {"executionState": "Failed", "exitCode": 3}
    assert command(provisioningState="Succeeded", instanceView=failed) == ("Failed", 3, True)
    timed = {"executionState": "TimedOut"}
    assert command(instanceView=timed) == ("TimedOut", None, True)


def test_an_automation_job_with_an_offset() -> None:
    raw = {
        "name": "j",
        "properties": {"status": "Suspended", "startTime": "2025-01-01T00:00:00+00:00"},
    }
    job = parse_automation_job(raw)
    assert job.ended
    assert job.started_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert job.exception is None
