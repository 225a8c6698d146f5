"""The test failover of a recovery plan: its order, its points, what it leaves, its cleanup."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from .bench import Bench
from .benched_plans import CLEANUP, COPIES, plan_of, planned
from .conftest import CONTAINER_ID, ITEMS, TARGET, VAULT, WORLD
from .life import operating
from .planning import LATEST, PLAN, drill_body, entry, group, nodes, plan_body, titles
from .test_site_recovery import instant


async def test_a_plan_is_tried_and_cleaned_up_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        plans = (await operator.site_recovery()).replication_recovery_plans
        where = ("rg-dr", "rsv", "erp")
        body = plan_body(group("Sql1"), group("web1"))
        await (await plans.begin_create(*where, body)).result()

        tried = (await (await plans.begin_test_failover(*where, drill_body())).result()).properties

        assert tried.allowed_operations == ["TestFailoverCleanup"]
        assert tried.current_scenario.scenario_name == "TestFailover"
        assert (tried.current_scenario_status, tried.current_scenario_status_description) == (
            "Suspended",
            "WaitingForStopTestFailover",
        )
        began = tried.current_scenario.start_time - tried.last_test_failover_time
        assert timedelta(0) < began < timedelta(seconds=1)  # the job's second id started later
        names = [vm["name"] for vm in (await operator.get(COPIES))["value"]]
        assert names == ["Sql1-test", "web1-test"]
        assert (await operator.item("web1"))["allowedOperations"] == ["TestFailoverCleanup"]

        clean = (
            await (await plans.begin_test_failover_cleanup(*where, CLEANUP)).result()
        ).properties

        assert clean.allowed_operations == ["UnplannedFailover", "TestFailover"]
        assert clean.current_scenario.scenario_name == "TestFailoverCleanup"
        assert clean.current_scenario_status == "Succeeded"
        assert (await operator.get(COPIES))["value"] == []


def test_groups_boot_one_after_the_other_and_nothing_is_shut_down() -> None:
    bench = planned(group("Sql1"), group("web1", "dead1"))
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    assert titles(job["tasks"]) == [
        "Prerequisites check for the recovery plan",
        "Recovery plan failover",
        "Group 1: Start (1)",
        "Group 2: Start (2)",
        "Finalizing the recovery plan",
    ]
    spans = [(instant(task["startTime"]), instant(task["endTime"])) for task in job["tasks"]]
    assert all(end < after for (_, end), (after, _) in pairwise(spans))
    children = job["tasks"][1]["groupTaskCustomDetails"]["childTasks"]
    assert titles(children) == ["sql1", "web1", "dead1"]
    assert len({task["startTime"] for task in children}) == 1  # all fail over at once
    source = bench.get(f"{COPIES.replace('rg-asr', 'rg-app')}/Sql1/instanceView")
    assert source["statuses"][1]["code"] == "PowerState/running"


def test_a_machine_of_a_later_group_is_not_there_before_its_turn() -> None:
    bench = planned(group("Sql1"), group("web1"))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    while not (there := bench.get(COPIES)["value"]):
        bench.pass_(1)
    assert [vm["name"] for vm in there] == ["Sql1-test"]
    running = bench.job(job)["tasks"]
    assert [task["state"] for task in running] == [
        "Succeeded",
        "Succeeded",
        "InProgress",
        "NotStarted",
        "NotStarted",
    ]
    bench.until_quiet()
    assert ("on", f"{COPIES}/web1-test".lower()) in bench.world.orders


def test_nothing_else_may_touch_the_items_of_a_running_plan() -> None:
    bench = planned(group("Sql1", "web1"), refusal="conflict")
    bench.send("PUT", f"{PLAN}-2", plan_body(group("web1", "dead1")))
    bench.until_quiet()
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.pass_(30)

    assert plan_of(bench)["allowedOperations"] == []
    assert plan_of(bench)["currentScenarioStatus"] == "InProgress"
    assert plan_of(bench)["currentScenario"]["jobId"].endswith(
        bench.get(f"{VAULT}/replicationJobs/{job}")["name"]
    )
    item = bench.item("web1")
    assert item["allowedOperations"] == []
    assert item["currentScenario"]["scenarioName"] == "TestFailover"
    assert bench.ask("POST", f"{PLAN}/testFailover", drill_body())[0] == 409
    assert bench.ask("POST", f"{PLAN}-2/testFailover", drill_body())[0] == 409
    assert bench.ask("DELETE", PLAN)[0] == 409
    assert bench.ask("PATCH", PLAN, {"properties": {}})[0] == 409
    own = {"properties": {"providerSpecificDetails": {"instanceType": "A2A"}}}
    assert bench.ask("POST", f"{entry('web1')['id']}/unplannedFailover", own)[0] == 409
    bench.until_quiet()
    assert bench.job(job)["state"] == "Succeeded"


def test_a_later_plan_skips_what_another_has_brought_up() -> None:
    bench = planned(group("Sql1", "web1"))
    bench.send("PUT", f"{PLAN}-2", plan_body(group("web1", "dead1")))
    bench.until_quiet()
    bench.done("POST", f"{PLAN}/testFailover", drill_body())

    job = bench.done("POST", f"{PLAN}-2/testFailover", drill_body())

    assert job["state"] == "Succeeded"
    web1, dead1 = job["tasks"][1]["groupTaskCustomDetails"]["childTasks"]
    assert (web1["state"], web1["stateDescription"]) == ("Other", "Skipped")
    assert web1["customDetails"]["skippedReason"] != "None"
    assert "already" in web1["customDetails"]["skippedReasonString"]
    assert web1["customDetails"]["jobTask"]["jobId"].endswith("/replicationJobs/")
    assert (dead1["state"], dead1["customDetails"]["skippedReason"]) == ("Succeeded", "None")
    told = job["customDetails"]["protectedItemDetails"]
    assert [one["friendlyName"] for one in told] == ["dead1"]

    bench.done("POST", f"{PLAN}-2/testFailoverCleanup", CLEANUP)
    assert [vm["name"] for vm in bench.get(COPIES)["value"]] == ["Sql1-test", "web1-test"]
    bench.done("POST", f"{PLAN}/testFailoverCleanup", CLEANUP)
    assert bench.get(COPIES)["value"] == []


def test_a_machine_that_cannot_be_tried_fails_the_plan_in_its_first_task(tmp_path: Path) -> None:
    item = f"name: {ITEMS['web1']}"
    state = "protection_state: InitialReplicationInProgress"
    world = tmp_path / "world.yaml"
    world.write_text(WORLD.read_text().replace(f"{item}}}", f"{item}, {state}}}"))
    bench = planned(group("Sql1", "web1"), file=world)
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    assert [task["state"] for task in job["tasks"]] == ["Failed", *["Other"] * 3]
    assert "'web1'" in job["errors"][0]["serviceErrorDetails"]["message"]
    assert {task["state"] for _, task in nodes(job["tasks"][1:])} == {"Other"}
    assert bench.item("Sql1")["allowedOperations"][-1] == "TestFailover"


def test_a_plan_that_waits_for_its_cleanup_may_do_nothing_else() -> None:
    bench = planned(group("Sql1"), refusal="conflict")
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    assert job["state"] == "Succeeded"
    plan = plan_of(bench)
    assert (plan["currentScenarioStatus"], plan["currentScenarioStatusDescription"]) == (
        "Suspended",
        "WaitingForStopTestFailover",
    )
    assert bench.ask("POST", f"{PLAN}/testFailover", drill_body())[0] == 409
    status, told, _ = bench.ask("POST", f"{PLAN}/failoverCommit")
    assert (status, "CommitFailover" in told["error"]["message"]) == (409, True)


def test_items_that_are_cleaned_up_one_by_one_free_their_plan() -> None:
    bench = planned(group("Sql1", "web1"), failover_test_job_ends="suspended")
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    assert (job["state"], job["stateDescription"]) == ("Suspended", "WaitingForStopTestFailover")
    assert job["allowedActions"] == ["Cancel", "Resume"]
    name = bench.get(PLAN)["properties"]["currentScenario"]["jobId"].rpartition("/")[2]
    for vm in ("Sql1", "web1"):
        assert plan_of(bench)["allowedOperations"] == ["TestFailoverCleanup"]
        assert bench.job(name)["state"] == "Suspended"
        bench.done("POST", f"{entry(vm)['id']}/testFailoverCleanup", CLEANUP)
    assert bench.job(name)["state"] == "Succeeded"
    assert plan_of(bench)["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


def test_a_plans_cleanup_ends_the_job_that_waited_for_it() -> None:
    bench = planned(group("Sql1", "web1"), failover_test_job_ends="suspended")
    waiting = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.until_quiet()
    done = bench.done("POST", f"{PLAN}/testFailoverCleanup", CLEANUP)
    assert done["customDetails"]["comments"] == "all done"
    assert titles(done["tasks"])[1] == "Recovery plan test failover cleanup (2)"
    assert bench.job(waiting)["state"] == "Succeeded"


@pytest.mark.parametrize("setting", ["stops_plan", "goes_on"])
def test_what_a_machine_that_fails_does_to_the_plan_is_a_setting(setting: str) -> None:
    bench = planned(group("bad1", "web1"), group("Sql1"), failed_machine=setting)
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())

    states = {task["friendlyName"]: task["state"] for _, task in nodes(job["tasks"][1:2])}
    assert states == {
        "Recovery plan failover": "Failed",
        "bad1": "Failed",
        "web1": "Succeeded",
        "sql1": "Succeeded",
    }
    assert job["state"] == "Failed"
    assert job["errors"][0]["serviceErrorDetails"]["code"] == "150097"
    later = [task["state"] for task in job["tasks"][2:]]
    copies = [vm["name"] for vm in bench.get(COPIES)["value"]]
    if setting == "stops_plan":
        assert later == ["Other", "Other", "Other"]
        assert copies == []
        assert plan_of(bench)["allowedOperations"] == ["UnplannedFailover", "TestFailover"]
    else:
        assert later == ["Succeeded", "Succeeded", "Succeeded"]
        assert copies == ["Sql1-test", "web1-test"]
        assert plan_of(bench)["allowedOperations"] == ["TestFailoverCleanup"]
    assert plan_of(bench)["currentScenarioStatus"] == "Failed"


def test_a_copy_that_finds_no_place_fails_in_its_group() -> None:
    bench = planned(group("Sql1"))
    nowhere = drill_body(networkId=f"{TARGET}/Microsoft.Network/virtualNetworks/nowhere")
    job = bench.done("POST", f"{PLAN}/testFailover", nowhere)
    assert [task["state"] for task in job["tasks"]] == [
        "Succeeded",
        "Succeeded",
        "Failed",
        "Other",
    ]
    assert "was not found" in job["errors"][0]["serviceErrorDetails"]["message"]
    assert bench.item("Sql1")["allowedOperations"][-1] == "TestFailover"


@pytest.mark.parametrize(
    ("kind", "newest"),
    [
        ("LatestProcessed", ""),
        ("LatestCrashConsistent", "CrashConsistent"),
        ("LatestApplicationConsistent", "AppConsistent"),
    ],
)
def test_a_processed_point_is_the_newest_of_its_kind(kind: str, newest: str) -> None:
    bench = planned(group("Sql1", "web1"))
    points = {
        vm: bench.get(f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}/recoveryPoints")
        for vm in ("Sql1", "web1")
    }
    details = [{"instanceType": "A2A", "recoveryPointType": kind}]
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body(providerSpecificDetails=details))
    for told in job["customDetails"]["protectedItemDetails"]:
        of_kind = [
            row["name"]
            for row in points[told["friendlyName"]]["value"]
            if row["properties"]["recoveryPointType"].startswith(newest)
        ]
        assert told["recoveryPointId"] == of_kind[-1]


def test_a_plan_without_a_point_of_the_kind_fails(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    none = "policy: {app_consistent_every: 0s}"
    world.write_text(WORLD.read_text().replace("    source:", f"    {none}\n    source:"))
    bench = planned(group("Sql1"), file=world)
    details = [{"instanceType": "A2A", "recoveryPointType": "LatestApplicationConsistent"}]
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body(providerSpecificDetails=details))
    assert job["state"] == "Failed"
    assert "no recovery point" in job["errors"][0]["serviceErrorDetails"]["message"]
    assert bench.get(COPIES)["value"] == []


def test_the_latest_point_of_a_replication_group_is_one_moment(tmp_path: Path) -> None:
    text = WORLD.read_text()
    for name in ("Sql1", "web1"):
        item = f"name: {ITEMS[name]}"
        text = text.replace(f"{item}}}", f"{item}, multi_vm_group: erp}}")
    world = tmp_path / "world.yaml"
    world.write_text(text)
    for option, moments in (("UseMultiVmSyncRecoveryPoint", 1), ("UsePerVmRecoveryPoint", 2)):
        bench = Bench(file=world)
        bench.done("PUT", PLAN, plan_body(group("Sql1", "web1")))
        details = [LATEST[0] | {"multiVmSyncPointOption": option}]
        body = drill_body(providerSpecificDetails=details)
        job = bench.done("POST", f"{PLAN}/testFailover", body)
        told = job["customDetails"]["protectedItemDetails"]
        assert len({one["recoveryPointTime"] for one in told}) == moments


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"networkType": None}, "networkType"),
        ({"failoverDirection": "Sideways"}, "failoverDirection"),
        ({"failoverDirection": None}, "failoverDirection"),
        ({"providerSpecificDetails": LATEST[0]}, "a list was expected"),
        ({"providerSpecificDetails": [{"instanceType": "A2A"}]}, "recoveryPointType"),
        (
            {"providerSpecificDetails": [LATEST[0] | {"multiVmSyncPointOption": "Maybe"}]},
            "multiVmSyncPointOption",
        ),
    ],
)
def test_a_malformed_test_failover_is_a_bad_request(change: Any, words: str) -> None:
    status, told, _ = planned(group("Sql1")).ask(
        "POST", f"{PLAN}/testFailover", drill_body(**change)
    )
    assert (status, words in told["error"]["message"]) == (400, True)


def test_a_plan_takes_about_as_long_as_is_published() -> None:
    bench = planned(group("Sql1"))
    job = bench.done("POST", f"{PLAN}/testFailover", drill_body())
    took = instant(job["endTime"]) - instant(job["startTime"])
    assert timedelta(minutes=2, seconds=50) < took < timedelta(minutes=4)
