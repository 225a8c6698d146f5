"""What may be asked of jobs: cancel, resume, restart, export; and how a list is narrowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from muster.simulator.dates import ticks

from .bench import Bench
from .conftest import DRILL_NETWORK, ITEMS, TARGET, VAULT
from .life import operating
from .planning import (
    AWAY,
    HOME,
    PLAN,
    RUNBOOKS,
    drill_body,
    entry,
    failover_body,
    group,
    manual,
    nodes,
    plan_body,
    runbook,
)
from .still_world import EPOCH
from .test_plan_drills import CLEANUP, COPIES, plan_of, planned

JOBS = f"{VAULT}/replicationJobs"
ITEM_DRILL = {
    "properties": {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": DRILL_NETWORK,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
}
ITEM_FAILOVER = {"properties": {"providerSpecificDetails": {"instanceType": "A2A"}}}
COMMENTS = {"properties": {"comments": "go on"}}


def copies(bench: Bench) -> list[str]:
    return [vm["name"] for vm in bench.get(COPIES)["value"]]


def started(bench: Bench, vm: str, verb: str, body: Any) -> str:
    return bench.send("POST", f"{entry(vm)['id']}/{verb}", body)


# -- cancel -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("verb", ["cancel", "resume", "restart"])
def test_what_a_job_does_not_allow_is_refused(verb: str) -> None:
    body = COMMENTS if verb == "resume" else None
    bench = Bench(refusal="conflict")
    job = started(bench, "Sql1", "testFailover", ITEM_DRILL)
    bench.until_quiet()
    status, told, _ = bench.ask("POST", f"{JOBS}/{job}/{verb}", body)
    assert status == 409
    assert f"The job '{job}' cannot be" in told["error"]["message"]
    assert bench.job(job)["state"] == "Succeeded"
    assert bench.ask("POST", f"{JOBS}/nobody/{verb}", body)[0] == 404


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


# -- resume -----------------------------------------------------------------------------------


def test_a_test_failover_that_waits_for_its_cleanup_takes_a_resume_and_waits_on() -> None:
    bench = Bench(failover_test_job_ends="suspended")
    job = started(bench, "Sql1", "testFailover", ITEM_DRILL)
    bench.until_quiet()
    bench.send("POST", f"{JOBS}/{job}/resume", COMMENTS)
    bench.until_quiet()
    assert bench.job(job)["stateDescription"] == "WaitingForStopTestFailover"


def test_one_that_failed_has_ended_and_no_cleanup_dates_its_end_anew() -> None:
    bench = Bench(failover_test_job_ends="suspended")
    bad = next(one for one in bench.world.items.values() if one["name"] == ITEMS["bad1"])
    bad["faults"]["failover_test"]["at"] = "end"  # its copy is there, and has to be cleaned up
    job = started(bench, "bad1", "testFailover", ITEM_DRILL)
    bench.until_quiet()
    failed = bench.job(job)
    bench.pass_(600.0)
    cleaned = bench.done("POST", f"{entry('bad1')['id']}/testFailoverCleanup", COMMENTS)
    assert (failed["state"], cleaned["state"]) == ("Failed", "Succeeded")
    assert bench.job(job)["endTime"] == failed["endTime"]


def test_a_manual_action_is_done_once() -> None:
    bench = planned(group("Sql1", start=[manual(), manual("Again")]), refusal="conflict")
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    bench.send("POST", f"{JOBS}/{job}/resume", COMMENTS)
    assert bench.ask("POST", f"{JOBS}/{job}/resume", COMMENTS)[0] == 409
    bench.until_quiet()
    assert bench.job(job)["state"] == "Suspended"  # the second action waits now


# -- restart ----------------------------------------------------------------------------------


def test_a_failed_test_failover_begins_once_more() -> None:
    bench = Bench()
    job = started(bench, "bad1", "testFailover", ITEM_DRILL)  # its first one fails
    bench.until_quiet()
    failed = bench.job(job)
    assert (failed["state"], failed["allowedActions"]) == ("Failed", ["Restart"])

    restart = bench.send("POST", f"{JOBS}/{job}/restart")
    assert bench.job(job)["state"] == "InProgress"
    bench.until_quiet()
    assert bench.job(job)["state"] == "Succeeded"
    assert bench.job(job)["errors"] == []
    assert copies(bench) == ["bad1-test"]
    told = bench.job(restart)
    assert (told["scenarioName"], told["friendlyName"]) == ("RestartJob", "Restart job")
    assert told["tasks"][0]["taskId"] == "RemediateWfTask"
    result = bench.get(f"{JOBS}/{job}/operationresults/{restart}")
    assert result["name"] == restart  # the specification's example shows the restart itself


def test_whether_a_failed_job_may_be_restarted_is_a_setting() -> None:
    bench = Bench(failed_job_restart="never", refusal="conflict")
    job = started(bench, "bad1", "testFailover", ITEM_DRILL)
    bench.until_quiet()
    assert bench.job(job)["allowedActions"] == []
    assert bench.ask("POST", f"{JOBS}/{job}/restart")[0] == 409


def test_a_restart_is_refused_when_the_item_is_used_for_something_else() -> None:
    bench = Bench(refusal="conflict")
    job = started(bench, "bad1", "testFailover", ITEM_DRILL)
    bench.until_quiet()
    started(bench, "bad1", "testFailover", ITEM_DRILL)
    bench.pass_(10)
    assert bench.ask("POST", f"{JOBS}/{job}/restart")[0] == 409
    assert bench.job(job)["state"] == "Failed"


def test_a_restarted_plan_goes_on_where_it_failed() -> None:
    bench = planned(group("Sql1", "bad1"), group("web1"))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    bench.pass_(10)
    before = bench.job(job)
    assert (before["state"], before["allowedActions"]) == ("Failed", ["Restart"])
    sql1 = before["tasks"][1]["groupTaskCustomDetails"]["childTasks"][0]

    bench.send("POST", f"{JOBS}/{job}/restart")
    assert bench.item("web1")["allowedOperations"] == []
    bench.until_quiet()

    after = bench.job(job)
    assert (after["state"], after["errors"]) == ("Succeeded", [])
    assert {task["state"] for _, task in nodes(after["tasks"])} == {"Succeeded"}
    again = after["tasks"][1]["groupTaskCustomDetails"]["childTasks"]
    assert again[0] == sql1  # what had succeeded is not done once more
    assert again[1]["startTime"] > sql1["endTime"]
    assert set(copies(bench)) == {"Sql1-test", "bad1-test", "web1-test"}
    assert plan_of(bench)["allowedOperations"] == ["TestFailoverCleanup"]


def test_a_plan_that_a_runbook_stopped_runs_it_again() -> None:
    bench = planned(group("Sql1"), group("web1", start=[runbook()]), failed_runbook="fails_plan")
    facts = bench.world.table("runbooks")[f"{RUNBOOKS}/runbooks/Register".lower()]
    facts["result"] = "failed"
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    assert copies(bench) == ["Sql1-test"]
    facts["result"] = "completed"
    bench.send("POST", f"{JOBS}/{job}/restart")
    bench.until_quiet()
    assert bench.job(job)["state"] == "Succeeded"
    assert len(bench.get(f"{RUNBOOKS}/jobs")["value"]) == 2
    assert copies(bench) == ["Sql1-test", "web1-test"]


def test_a_plan_that_was_cleaned_up_is_not_restarted() -> None:
    bench = planned(group("Sql1"), group("bad1"), refusal="conflict", failed_machine="goes_on")
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    assert bench.job(job)["allowedActions"] == ["Restart"]
    bench.done("POST", f"{entry('Sql1')['id']}/testFailoverCleanup", CLEANUP)
    assert bench.ask("POST", f"{JOBS}/{job}/restart")[0] == 409


async def test_a_failed_job_is_restarted_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        jobs = (await operator.site_recovery()).replication_jobs
        job = await operator.act(operator.path("bad1", "testFailover"), ITEM_DRILL["properties"])
        assert (await operator.job(job))["state"] == "Failed"
        told = await (await jobs.begin_restart("rg-dr", "rsv", job)).result()
        assert told.properties.scenario_name == "RestartJob"
        assert (await operator.job(job))["state"] == "Succeeded"
        with pytest.raises(HttpResponseError, match="cannot be restarted"):
            await (await jobs.begin_restart("rg-dr", "rsv", job)).result()


# -- export, and lists ------------------------------------------------------------------------


async def test_jobs_are_exported_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        jobs = (await operator.site_recovery()).replication_jobs
        wanted = {"startTime": "2017-04-27T14:26:51.9161395Z", "affectedObjectTypes": ""}
        told = (await (await jobs.begin_export("rg-dr", "rsv", wanted)).result()).properties
        assert told.scenario_name == "ExportJobs"
        assert told.target_instance_type == "Other"
        assert told.custom_details.instance_type == "ExportJobDetails"
        assert told.custom_details.blob_uri.startswith("https://")
        assert told.custom_details.sas_token


def test_an_export_counts_the_jobs_within_its_limits() -> None:
    bench = planned(group("Sql1"))
    for limits, count in (({}, 1), ({"affectedObjectTypes": "Server"}, 0)):
        job = bench.send("POST", f"{JOBS}/export", limits)
        bench.until_quiet()
        bench.pass_(5)
        uri = bench.job(job)["customDetails"]["blobUri"]
        assert uri.endswith(f"-{count}-jobs.json")
        del bench.world.table("jobs")[job]
    assert bench.ask("POST", f"{JOBS}/export", {"startTime": "yesterday"})[0] == 400
    assert bench.ask("POST", f"{JOBS}/import", {})[0] == 405


def instant_of(seconds: float) -> str:
    return ticks(EPOCH + seconds)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 3),
        ("JobStatus eq 'Succeeded'", 2),
        ("jobstatus eq 'completed'", 2),
        ("( JobStatus eq 'Failed' or JobStatus eq 'Succeeded' )", 3),
        ("AffectedObjectTypes eq 'RecoveryPlan'", 1),
        ("AffectedObjectTypes eq 'Any' and JobStatus eq 'Failed'", 1),
        (f"StartTime eq '{instant_of(50)}'", 2),
        (f"StartTime eq '{instant_of(50)}' and EndTime eq '{instant_of(150)}'", 1),
        (f"EndTime eq '{instant_of(150)}'", 2),
        (f"FabricId eq '{HOME}'", 3),
        (f"fabricId eq '{AWAY}'", 1),  # the plan lies in both
        ("JobName eq 'nobody'", 0),
    ],
)
def test_a_list_is_narrowed_as_microsofts_own_client_asks(text: str, count: int) -> None:
    bench = Bench()
    bench.send("PUT", PLAN, plan_body(group("web1")))
    bench.pass_(100)
    started(bench, "Sql1", "testFailover", ITEM_DRILL)
    bench.pass_(100)
    started(bench, "bad1", "testFailover", ITEM_DRILL)
    bench.until_quiet()
    assert len(bench.get(JOBS, **{"$filter": text})["value"]) == count


def test_a_job_is_found_by_either_of_its_names() -> None:
    bench = planned(group("Sql1"))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.pass_(60)
    later = bench.get(f"{JOBS}/{job}")["name"]
    assert later != job
    for name in (job, later):
        (row,) = bench.get(JOBS, **{"$filter": f"JobName eq '{name}'"})["value"]
        assert row["name"] == later


@pytest.mark.parametrize(
    "text",
    [
        "State eq 'Failed'",
        "JobStatus ne 'Failed'",
        "JobStatus eq 'Failed' or JobName eq 'x'",
        "( JobStatus eq 'Failed' or JobName eq 'x' )",
        "JobStatus eq 'Failed' and ",
        "JobStatus eq Failed",
        "StartTime eq 'yesterday'",
    ],
)
def test_a_filter_that_is_not_understood_is_refused(text: str) -> None:
    status, told, _ = Bench().ask("GET", JOBS, **{"$filter": text})
    assert (status, told["error"]["code"]) == (400, "InvalidFilter")
