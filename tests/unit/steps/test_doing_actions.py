"""Actions, questions, waits and the hold."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from muster.journal.events import EventKind, Observed, instant_text
from muster.journal.inbox import drop
from tests.builders import a_plan, group_data
from tests.unit.steps.drilling import RUN, Drill, minutes

PARTS = ("test-failover:db1", "boot:db1")
AFTER = "action:database.after.1"
SCRIPTS = {"scripts/promote.sh": b"echo promoted"}


async def with_after(*actions: object, **changes: object) -> Drill:
    plan = a_plan(groups=[group_data("database", ["db1"], after=list(actions))], **changes)
    drill = await Drill.begin(plan, scripts=SCRIPTS)
    await drill.up_to(*PARTS)
    return drill


def script(**more: object):
    return {"run_command": {"vm": "db1", "file": "scripts/promote.sh", **more}}


async def test_a_script_runs_in_the_copy_and_its_output_is_kept():
    drill = await with_after(script())
    drill.world.answer = lambda vm, name, text: (0, f"{vm} says {text}", "")
    assert (await drill.do(AFTER)).is_ok
    (seen,) = drill.observed(Observed.SCRIPT)
    assert seen["stdout"] == "db1 says echo promoted"
    assert seen["vm_id"].endswith("/db1-test")
    assert drill.kinds()[-2:] == ["start_command", "delete_command"]
    finished = drill.of(EventKind.FINISHED)[-1]
    assert finished["spent"]["script"] >= 20


async def test_a_script_that_ends_badly_fails_with_its_last_words():
    drill = await with_after(script())
    drill.world.answer = lambda vm, name, text: (3, "", "line\nno such database")
    outcome = await drill.do(AFTER)
    assert outcome.error["code"] == "STEP-030"
    assert "no such database" in outcome.error["message"]
    assert drill.observed(Observed.SCRIPT)[0]["exit_code"] == 3


def runbook(**more: object):
    return {"runbook": {"account": "aa", "name": "Register", **more}, "touches": "test"}


async def test_a_runbook_gets_site_recoverys_context_and_its_output_is_kept():
    drill = await with_after(runbook(context="asr", parameters={"Mode": "quiet"}))
    drill.world.runbooks["Register"] = ("Completed", "registered db1-test")
    assert (await drill.do(AFTER)).is_ok
    act = drill.gateway.acts[-1]
    parameters = act.details["parameters"]
    assert parameters["Mode"] == "quiet"
    context = json.loads(parameters["RecoveryPlanContext"])
    (vm,) = context.pop("VmMap").values()
    assert context == {
        "RecoveryPlanName": "small", "FailoverType": "Test",
        "FailoverDirection": "PrimaryToSecondary", "GroupId": "1",
    }  # fmt: skip
    assert (vm["RoleName"], vm["ResourceGroupName"]) == ("db1-test", "rg-small-asr")
    assert vm["RecoveryPointId"]
    assert drill.observed(Observed.RUNBOOK)[0]["output"] == "registered db1-test"


async def test_before_a_group_the_context_names_no_vm_as_in_site_recovery():
    plan = a_plan(groups=[group_data("database", ["db1"], before=[runbook(context="asr")])])
    drill = await Drill.begin(plan)
    await drill.up_to("action:database.before.1")
    context = json.loads(drill.gateway.acts[-1].details["parameters"]["RecoveryPlanContext"])
    (vm,) = context["VmMap"].values()
    assert (vm["RoleName"], vm["ResourceGroupName"]) == ("", "")


async def test_a_runbook_of_ours_gets_run_and_copies():
    drill = await with_after(runbook(context="muster"))
    assert (await drill.do(AFTER)).is_ok
    context = json.loads(drill.gateway.acts[-1].details["parameters"]["MusterContext"])
    assert (context["run"], context["operation"]) == (RUN, "drill")
    assert context["vms"][0]["address"] == "10.1.255.10"


@pytest.mark.parametrize("status", ["Failed", "Suspended", "Stopped"])
async def test_a_runbook_that_does_not_complete_fails_its_step(status):
    drill = await with_after(runbook())
    drill.world.runbooks["Register"] = (status, "The term is not recognized.")
    outcome = await drill.do(AFTER)
    assert outcome.error["code"] == "STEP-031"
    assert "not recognized" in outcome.error["message"]


# --- questions -----------------------------------------------------------------------------------
def question(otherwise: str):
    return {"manual": {"ask": "Do the orders look right?", "within": "5m", "otherwise": otherwise}}


def say(drill: Drill, answer: str, to: str = AFTER) -> None:
    at = instant_text(drill.clock.now())
    message = {"kind": "answer", "by": "ann", "via": "cli", "at": at}
    drop(drill.store, RUN, {**message, "question": to, "answer": answer})


async def test_a_question_nobody_answers_takes_its_default_at_its_deadline():
    drill = await with_after(question("continue"))
    began = drill.clock.now()
    assert (await drill.do(AFTER)).is_ok
    (answered,) = drill.of(EventKind.ANSWERED)
    assert (answered["answer"], answered["via"]) == ("continue", "deadline")
    assert drill.clock.now() - began == minutes(5)
    assert drill.of(EventKind.FINISHED)[-1]["spent"]["human"] == 300


async def test_a_question_whose_default_is_abort_ends_the_run():
    drill = await with_after(question("abort"))
    outcome = await drill.do(AFTER)
    assert outcome.error["code"] == "RUN-005"
    assert drill.run.stopping.is_set()
    assert "answered abort" in drill.run.stop_reason


@pytest.mark.parametrize(("answer", "is_ok"), [("continue", True), ("ABORT", False)])
async def test_an_answer_in_the_inbox_counts_at_once(answer, is_ok):
    drill = await with_after(question("continue" if not is_ok else "abort"))
    say(drill, answer)
    began = drill.clock.now()
    assert (await drill.do(AFTER)).is_ok is is_ok
    (answered,) = drill.of(EventKind.ANSWERED)
    assert (answered["by"], answered["via"]) == ("ann", "inbox")
    assert drill.clock.now() == began


async def test_an_answer_that_is_none_or_of_another_question_is_not_taken():
    drill = await with_after(question("continue"))
    say(drill, "perhaps")
    say(drill, "abort", to="action:other.after.1")
    assert (await drill.do(AFTER)).is_ok
    assert drill.of(EventKind.ANSWERED)[0]["via"] == "deadline"
    (note,) = [data for data in drill.of(EventKind.NOTED) if data["what"] == "request"]
    assert "perhaps" in note["text"]


async def test_a_question_asked_before_a_crash_keeps_its_deadline():
    drill = await with_after(question("continue"))
    asked = {
        "question": AFTER, "ask": "?", "deadline": instant_text(drill.clock.now() + minutes(1)),
        "otherwise": "continue", "answers": ["continue", "abort"],
    }  # fmt: skip
    await drill.run.journal.append(EventKind.ASKED, asked, step=AFTER)
    again, began = await drill.crashed(), drill.clock.now()
    assert (await again.do(AFTER)).is_ok
    assert drill.clock.now() - began == minutes(1)
    assert len(again.of(EventKind.ASKED)) == 1


async def test_a_stopping_run_waits_for_no_answer():
    drill = await with_after(question("continue"))
    drill.run.stop("stopped by SIGTERM")
    began = drill.clock.now()
    assert (await drill.do(AFTER)).error["code"] == "RUN-005"
    assert drill.clock.now() == began


# --- waits and hold ------------------------------------------------------------------------------
async def test_a_wait_takes_its_span():
    drill = await with_after({"wait": {"for": "90s", "why": "The cache warms up."}})
    began = drill.clock.now()
    assert (await drill.do(AFTER)).is_ok
    assert drill.clock.now() - began == timedelta(seconds=90)


def kept(keep: str = "10m", failed: str = "5m"):
    network = {"create": "vnet-small-drill"}
    return {"network": network, "keep_for": keep, "on_failure": {"keep_for": failed}}


async def held(drill: Drill) -> timedelta:
    began = drill.clock.now()
    assert (await drill.do("hold")).is_ok
    return drill.clock.now() - began


async def test_copies_are_kept_as_long_as_the_plan_says():
    drill = await with_after(drill=kept())
    assert await held(drill) == minutes(10)


async def test_copies_are_kept_as_long_as_whoever_started_the_run_says():
    drill = await with_after(drill=kept())
    drill.run.parameters = {"keep_for": 60.0}
    assert await held(drill) == minutes(1)


async def test_after_a_failure_they_are_kept_as_long_as_the_plan_says_for_that():
    drill = await with_after(script(), drill=kept())
    drill.world.answer = lambda vm, name, text: (1, "", "")
    await drill.do(AFTER)
    assert await held(drill) == minutes(5)


async def test_a_release_ends_the_hold_and_is_journalled():
    drill = await with_after(drill=kept())
    at = instant_text(drill.clock.now())
    drop(drill.store, RUN, {"kind": "release", "by": "ann", "via": "cli", "at": at})
    assert await held(drill) == timedelta()
    assert "ann ended the hold" in drill.of(EventKind.NOTED)[-1]["text"]


async def test_nothing_is_held_where_nothing_came_up_or_the_run_is_stopping():
    empty = await Drill.begin(a_plan(drill=kept()))
    assert await held(empty) == timedelta()
    stopping = await with_after(drill=kept())
    stopping.run.stop("stopped by SIGINT")
    assert await held(stopping) == timedelta()
