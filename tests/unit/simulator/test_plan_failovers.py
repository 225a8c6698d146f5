"""The real failover of a recovery plan: what it does to machines, its commit, the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from .benched_plans import plan_of, planned
from .conftest import SUBSCRIPTION, TARGET, WORLD
from .life import operating
from .planning import (
    PLAN,
    drill_body,
    entry,
    failover_body,
    group,
    manual,
    nodes,
    plan_body,
    runbook,
    titles,
)
from .test_site_recovery import instant

RECOVERED = f"{TARGET}/Microsoft.Compute/virtualMachines"
SOURCES = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines"


async def test_a_plan_fails_over_and_commits_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        plans = (await operator.site_recovery()).replication_recovery_plans
        where = ("rg-dr", "rsv", "erp")
        body = plan_body(group("Sql1"), group("web1"))
        await (await plans.begin_create(*where, body)).result()

        over = await (await plans.begin_unplanned_failover(*where, failover_body())).result()

        told = over.properties
        assert told.allowed_operations == ["Commit"]
        assert told.current_scenario.scenario_name == "UnplannedFailover"
        assert (told.current_scenario_status, told.current_scenario_status_description) == (
            "Succeeded",
            "Completed",
        )
        job = (await operator.get(told.current_scenario.job_id))["properties"]
        assert instant(job["startTime"]) == told.current_scenario.start_time
        assert told.last_unplanned_failover_time < told.current_scenario.start_time
        assert [vm["name"] for vm in (await operator.get(RECOVERED))["value"]] == ["Sql1", "web1"]

        done = (await (await plans.begin_failover_commit(*where)).result()).properties

        assert done.current_scenario.scenario_name == "CommitFailover"
        assert done.allowed_operations == ["ReverseReplicate"]
        assert "SwitchProtection" in (await operator.item("Sql1"))["allowedOperations"]


async def test_the_other_verbs_answer_the_sdk_too(tmp_path: Path) -> None:
    async with operating(tmp_path, item_reprotect="works") as operator:
        plans = (await operator.site_recovery()).replication_recovery_plans
        where = ("rg-dr", "rsv", "erp")
        await (await plans.begin_create(*where, plan_body(group("Sql1")))).result()
        with pytest.raises(HttpResponseError, match="'PlannedFailover' is not allowed"):
            await (await plans.begin_planned_failover(*where, failover_body())).result()

        await (await plans.begin_unplanned_failover(*where, failover_body())).result()
        back = await (await plans.begin_failover_cancel(*where)).result()
        assert back.properties.current_scenario.scenario_name == "CancelFailover"

        await (await plans.begin_unplanned_failover(*where, failover_body())).result()
        await (await plans.begin_failover_commit(*where)).result()
        moved = await (await plans.begin_reprotect(*where)).result()
        assert moved.properties.current_scenario.scenario_name == "ReverseReplication"
        (held,) = moved.properties.groups[2].replication_protected_items
        assert "asr-a2a-default-westus2" in held.id


async def test_plans_and_their_jobs_lose_nothing_in_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        client = await operator.site_recovery()
        plans, jobs = client.replication_recovery_plans, client.replication_jobs
        where = ("rg-dr", "rsv", "erp")
        actions = {"end": [manual(failoverTypes=["TestFailover"]), runbook()]}
        await (await plans.begin_create(*where, plan_body(group("Sql1", **actions)))).result()
        over = await (await plans.begin_unplanned_failover(*where, failover_body())).result()
        path = over.properties.current_scenario.job_id
        job = await jobs.get("rg-dr", "rsv", path.rpartition("/")[2])
        for model, raw in ((over, await operator.get(PLAN)), (job, await operator.get(path))):
            assert model.as_dict() == raw


def test_the_source_is_stopped_before_anything_fails_over_if_that_is_wanted() -> None:
    bench = planned(group("Sql1", "web1"))
    job = bench.send("POST", f"{PLAN}/unplannedFailover", failover_body())
    while (
        bench.job(job)["tasks"][1:2] == [] or bench.job(job)["tasks"][2]["state"] == "NotStarted"
    ):
        bench.pass_(1)
    for vm in ("Sql1", "web1"):
        view = bench.get(f"{SOURCES}/{vm}/instanceView")
        assert view["statuses"][1]["code"] == "PowerState/deallocated"
    assert bench.get(RECOVERED)["value"] == []

    bench = planned(group("Sql1"))
    job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body("NotRequired"))
    assert titles(job["tasks"])[1] == "Recovery plan failover"
    view = bench.get(f"{SOURCES}/Sql1/instanceView")
    assert view["statuses"][1]["code"] == "PowerState/running"


def test_a_shutdown_that_fails_holds_nothing_up() -> None:
    bench = planned(group("Sql1"))
    bench.world.remove(f"{SOURCES}/Sql1")
    job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body())
    assert job["state"] == "Succeeded"
    assert [vm["name"] for vm in bench.get(RECOVERED)["value"]] == ["Sql1"]


def test_a_machine_that_was_failed_over_by_itself_is_skipped() -> None:
    bench = planned(group("Sql1", "web1"))
    bench.done(
        "POST",
        f"{entry('Sql1')['id']}/unplannedFailover",
        {"properties": {"providerSpecificDetails": {"instanceType": "A2A"}}},
    )
    job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body())
    assert job["state"] == "Succeeded"
    leaves = [task for _, task in nodes(job["tasks"]) if task["friendlyName"] == "sql1"]
    assert [task["stateDescription"] for task in leaves] == ["Skipped"] * 3
    told = job["customDetails"]["protectedItemDetails"]
    assert [one["friendlyName"] for one in told] == ["web1"]
    bench.done("POST", f"{PLAN}/failoverCommit")
    assert plan_of(bench)["allowedOperations"] == ["ReverseReplicate"]


def test_a_plan_that_fails_over_with_two_plans_belongs_to_one_at_a_time() -> None:
    bench = planned(group("Sql1", "web1"), refusal="conflict")
    bench.done("PUT", f"{PLAN}-2", plan_body(group("web1")))
    bench.send("POST", f"{PLAN}/unplannedFailover", failover_body())
    bench.pass_(60)
    assert bench.ask("POST", f"{PLAN}-2/unplannedFailover", failover_body())[0] == 409
    assert bench.get(f"{PLAN}-2")["properties"]["allowedOperations"] == []


def test_a_failover_can_be_taken_back_before_its_commit() -> None:
    bench = planned(group("Sql1", "web1"))
    bench.done("POST", f"{PLAN}/unplannedFailover", failover_body("NotRequired"))
    job = bench.done("POST", f"{PLAN}/failoverCancel")
    assert (job["state"], job["scenarioName"]) == ("Succeeded", "CancelFailover")
    assert bench.get(RECOVERED)["value"] == []
    assert plan_of(bench)["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


@pytest.mark.parametrize("setting", ["fails", "works"])
def test_reprotect_of_a_plan_goes_by_the_setting_of_its_items(setting: str) -> None:
    bench = planned(group("Sql1", "web1"), item_reprotect=setting)
    bench.done("POST", f"{PLAN}/unplannedFailover", failover_body())
    bench.done("POST", f"{PLAN}/failoverCommit")
    job = bench.done("POST", f"{PLAN}/reProtect")
    plan = plan_of(bench)
    assert plan["currentScenario"]["scenarioName"] == "ReverseReplication"
    if setting == "fails":
        assert job["state"] == "Failed"
        words = job["errors"][0]["serviceErrorDetails"]["message"]
        assert words == "Managed disk details not provided."
        assert plan["allowedOperations"] == ["ReverseReplicate"]
        return
    assert job["state"] == "Succeeded"
    held = plan["groups"][2]["replicationProtectedItems"]
    assert all("asr-a2a-default-westus2" in one["id"] for one in held)  # the plan follows them
    assert plan["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


def test_a_plan_fails_back_in_the_other_direction() -> None:
    bench = planned(group("Sql1"), item_reprotect="works", refusal="conflict")
    back = failover_body(failoverDirection="RecoveryToPrimary")
    assert bench.ask("POST", f"{PLAN}/unplannedFailover", back)[0] == 409
    for verb, body in (
        ("unplannedFailover", failover_body()),
        ("failoverCommit", None),
        ("reProtect", None),
        ("unplannedFailover", back),
        ("failoverCommit", None),
        ("reProtect", None),
    ):
        assert bench.done("POST", f"{PLAN}/{verb}", body)["state"] == "Succeeded"
    held = plan_of(bench)["groups"][2]["replicationProtectedItems"]
    assert all("asr-a2a-default-eastus" in one["id"] for one in held)
    assert bench.done("POST", f"{PLAN}/testFailover", drill_body())["state"] == "Succeeded"


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("plannedFailover", failover_body()),
        ("failoverCommit", None),
        ("failoverCancel", None),
        ("reProtect", None),
        ("testFailoverCleanup", {"properties": {"comments": ""}}),
    ],
)
def test_what_a_plan_does_not_allow_is_refused_as_the_setting_says(verb: str, body: Any) -> None:
    for refusal, code in (("conflict", 409), ("bad_request", 400)):
        bench = planned(group("Sql1"), refusal=refusal)
        before = plan_of(bench)
        status, told, _ = bench.ask("POST", f"{PLAN}/{verb}", body)
        assert status == code
        assert "is not allowed on the recovery plan 'erp'" in told["error"]["message"]
        assert plan_of(bench) == before
    bench = planned(group("Sql1"))
    job = bench.done("POST", f"{PLAN}/{verb}", body)
    assert (job["state"], job["allowedActions"]) == ("Failed", [])
    assert plan_of(bench)["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sourceSiteOperations": None}, "sourceSiteOperations"),
        ({"sourceSiteOperations": "Perhaps"}, "sourceSiteOperations"),
        ({"failoverDirection": None}, "failoverDirection"),
    ],
)
def test_a_malformed_failover_is_a_bad_request(change: Any, words: str) -> None:
    status, told, _ = planned(group("Sql1")).ask(
        "POST", f"{PLAN}/unplannedFailover", failover_body(**change)
    )
    assert (status, words in told["error"]["message"]) == (400, True)


def test_a_machine_that_fails_in_its_boot_leaves_a_plan_that_can_be_committed(
    tmp_path: Path,
) -> None:
    world = broken(tmp_path)
    for setting in ("stops_plan", "goes_on"):
        bench = planned(group("Sql1"), group("web1"), file=world, failed_machine=setting)
        job = bench.done("POST", f"{PLAN}/unplannedFailover", failover_body("NotRequired"))
        assert job["state"] == "Failed"
        there = [vm["name"] for vm in bench.get(RECOVERED)["value"]]
        assert there == ([] if setting == "stops_plan" else ["web1"])
        assert bench.item("Sql1")["allowedOperations"][0] == "UnplannedFailover"
        assert bench.item("web1")["allowedOperations"] != []


def broken(folder: Path) -> Path:
    """The small world, where Sql1's failover fails."""
    fault = 'faults: {failover: {code: "150098", message: It did not work.}}'
    text = WORLD.read_text().replace("    boot: 60s\n", f"    boot: 60s\n    {fault}\n")
    world = folder / "broken.yaml"
    world.write_text(text)
    return world
