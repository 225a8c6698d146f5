"""The job of a plan's failover: its fields and its tree as recorded, and how long it takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from .bench import Bench
from .benched_plans import plan_of, planned
from .conftest import VAULT
from .planning import PLAN, failover_body, group, nodes
from .test_site_recovery import TASK_KEYS, instant

# As FACTS 1.6 and 6 have them from one recording, read four times.
BARE_KEYS = {
    *("activityId", "scenarioName", "friendlyName", "state", "stateDescription", "tasks"),
    *("errors", "allowedActions", "targetObjectId", "targetObjectName", "targetInstanceType"),
    "customDetails",
}
GROUP_KEYS = {"name", "groupId", "rpGroupType", "instanceType", "childTasks"}
MACHINE_KEYS = {"skippedReason", "skippedReasonString", "jobTask", "instanceType"}
JOB_TASK_KEYS = {
    *("jobId", "jobFriendlyName", "targetObjectId", "targetObjectName", "targetInstanceType"),
    "jobScenarioName",
}
SIDES = {
    *("primaryVmmId", "primaryVmmName", "recoveryVmmId", "recoveryVmmName"),
    *("primaryFabricProviderId", "recoveryFabricProviderId"),
}
PROTECTED_KEYS = {
    *("name", "friendlyName", "testVmName", "testVmFriendlyName", "networkConnectionStatus"),
    *("networkFriendlyName", "subnet", "recoveryPointId", "recoveryPointTime"),
}


def test_the_job_of_a_failover_reads_as_recorded_from_its_first_moment_to_its_last() -> None:
    bench = planned(group("Sql1"))
    job = bench.send("POST", f"{PLAN}/unplannedFailover", failover_body())
    path = f"{VAULT}/replicationJobs/{job}"

    bench.pass_(0.5)
    first = bench.get(path)["properties"]
    assert set(first) == BARE_KEYS  # no startTime
    assert (first["state"], first["scenarioName"]) == ("NotStarted", None)
    assert first["targetInstanceType"] == "ProtectionEntity"
    assert first["customDetails"] == {"instanceType": "AsrJobDetails", "affectedObjectDetails": {}}

    bench.pass_(1)
    second = bench.get(path)
    assert second["name"] == job
    told = second["properties"]
    assert set(told) == BARE_KEYS | {"startTime"}
    assert (told["state"], told["tasks"], told["allowedActions"]) == ("InProgress", [], [])
    assert (told["targetObjectName"], told["targetInstanceType"]) == ("erp", "RecoveryPlan")
    assert set(told["customDetails"]["affectedObjectDetails"]) == SIDES

    bench.pass_(80)
    _, third, headers = bench.ask("GET", path)
    assert third["name"] != job  # the same address now answers with another job
    assert headers["x-ms-request-id"].endswith(third["name"])
    assert bench.get(f"{VAULT}/replicationJobs/{third['name']}") == third
    late = instant(third["properties"]["startTime"]) - instant(told["startTime"])
    assert timedelta(seconds=0.9) < late < timedelta(seconds=1)
    assert third["properties"]["allowedActions"] == ["Cancel"]
    check_tree(third["properties"]["tasks"])
    assert third["properties"]["customDetails"]["protectedItemDetails"] == []

    bench.until_quiet()
    last = bench.get(path)["properties"]
    assert set(last) == BARE_KEYS | {"startTime", "endTime"}
    details = last["customDetails"]
    assert details["instanceType"] == "FailoverJobDetails"
    (item,) = details["protectedItemDetails"]
    assert set(item) == PROTECTED_KEYS
    assert (item["friendlyName"], item["testVmName"]) == ("Sql1", None)
    assert (item["networkFriendlyName"], item["subnet"]) == ("vnet-asr", "data")
    assert {task["state"] for _, task in nodes(last["tasks"])} == {"Succeeded"}


def check_tree(tasks: list[Any]) -> None:
    """A tree of tasks in the middle of the failover, with one machine."""
    assert all(set(task) == set(TASK_KEYS) for _, task in nodes(tasks))
    assert [(depth, task["taskType"], task["friendlyName"]) for depth, task in nodes(tasks)] == [
        (0, "TaskDetails", "Prerequisites check for the recovery plan"),
        (0, "RecoveryPlanShutdownGroupTaskDetails", "All groups shutdown (1)"),
        (1, "RecoveryPlanGroupTaskDetails", "Shutdown: Group 1 (1)"),
        (2, "VirtualMachineTaskDetails", "sql1"),
        (0, "RecoveryPlanGroupTaskDetails", "Recovery plan failover"),
        (1, "VirtualMachineTaskDetails", "sql1"),
        (0, "RecoveryPlanGroupTaskDetails", "Group 1: Start (1)"),
        (1, "VirtualMachineTaskDetails", "sql1"),
        (0, "TaskDetails", "Finalizing the recovery plan"),
    ]
    for _, task in nodes(tasks):
        inside = task["groupTaskCustomDetails"]
        if inside:
            assert set(inside) == GROUP_KEYS
            assert (task["name"], task["customDetails"]) == ("Unknown", None)
            assert inside["name"] == inside["groupId"] == task["taskId"]
        if task["state"] == "NotStarted":
            assert task["startTime"] == task["endTime"] == "0001-01-01T00:00:00"
    kinds = [task["groupTaskCustomDetails"]["rpGroupType"] for task in tasks[1:4]]
    assert kinds == ["Shutdown", "RpFailoverTask", "BootGroup"]
    failover = tasks[2]["groupTaskCustomDetails"]["childTasks"][0]["customDetails"]
    start = tasks[3]["groupTaskCustomDetails"]["childTasks"][0]["customDetails"]
    for details in (failover, start):
        assert set(details) == MACHINE_KEYS
        assert set(details["jobTask"]) == JOB_TASK_KEYS
        assert (details["skippedReason"], details["skippedReasonString"]) == ("None", None)
    assert failover["jobTask"]["jobScenarioName"] == "UnplannedFailover"
    assert start["jobTask"]["jobId"].endswith("/replicationJobs/")
    assert (start["jobTask"]["jobScenarioName"], start["jobTask"]["targetInstanceType"]) == (
        "Unknown",
        "Vm",
    )


def test_every_machine_has_a_job_of_its_own_in_every_phase() -> None:
    bench = planned(group("Sql1"))
    job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body())
    machines = [
        task["customDetails"]["jobTask"]
        for _, task in nodes(job["tasks"])
        if task["taskType"] == "VirtualMachineTaskDetails"
    ]
    assert len({one["jobId"] for one in machines}) == 3
    for one in machines:
        told = bench.get(one["jobId"])["properties"]
        assert (told["state"], told["scenarioName"]) == ("Succeeded", "UnplannedFailover")
        assert told["targetObjectId"] == one["targetObjectId"]
        assert told["allowedActions"] == []


@pytest.mark.parametrize("seed", [f"seed-{n}" for n in range(12)])
def test_a_failover_with_shutdown_takes_between_the_two_recorded_times(seed: str) -> None:
    bench = planned(group("web1"), seed=seed)
    job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body())
    took = instant(job["endTime"]) - instant(job["startTime"])
    assert timedelta(minutes=3, seconds=20) < took < timedelta(minutes=8, seconds=43)


def test_the_recorded_times_differ_by_seed() -> None:
    spans = set()
    for seed in ("a", "b", "c"):
        bench = planned(group("web1"), seed=seed)
        job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body())
        spans.add(instant(job["endTime"]) - instant(job["startTime"]))
    assert len(spans) == 3


def test_a_world_that_was_away_in_the_middle_of_a_plan_comes_out_the_same() -> None:
    busy, lazy = planned(group("Sql1"), group("web1")), planned(group("Sql1"), group("web1"))
    for bench in (busy, lazy):
        bench.send("POST", f"{PLAN}/unplannedFailover", failover_body())
    for _ in range(600):
        busy.pass_(1)
    lazy.pass_(600)
    told = [
        [(task["friendlyName"], task["startTime"], task["state"]) for _, task in nodes(job)]
        for job in (tasks_of(busy), tasks_of(lazy))
    ]
    assert told[0] == told[1]


def tasks_of(bench: Bench) -> Any:
    return bench.get(plan_of(bench)["currentScenario"]["jobId"])["properties"]["tasks"]
