"""How a run ends: the rule by which the close step closes it."""

from __future__ import annotations

from typing import Any

import pytest

from muster.journal.events import EventKind
from muster.report.codes import CODES, exit_code_of
from muster.report.outcome import outcome_of
from tests.unit.report import journals


@pytest.mark.parametrize(
    ("run", "outcome", "exit_code", "codes"),
    [
        (journals.passed_drill, "passed", 0, []),
        (journals.optional_vm_failed, "passed", 0, []),
        (journals.failed_check, "failed", 1, ["CHECK-001"]),
        (journals.failed_job, "failed", 3, ["ASR-FAILED"]),
        (journals.preflight_failed, "failed", 1, ["PRE-002"]),
        (journals.isolation_unknown, "failed", 3, ["ISO-001"]),
        (journals.left_overs, "failed", 4, ["CLEAN-001"]),
        (journals.aborted, "aborted", 5, ["RUN-005"]),
        (journals.crashed_then_cleaned, "failed", 1, ["RUN-020"]),
        (journals.interrupted_then_cleaned, "aborted", 130, ["RUN-022"]),
        (journals.crashed, "failed", 4, ["RUN-020", "CLEAN-002"]),
        (journals.opened_only, "failed", 1, ["RUN-021"]),
    ],
)
def test_outcome_exit_code_and_causes(run, outcome, exit_code, codes):
    ended = outcome_of(run())
    assert (ended.outcome, ended.exit_code) == (outcome, exit_code)
    assert [cause["code"] for cause in ended.causes] == codes


def test_an_empty_journal_has_not_passed():
    ended = outcome_of([])
    assert (ended.outcome, ended.exit_code) == ("failed", 1)
    assert ended.causes


def test_the_judgement_is_the_same_before_and_after_the_run_is_closed():
    events = journals.failed_job()
    closed = events[-1]
    assert closed.kind is EventKind.CLOSED
    before = outcome_of(events[:-1])
    assert before == outcome_of(events)
    assert (closed.data["outcome"], closed.data["causes"]) == (before.outcome, before.causes)


def test_a_failed_check_is_told_once_with_what_it_saw():
    causes = outcome_of(journals.failed_check()).causes
    assert len(causes) == 1
    assert causes[0]["step"] == "checks:web.web2"
    assert "status 503" in causes[0]["message"]


def test_a_required_check_without_evidence_does_not_pass():
    run = journals.ready().database().web_up().web_checks("web1", "web2")
    ended = outcome_of(run.plan_checks(canary="not evidenced").clean(*journals.VMS).events)
    assert ended.outcome == "failed"
    assert [cause["code"] for cause in ended.causes] == ["CHECK-002"]


def test_nothing_is_clean_without_an_inventory():
    events = [e for e in journals.passed_drill()[:-1] if e.data.get("what") != "inventory"]
    ended = outcome_of(events)
    assert [cause["code"] for cause in ended.causes] == ["CLEAN-002"]
    assert (ended.outcome, ended.exit_code) == ("failed", 4)


def test_an_inventory_from_before_the_last_act_proves_nothing():
    run = journals.ready().database().web_up().web_checks("web1", "web2").plan_checks()
    run.clean(*journals.VMS).act("test-failover", "db1", "test-failover:db1")
    assert [cause["code"] for cause in outcome_of(run.events).causes] == ["CLEAN-002"]


def test_left_overs_are_listed_by_id():
    assert outcome_of(journals.left_overs()).leftovers == [
        f"{journals.GROUP}/Microsoft.Compute/disks/web1-osdisk"
    ]


def test_what_a_crashed_run_made_and_nobody_saw_gone_is_a_left_over():
    leftovers = outcome_of(journals.crashed()).leftovers
    assert journals.NETWORK in leftovers
    assert f"{journals.GROUP}/Microsoft.Compute/virtualMachines/db1-test" in leftovers


def test_a_signal_after_the_last_step_stopped_nothing():
    run = journals.ready().database().web_up().web_checks("web1", "web2").plan_checks()
    run.add(EventKind.INTERRUPTED, signal="SIGINT", go_on="muster cleanup RUN")
    ended = outcome_of(run.clean(*journals.VMS).events)
    assert (ended.outcome, ended.exit_code) == ("passed", 0)


def test_a_step_that_failed_with_an_abort_aborts_even_when_no_answer_was_journalled():
    events = [e for e in journals.aborted()[:-1] if e.kind is not EventKind.ANSWERED]
    ended = outcome_of(events)
    assert (ended.outcome, ended.exit_code) == ("aborted", 5)


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        ("PLAN-050", None, 2),
        ("AZ-403", None, 3),
        ("ASR-1", None, 3),
        ("CLEAN-001", None, 4),
        ("STEP-001", None, 1),
        ("WHAT", None, 1),
        ("WHAT", 3, 3),
    ],
)
def test_codes_lead_to_exit_codes(code: str, said: Any, expected: int):
    assert exit_code_of(code, said) == expected


def test_every_code_of_ours_is_explained():
    assert all(one.title and one.hint.endswith(".") for one in CODES.values())


def test_a_run_told_to_stop_is_aborted_once_by_what_its_steps_say():
    run = journals.ready().database().skip("stopping", *journals.REST_OF_WEB)
    ended = outcome_of(run.clean("db1").events)
    assert (ended.outcome, ended.exit_code) == ("aborted", 5)
    assert [cause["code"] for cause in ended.causes] == ["RUN-005"]


def test_an_abort_that_stops_the_rest_is_told_once():
    run = journals.ready().database(answer="abort").skip("stopping", *journals.REST_OF_WEB)
    causes = outcome_of(run.clean("db1").events).causes
    assert [cause["step"] for cause in causes] == ["action:database.after.2"]
