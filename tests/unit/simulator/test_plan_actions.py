"""Actions of a recovery plan's groups: runbooks that run for real, people who are waited for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .bench import Bench
from .benched_plans import planned
from .conftest import SUBSCRIPTION, VAULT
from .life import operating
from .planning import (
    PLAN,
    RUNBOOKS,
    drill_body,
    failover_body,
    group,
    manual,
    nodes,
    plan_body,
    runbook,
    titles,
)

RUNBOOK_KEYS = {
    *("name", "cloudServiceName", "subscriptionId", "accountName", "runbookId", "runbookName"),
    *("jobId", "jobOutput", "isPrimarySideScript", "instanceType"),
}
MANUAL_KEYS = {"name", "instructions", "observation", "instanceType"}


def contexts(bench: Bench) -> list[Any]:
    """What the runbooks were told, in the order they ran."""
    rows = bench.get(f"{RUNBOOKS}/jobs")["value"]
    told = [bench.get(row["id"])["properties"] for row in sorted(rows, key=_created)]
    return [json.loads(one["parameters"]["RecoveryPlanContext"]) for one in told]


def _created(row: Any) -> str:
    return str(row["properties"]["creationTime"])


def task_of(job: Any, name: str) -> Any:
    return next(task for _, task in nodes(job["tasks"]) if task["friendlyName"] == name)


def test_a_runbook_hears_which_plan_runs_and_which_machines_have_come_up() -> None:
    actions = {"start": [runbook()], "end": [runbook()]}
    bench = planned(group("Sql1", **actions), group("web1", "dead1", **actions))
    bench.done("POST", f"{PLAN}/testFailover", drill_body())

    before, after, second, last = contexts(bench)
    assert {key: before[key] for key in before if key != "VmMap"} == {
        "RecoveryPlanName": "erp",
        "FailoverType": "Test",
        "FailoverDirection": "PrimaryToSecondary",
        "GroupId": "1",
    }
    (sql1,) = before["VmMap"].values()
    assert (sql1["ResourceGroupName"], sql1["RoleName"]) == ("", "")
    assert sql1["SubscriptionId"] == SUBSCRIPTION.rpartition("/")[2]
    (sql1,) = after["VmMap"].values()
    assert (sql1["ResourceGroupName"], sql1["RoleName"]) == ("rg-asr", "Sql1-test")
    assert sql1["RecoveryPointId"].endswith("Z")
    (known,) = after["VmMap"]
    assert (
        known
        == bench.get(PLAN)["properties"]["groups"][2]["replicationProtectedItems"][0][
            "virtualMachineId"
        ]
    )
    assert second["GroupId"] == last["GroupId"] == "2"
    assert {one["RoleName"] for one in second["VmMap"].values()} == {""}
    assert {one["RoleName"] for one in last["VmMap"].values()} == {"web1-test", "dead1-test"}


def test_a_runbook_hears_of_a_failover_and_of_the_way_back() -> None:
    bench = planned(group("Sql1", end=[runbook()]), item_reprotect="works")
    for verb, body in (
        ("unplannedFailover", failover_body()),
        ("failoverCommit", None),
        ("reProtect", None),
        ("unplannedFailover", failover_body(failoverDirection="RecoveryToPrimary")),
    ):
        bench.done("POST", f"{PLAN}/{verb}", body)
    there, back = contexts(bench)
    assert (there["FailoverType"], there["FailoverDirection"]) == (
        "Unplanned",
        "PrimaryToSecondary",
    )
    assert back["FailoverDirection"] == "SecondaryToPrimary"
    assert [next(iter(one["VmMap"].values()))["RoleName"] for one in (there, back)] == [
        "Sql1",
        "Sql1",
    ]


def test_the_task_of_a_runbook_follows_its_job_in_the_account() -> None:
    bench = planned(group("Sql1", end=[runbook()]))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    while not bench.get(f"{RUNBOOKS}/jobs")["value"]:
        bench.pass_(1)
    bench.pass_(1)
    task = task_of(bench.job(job), "Register")
    assert set(task["customDetails"]) == RUNBOOK_KEYS
    assert (task["state"], task["taskType"]) == ("InProgress", "AutomationRunbookTaskDetails")
    row = bench.get(f"{RUNBOOKS}/jobs")["value"][0]["properties"]
    assert task["customDetails"]["jobId"] == row["jobId"]
    assert row["status"] in ("New", "Activating")
    assert task["customDetails"]["jobOutput"] is None

    bench.until_quiet()
    task = task_of(bench.job(job), "Register")
    assert task["state"] == "Succeeded"
    assert task["customDetails"]["jobOutput"].startswith("got ")
    assert bench.get(f"{RUNBOOKS}/jobs")["value"][0]["properties"]["status"] == "Completed"


@pytest.mark.parametrize("setting", ["goes_on", "fails_plan"])
def test_what_a_failed_runbook_does_to_the_plan_is_a_setting(setting: str) -> None:
    bench = planned(group("Sql1", end=[runbook("Broken")]), group("web1"), failed_runbook=setting)
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    task = task_of(job, "Broken")
    assert task["state"] == "Failed"
    assert "It broke." in task["errors"][0]["serviceErrorDetails"]["message"]
    assert bench.get(PLAN)["properties"]["allowedOperations"] == ["TestFailoverCleanup"]
    if setting == "goes_on":
        assert (job["state"], job["stateDescription"]) == ("Succeeded", "CompletedWithInformation")
        assert job["errors"] == []
        assert task_of(job, "web1")["state"] == "Succeeded"
    else:
        assert job["state"] == "Failed"
        assert job["errors"] == task["errors"]
        assert task_of(job, "Group 1: Post-steps")["state"] == "Failed"
        assert task_of(job, "Group 2: Start (1)")["state"] == "Other"


def test_a_runbook_that_is_gone_fails_its_task() -> None:
    bench = planned(group("Sql1", start=[runbook("Register")]), failed_runbook="fails_plan")
    bench.world.remove(f"{RUNBOOKS}/runbooks/Register")
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    assert job["state"] == "Failed"
    assert "was not found" in job["errors"][0]["serviceErrorDetails"]["message"]


def test_a_runbook_whose_job_suspends_has_failed() -> None:
    bench = planned(group("Sql1", start=[runbook()]))
    bench.world.table("runbooks")[f"{RUNBOOKS}/runbooks/Register".lower()]["result"] = "suspended"
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    assert task_of(job, "Register")["state"] == "Failed"


def test_actions_run_one_after_the_other_in_their_order() -> None:
    actions = [runbook("Register"), runbook("Broken"), runbook("Register")]
    bench = planned(group("Sql1", start=actions))
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    group_task = task_of(job, "Group 1: Pre-steps")
    children = group_task["groupTaskCustomDetails"]["childTasks"]
    assert titles(children) == ["Register", "Broken", "Register"]
    assert children[0]["endTime"] < children[1]["startTime"]
    assert children[1]["endTime"] < children[2]["startTime"]
    assert (group_task["startTime"], group_task["endTime"]) == (
        children[0]["startTime"],
        children[2]["endTime"],
    )


def test_actions_stand_around_the_shutdown_and_the_failover_too() -> None:
    around = {"start": [runbook()], "end": [runbook()]}
    bench = planned(
        group(kind="Shutdown", **around), group(kind="Failover", **around), group("Sql1", **around)
    )
    job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body())
    assert titles(job["tasks"]) == [
        "Prerequisites check for the recovery plan",
        "All groups shutdown: Pre-steps",
        "All groups shutdown (1)",
        "All groups shutdown: Post-steps",
        "Recovery plan failover: Pre-steps",
        "Recovery plan failover",
        "Recovery plan failover: Post-steps",
        "Group 1: Pre-steps",
        "Group 1: Start (1)",
        "Group 1: Post-steps",
        "Finalizing the recovery plan",
    ]
    roles = [next(iter(one["VmMap"].values()))["RoleName"] for one in contexts(bench)]
    assert roles == ["", "", "", "", "", "Sql1"]


@pytest.mark.parametrize(
    ("only", "drill", "real"),
    [
        ({"failoverTypes": ["TestFailover"]}, 1, 0),
        ({"failoverTypes": ["unplannedfailover"]}, 0, 1),
        ({"failoverTypes": []}, 0, 0),
        ({"failoverDirections": ["RecoveryToPrimary"]}, 0, 0),
    ],
)
def test_types_and_directions_decide_whether_an_action_runs(
    only: Any, drill: int, real: int
) -> None:
    for verb, body, count in (
        ("testFailover", drill_body(), drill),
        ("unplannedFailover", failover_body(), real),
    ):
        bench = planned(group("Sql1", start=[runbook(**only)]))
        job = bench.done("POST", f"{PLAN}/{verb}", body)
        assert len(bench.get(f"{RUNBOOKS}/jobs")["value"]) == count
        assert ("Group 1: Pre-steps" in titles(job["tasks"])) == bool(count)


def test_a_manual_action_stops_the_plan_until_somebody_says_that_it_is_done() -> None:
    bench = planned(group("Sql1", end=[manual()]), group("web1"))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    waiting = bench.job(job)
    assert (waiting["state"], waiting["stateDescription"]) == (
        "Suspended",
        "WaitingForManualAction",
    )
    assert waiting["allowedActions"] == ["Cancel", "Resume"]
    assert "endTime" not in waiting
    task = task_of(waiting, "Look")
    assert set(task["customDetails"]) == MANUAL_KEYS
    assert task["customDetails"]["instructions"] == "Look at the screens."
    assert (task["taskType"], task["state"]) == ("ManualActionTaskDetails", "Suspended")
    plan = bench.get(PLAN)["properties"]
    assert (plan["currentScenarioStatus"], plan["allowedOperations"]) == ("Suspended", [])
    status = bench.get(f"{VAULT}/replicationOperationStatus/{job}")
    assert status["status"] == "InProgress"
    bench.pass_(3600)
    assert bench.job(job)["state"] == "Suspended"
    for vm in ("Sql1", "web1"):
        scenario = bench.item(vm)["currentScenario"]
        assert bench.get(scenario["jobId"])["properties"]["state"] == "Suspended"

    told = {"properties": {"comments": "all screens are green"}}
    bench.send("POST", f"{VAULT}/replicationJobs/{job}/resume", told)
    assert bench.job(job)["state"] == "InProgress"
    bench.until_quiet()
    done = bench.job(job)
    assert (done["state"], done["stateDescription"]) == ("Succeeded", "Completed")
    assert task_of(done, "Look")["customDetails"]["observation"] == "all screens are green"


async def test_a_person_resumes_a_plan_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        client = await operator.site_recovery()
        plans, jobs = client.replication_recovery_plans, client.replication_jobs
        where = ("rg-dr", "rsv", "erp")
        body = plan_body(group("Sql1", start=[manual()]))
        await (await plans.begin_create(*where, body)).result()
        running = await plans.begin_test_failover(*where, drill_body())
        location = running.polling_method()._initial_response.http_response.headers["Location"]
        job = location.partition("/operationresults/")[2].partition("?")[0]
        while (told := await jobs.get("rg-dr", "rsv", job)).properties.state != "Suspended":
            pass
        action = told.properties.tasks[2].group_task_custom_details.child_tasks[0]
        assert action.custom_details.instructions == "Look at the screens."

        resumed = await jobs.begin_resume(
            "rg-dr", "rsv", job, {"properties": {"comments": "go on"}}
        )
        assert (await resumed.result()).properties.target_object_name == "erp"
        assert (await running.result()).properties.allowed_operations == ["TestFailoverCleanup"]
