"""One machine, script or runbook fails: the drill fails, says which and why, leaves nothing."""

from __future__ import annotations

import pytest

from tests.rehearsal.bench import Bench, cause_of
from tests.rehearsal.plans import http, plan, runbook
from tests.rehearsal.worlds import STUCK, TORN

pytestmark = [pytest.mark.rehearsal, pytest.mark.slow]


def test_a_small_plan_passes(bench: Bench) -> None:
    ended = bench.drill(plan("fine", "sql1"))
    record = bench.judge(ended, 0, "passed")
    assert record["causes"] == []
    assert record["isolation"]["verdict"] == "isolated"
    assert [(one["title"], one["verdict"]) for one in record["checks"]] == [
        ("tcp sql1:1433", "passed")
    ]
    assert ended.json()["rto"]["actual"] > 200


def test_a_test_failover_that_fails_is_told_in_site_recoverys_own_words(bench: Bench) -> None:
    ended = bench.drill(plan("torn", "sql1", "torn1"))
    record = bench.judge(ended, 1, "failed")
    cause = cause_of(record, "STEP-020")
    assert cause["step"] == "test-failover:torn1"
    assert TORN["message"] in cause["message"]
    assert TORN["causes"] in cause["message"]
    assert cause["hint"] == TORN["action"]
    bench.report_says(record, TORN["code"], TORN["message"], TORN["causes"], TORN["action"])
    # Its neighbour was brought up all the same.
    assert {one["vm"]: one["up_at"] is not None for one in record["vms"]} == {
        "sql1": True,
        "torn1": False,
    }


def test_a_copy_that_never_boots_is_named(bench: Bench) -> None:
    ended = bench.drill(plan("dark", "sql1", {"name": "dark1", "boot_within": "3m"}))
    record = bench.judge(ended, 1, "failed")
    cause = next(one for one in record["causes"] if one["step"] == "boot:dark1")
    assert "dark1" in cause["message"]
    bench.report_says(record, cause["message"])


def test_a_required_check_that_never_passes_fails_the_drill(bench: Bench) -> None:
    ended = bench.drill(plan("dumb", "dumb1", checks=[http("dumb1", within="90s")]))
    record = bench.judge(ended, 1, "failed")
    (check,) = record["checks"]
    assert check["verdict"] == "failed"
    assert "degraded" in str(check["raw"])
    (cause,) = record["causes"]
    assert cause["step"] == "checks:shop.dumb1"
    bench.report_says(record, check["why"])


def test_a_script_that_fails_in_a_copy_fails_the_drill(bench: Bench) -> None:
    act = {"run_command": {"vm": "sql1", "file": "scripts/failing.sh", "timeout": "5m"}}
    record = bench.judge(bench.drill(plan("scripted", "sql1", after=[act])), 1, "failed")
    (action,) = record["actions"]
    assert (action["status"], action["exit_code"]) == ("failed", 3)
    assert "no such table" in action["error_output"]
    (cause,) = record["causes"]
    assert cause["step"] == "action:shop.after.1"
    bench.report_says(record, "no such table")


def test_a_runbook_that_fails_is_told_with_its_exception(bench: Bench) -> None:
    act = runbook("Broken-Book", touches="test")
    record = bench.judge(bench.drill(plan("booked", "sql1", after=[act])), 1, "failed")
    (cause,) = record["causes"]
    assert cause["step"] == "action:shop.after.1"
    assert "Access denied." in cause["message"]
    bench.report_says(record, "Access denied.")
    assert bench.operator.runbook_jobs().count("Broken-Book") == 1


def test_a_cleanup_that_fails_is_done_once_more(bench: Bench) -> None:
    ended = bench.drill(plan("sticky", "sticky1", checks=[http("sticky1")]))
    record = bench.judge(ended, 0, "passed")
    noted = [one["text"] for one in record["deviations"]]
    assert any(STUCK["message"] in text for text in noted), noted


def test_what_touches_production_never_reaches_automation(bench: Bench) -> None:
    started = bench.operator.runbook_jobs()
    acts = [
        runbook("Switch-Traffic", touches="production"),
        runbook("Freeze-Etl"),  # says nothing: taken for production
        runbook("Register-TestCopies", touches="test"),
    ]
    record = bench.judge(bench.drill(plan("careful", "sql1", after=acts)), 0, "passed")
    assert sorted(bench.operator.runbook_jobs()) == sorted([*started, "Register-TestCopies"])
    assert len(record["left_out"]) == 2
    bench.report_says(record, "Switch-Traffic", "Freeze-Etl")
