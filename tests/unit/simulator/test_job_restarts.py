"""A job that goes on: resumed by a person, restarted once it has failed, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError

from .bench import Bench
from .benched_plans import CLEANUP, plan_of, planned
from .conftest import ITEMS
from .job_verbs import COMMENTS, ITEM_DRILL, JOBS, copies, started
from .life import operating
from .planning import PLAN, RUNBOOKS, drill_body, entry, group, manual, nodes, runbook


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
