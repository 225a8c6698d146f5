"""A job that is cancelled: its states, what it leaves, and what may be asked after."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bench import Bench
from .benched_plans import CLEANUP, COPIES, plan_of, planned
from .conftest import TARGET, VAULT
from .job_verbs import ITEM_DRILL, ITEM_FAILOVER, JOBS, copies, started
from .life import operating
from .planning import PLAN, drill_body, entry, failover_body, group, manual, nodes


def test_a_cancelled_job_reads_cancelling_then_cancelled() -> None:
    bench = Bench()
    job = started(bench, "Sql1", "testFailover", ITEM_DRILL)
    bench.pass_(10)
    assert bench.job(job)["allowedActions"] == ["Cancel"]
    operation = bench.send("POST", f"{JOBS}/{job}/cancel")
    told = bench.job(job)
    assert (told["state"], told["stateDescription"]) == ("Cancelling", "Cancelling")
    assert told["allowedActions"] == []
    assert bench.item("Sql1")["allowedOperations"] == []  # not before it is over
    assert bench.get(f"{VAULT}/replicationOperationStatus/{operation}")["status"] == "InProgress"

    bench.until_quiet()
    told = bench.job(job)
    assert (told["state"], told["allowedActions"]) == ("Cancelled", [])
    assert "." not in told["endTime"]
    states = [task["state"] for task in told["tasks"]]
    assert states == ["Succeeded", "Cancelled", "Other", "Other"]
    assert bench.get(f"{VAULT}/replicationOperationStatus/{operation}")["status"] == "Succeeded"
    result = bench.get(f"{JOBS}/{job}/operationresults/{operation}")
    assert result == bench.get(f"{JOBS}/{operation}") == bench.get(f"{JOBS}/{job}")
    assert [row["name"] for row in bench.get(JOBS)["value"]] == [job]
    assert bench.item("Sql1")["allowedOperations"][-1] == "TestFailover"
    bench.pass_(600)
    assert bench.job(job)["state"] == "Cancelled"


@pytest.mark.parametrize("spelling", ["Canceled", "Cancelled"])
def test_the_operation_of_a_cancelled_job_is_spelled_as_the_setting_says(spelling: str) -> None:
    bench = Bench(cancelled_operation=spelling)
    job = started(bench, "Sql1", "testFailover", ITEM_DRILL)
    bench.pass_(10)
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()
    assert bench.get(f"{VAULT}/replicationOperationStatus/{job}")["status"] == spelling
    assert bench.job(job)["state"] == "Cancelled"


def test_a_copy_that_was_made_before_the_cancel_waits_for_its_cleanup() -> None:
    bench = Bench()
    job = started(bench, "Sql1", "testFailover", ITEM_DRILL)
    while not copies(bench):
        bench.pass_(1)
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()
    item = bench.item("Sql1")
    assert item["testFailoverState"] == "WaitingForCompletion"
    assert item["allowedOperations"] == ["TestFailoverCleanup"]
    vm = bench.get(f"{COPIES}/Sql1-test")
    assert vm["properties"]["provisioningState"] == "Succeeded"
    view = bench.get(f"{COPIES}/Sql1-test/instanceView")
    assert view["statuses"][1]["code"] == "PowerState/stopped"

    cleaned = started(bench, "Sql1", "testFailoverCleanup", CLEANUP)
    bench.until_quiet()
    assert bench.job(cleaned)["state"] == "Succeeded"
    left = bench.get(f"{TARGET.removesuffix('/providers')}/resources")["value"]
    assert not [row["name"] for row in left if "test" in row["name"].lower()]


def test_a_cancelled_cleanup_can_be_asked_for_again() -> None:
    bench = Bench()
    bench.done("POST", f"{entry('Sql1')['id']}/testFailover", ITEM_DRILL)
    job = started(bench, "Sql1", "testFailoverCleanup", CLEANUP)
    while copies(bench):
        bench.pass_(1)
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()
    assert bench.item("Sql1")["allowedOperations"] == ["TestFailoverCleanup"]
    assert bench.done("POST", f"{entry('Sql1')['id']}/testFailoverCleanup", CLEANUP)["state"] == (
        "Succeeded"
    )
    assert bench.item("Sql1")["testFailoverState"] == "None"


@pytest.mark.parametrize(("after", "there"), [(20.0, []), (120.0, ["Sql1"])])
def test_a_cancelled_failover_leaves_a_vm_and_its_commit_or_nothing(
    after: float, there: list[str]
) -> None:
    bench = Bench()
    job = started(bench, "Sql1", "unplannedFailover", ITEM_FAILOVER)
    bench.pass_(after)
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()
    assert bench.job(job)["state"] == "Cancelled"
    assert copies(bench) == there
    wanted = "Commit" if there else "UnplannedFailover"
    assert wanted in bench.item("Sql1")["allowedOperations"]


def test_a_cancelled_plan_leaves_what_it_made_to_its_cleanup() -> None:
    bench = planned(group("Sql1"), group("web1"))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    while copies(bench) != ["Sql1-test"]:
        bench.pass_(1)
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()

    told = bench.job(job)
    assert told["state"] == "Cancelled"
    states = {task["friendlyName"]: task["state"] for task in told["tasks"]}
    assert states["Group 1: Start (1)"] == "Cancelled"
    assert states["Group 2: Start (1)"] == "Other"
    plan = plan_of(bench)
    assert (plan["currentScenarioStatus"], plan["allowedOperations"]) == (
        "Cancelled",
        ["TestFailoverCleanup"],
    )
    assert bench.item("web1")["allowedOperations"][-1] == "TestFailover"
    machine = next(
        task
        for _, task in nodes(told["tasks"])
        if task["state"] == "Cancelled" and task["taskType"] == "VirtualMachineTaskDetails"
    )
    assert bench.get(machine["customDetails"]["jobTask"]["jobId"])["properties"]["state"] == (
        "Cancelled"
    )
    assert bench.done("POST", f"{PLAN}/testFailoverCleanup", CLEANUP)["state"] == "Succeeded"
    assert copies(bench) == []
    assert plan_of(bench)["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


@pytest.mark.parametrize("after", [20, 80, 200, 420])
def test_a_cancelled_failover_of_a_plan_leaves_items_that_are_whole(after: float) -> None:
    bench = planned(group("Sql1"), group("web1"))
    job = bench.send("POST", f"{PLAN}/unplannedFailover", failover_body())
    bench.pass_(after)
    if "Cancel" not in bench.job(job)["allowedActions"]:
        pytest.fail(f"over after {after} s")
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()
    there = copies(bench)
    for vm in ("Sql1", "web1"):
        wanted = "Commit" if vm in there else "UnplannedFailover"
        assert wanted in bench.item(vm)["allowedOperations"], vm
    operations = plan_of(bench)["allowedOperations"]
    assert ("Commit" in operations) == bool(there)


def test_a_plan_that_waits_for_a_person_can_be_cancelled() -> None:
    bench = planned(group("Sql1", start=[manual()]))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()
    assert bench.job(job)["state"] == "Cancelled"
    assert bench.item("Sql1")["allowedOperations"][-1] == "TestFailover"
    assert plan_of(bench)["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


def test_a_test_failover_that_only_waits_for_its_cleanup_can_be_cancelled() -> None:
    bench = planned(group("Sql1"), failover_test_job_ends="suspended")
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    bench.send("POST", f"{JOBS}/{job}/cancel")
    bench.until_quiet()
    assert bench.job(job)["state"] == "Cancelled"
    assert plan_of(bench)["allowedOperations"] == ["TestFailoverCleanup"]
    assert bench.done("POST", f"{PLAN}/testFailoverCleanup", CLEANUP)["state"] == "Succeeded"
    assert bench.job(job)["state"] == "Cancelled"


def test_a_job_is_cancelled_once() -> None:
    bench = Bench(refusal="conflict")
    job = started(bench, "Sql1", "testFailover", ITEM_DRILL)
    bench.pass_(10)
    bench.send("POST", f"{JOBS}/{job}/cancel")
    assert bench.ask("POST", f"{JOBS}/{job}/cancel")[0] == 409


async def test_a_job_is_cancelled_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path, speed=600.0) as operator:
        jobs = (await operator.site_recovery()).replication_jobs
        job = await operator.act(operator.path("Sql1", "testFailover"), ITEM_DRILL["properties"])
        while (await operator.get(f"{JOBS}/{job}"))["properties"]["state"] != "InProgress":
            pass
        told = await (await jobs.begin_cancel("rg-dr", "rsv", job)).result()
        assert told.name == job
        assert told.properties.state in ("Cancelling", "Cancelled")
        ended = await operator.job(job)
        assert ended["state"] == "Cancelled"
