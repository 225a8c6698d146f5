"""Quotas, policies that deny and locks hold for what Site Recovery makes and deletes, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .asked import world_with
from .conftest import SUBSCRIPTION, TARGET
from .life import SOURCE, VM, enable_body, failover_body
from .planning import PLAN, group, plan_body
from .planning import drill_body as plan_drill_body
from .still_items import JOBS, NICS, VMS, StillItems, drill_body, path_of

CORES = "quotas: [{location: westus2, limits: {cores: 1}}]"
NO_NICS = "quotas: [{location: westus2, limits: {NetworkInterfaces: 0}}]"
NO_VMS = (
    "policies: [{name: no-vms, rule: {field: type, equals: Microsoft.Compute/virtualMachines}}]"
)
NO_DISKS = "policies: [{name: no-disks, rule: {field: type, equals: Microsoft.Compute/disks}}]"
READ_ONLY = "locks: [{name: keep, scope: /resourceGroups/rg-asr, level: ReadOnly}]"
ASR_GROUP = TARGET.removesuffix("/providers")
APP_GROUP = SOURCE.removesuffix("/providers")


def lock(world: StillItems, scope: str, level: str = "CanNotDelete") -> str:
    path = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    assert world.ask("PUT", path, {"level": level}).status == 201
    return path


def told(error: Any) -> tuple[str, int, str]:
    """Code of the service, code of the provider, and the first word the provider says."""
    provider = error["providerErrorDetails"]
    return (
        error["serviceErrorDetails"]["code"],
        provider["errorCode"],
        str(provider["errorMessage"]).partition(":")[0],
    )


def left_of(world: StillItems, mark: str) -> list[str]:
    rows = world.get(f"{ASR_GROUP}/resources")["value"]
    return [row["name"] for row in rows if mark in row["name"]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (CORES, ("28031", 150097, "OperationNotAllowed")),
        (NO_NICS, ("28092", 150097, "NetworkInterfaceCountLimitReached")),
        (NO_VMS, ("28031", 0, "RequestDisallowedByPolicy")),
        (NO_DISKS, ("990020", 0, "RequestDisallowedByPolicy")),
        (READ_ONLY, ("28092", 0, "ScopeLocked")),
    ],
)
@pytest.mark.parametrize("verb", ["testFailover", "unplannedFailover"])
def test_a_vm_that_may_not_be_made_fails_the_job_and_leaves_nothing(
    tmp_path: Path, rule: str, expected: tuple[str, int, str], verb: str
) -> None:
    world = StillItems(world_with(tmp_path, rule))
    before = sorted(world.world.resources)
    body = drill_body() if verb == "testFailover" else failover_body()

    error = world.failed("web1", verb, body)

    assert told(error) == expected
    world.settle()
    assert sorted(world.world.resources) == before
    assert "TestFailover" in world.item("web1")["allowedOperations"]
    assert world.item("web1")["testFailoverState"] == "None"


def test_usages_count_a_copy_and_the_next_one_finds_no_room(tmp_path: Path) -> None:
    quota = "quotas: [{location: westus2, limits: {cores: 9}}]"
    world = StillItems(world_with(tmp_path, quota))
    world.drill("Sql1")  # 8 cores
    usages = world.get(f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westus2/usages")
    cores = next(row for row in usages["value"] if row["name"]["value"] == "cores")
    assert (cores["limit"], cores["currentValue"]) == (9, 8)

    error = world.failed("web1", "testFailover", drill_body())

    assert "Current Limit: 9, Current Usage: 8" in error["providerErrorDetails"]["errorMessage"]
    world.clean_up("Sql1")
    world.drill("web1")


def test_a_machine_of_a_plan_that_finds_no_room_fails_it(tmp_path: Path) -> None:
    world = StillItems(world_with(tmp_path, CORES))
    world.answer("PUT", PLAN, plan_body(group("web1")))
    world.settle()
    answer = world.answer("POST", f"{PLAN}/testFailover", plan_drill_body())
    job = f"{JOBS}/{answer.headers['x-ms-request-id'].rpartition('/')[2]}"

    ended = world.until_ended(job)

    assert ended["state"] == "Failed"
    assert told(ended["errors"][0])[:2] == ("28031", 150097)


@pytest.mark.parametrize("scope", [ASR_GROUP, f"{NICS}/web1-nic-test", f"{VMS}/web1-test"])
def test_a_lock_on_a_copy_fails_its_cleanup_until_it_is_taken_away(scope: str) -> None:
    world = StillItems()
    world.drill("web1")
    path = lock(world, scope)

    error = world.failed("web1", "testFailoverCleanup", {"comments": ""})

    assert told(error) == ("990021", 0, "ScopeLocked")
    assert world.item("web1")["allowedOperations"] == ["TestFailoverCleanup"]
    world.settle()
    assert world.item("web1")["allowedOperations"] == ["TestFailoverCleanup"]
    assert left_of(world, "-test")
    world.ask("DELETE", path)
    world.clean_up("web1")
    assert not left_of(world, "-test")


def test_a_lock_on_a_recovered_vm_keeps_a_failover_from_being_taken_back() -> None:
    world = StillItems()
    world.fail_over("web1")
    lock(world, f"{VMS}/web1")
    assert told(world.failed("web1", "failoverCancel"))[0] == "990021"
    world.settle()
    assert world.get(f"{VMS}/web1")
    assert world.item("web1")["activeLocation"] == "Recovery"


def test_a_lock_on_a_recovered_vm_keeps_it_at_its_recovery_point() -> None:
    world = StillItems()
    point = world.get(path_of("web1", "recoveryPoints"))["value"][0]["id"]
    world.fail_over("web1")
    before = world.get(f"{VMS}/web1")["properties"]["vmId"]
    lock(world, f"{VMS}/web1")
    body = {"recoveryPointId": point, "providerSpecificDetails": {"instanceType": "A2A"}}
    assert told(world.failed("web1", "applyRecoveryPoint", body))[0] == "990021"
    world.settle()
    assert world.get(f"{VMS}/web1")["properties"]["vmId"] == before
    assert "Commit" in world.item("web1")["allowedOperations"]


def test_a_source_that_a_lock_keeps_from_being_stopped_runs_on() -> None:
    world = StillItems()
    lock(world, f"{SOURCE}/{VM}/web1", "ReadOnly")
    ended = world.fail_over("web1", source="Required")
    shutdown = next(task for task in ended["tasks"] if "Shut down" in task["friendlyName"])
    assert shutdown["state"] == "Failed"
    said = shutdown["errors"][0]["providerErrorDetails"]["errorMessage"]
    assert said.startswith("ScopeLocked")
    assert world.world.machines[f"{SOURCE}/{VM}/web1".lower()]["power"] == "running"


BACK = {
    "failoverDirection": "PrimaryToRecovery",
    "providerSpecificDetails": {"instanceType": "A2A"},
}


def committed(world: StillItems) -> StillItems:
    world.cache()
    world.fail_over("web1")
    world.did("web1", "failoverCommit")
    return world


@pytest.mark.parametrize(
    ("scope", "level", "expected"),
    [(f"{SOURCE}/{VM}/web1", "CanNotDelete", "990021"), (APP_GROUP, "ReadOnly", "990021")],
)
def test_a_lock_on_the_old_source_fails_the_reprotect(
    scope: str, level: str, expected: str
) -> None:
    world = committed(StillItems(item_reprotect="works"))
    lock(world, scope, level)

    error = world.failed("web1", "reProtect", BACK)

    assert told(error) == (expected, 0, "ScopeLocked")
    states = [row["properties"]["state"] for row in world.get(JOBS)["value"]]
    assert "InProgress" not in states  # the job inside it ended with it
    world.settle()
    assert world.get(f"{SOURCE}/{VM}/web1")
    assert "SwitchProtection" in world.item("web1")["allowedOperations"]


def test_replication_is_not_enabled_where_its_disks_may_not_lie(tmp_path: Path) -> None:
    world = StillItems(world_with(tmp_path, NO_DISKS))
    world.did("web1", "remove", {"replicationProviderInput": {"instanceType": "A2A"}})

    error = world.failed("web1", "", enable_body("web1", world.cache()), "PUT")

    assert told(error) == ("990020", 0, "RequestDisallowedByPolicy")
    assert world.ask("GET", path_of("web1")).status == 404


def test_a_replica_that_is_locked_is_left_behind() -> None:
    world = StillItems()
    disk = f"{ASR_GROUP}/providers/Microsoft.Compute/disks/web1-osdisk-ASRReplica"
    lock(world, disk)
    world.did("web1", "remove", {"replicationProviderInput": {"instanceType": "A2A"}})
    assert world.get(disk)


def test_a_reprotect_fails_where_its_disks_may_not_lie(tmp_path: Path) -> None:
    rule = NO_DISKS.replace("{name", "{scope: /resourceGroups/rg-app, name")
    file = world_with(tmp_path, rule)
    world = committed(StillItems(file, item_reprotect="works"))
    assert told(world.failed("web1", "reProtect", BACK))[0] == "990020"
    assert "SwitchProtection" in world.item("web1")["allowedOperations"]


def test_a_disk_is_not_added_where_its_replica_may_not_lie() -> None:
    world = StillItems()
    disk = f"{SOURCE}/Microsoft.Compute/disks/Sql1-data"
    a2a = {"instanceType": "A2A"}
    removed = {"providerSpecificDetails": a2a | {"vmManagedDisksIds": [disk]}}
    world.did("Sql1", "removeDisks", removed)
    lock(world, ASR_GROUP, "ReadOnly")
    wanted = {
        "diskId": disk,
        "primaryStagingAzureStorageAccountId": world.cache(),
        "recoveryResourceGroupId": ASR_GROUP,
    }

    added = {"providerSpecificDetails": a2a | {"vmManagedDisks": [wanted]}}
    error = world.failed("Sql1", "addDisks", added)

    assert told(error) == ("990020", 0, "ScopeLocked")
    disks = world.item("Sql1")["providerSpecificDetails"]["protectedManagedDisks"]
    assert len(disks) == 1
