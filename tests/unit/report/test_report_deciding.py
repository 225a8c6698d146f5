"""A drill fails with a required check of a critical VM, wherever the check runs from."""

from __future__ import annotations

from typing import Any

import pytest

from muster.compile.drill import compile_drill
from muster.journal.events import EventKind
from muster.plan.model import RecoveryPlan
from muster.report.outcome import outcome_of
from muster.report.record import build_record
from tests.unit.report import journals
from tests.unit.report.journals import Writer
from tests.unit.report.small_plan import graph, plan_raw


def run_with(check: dict[str, Any], verdict: str | None, **said: Any) -> Writer:
    """A drill whose web group has one check more, asked in web2, which is optional.

    Args:
        check: The check as the plan writes it.
        verdict: What came of it; None: web2 did not come up, so it never ran.
        said: More of the `checked` event.
    """
    plan = plan_raw(web2_critical=False)
    plan["groups"][1]["checks"] = [plan["groups"][1]["checks"][0], check]
    compiled = {step.id: step for step in compile_drill(RecoveryPlan.model_validate(plan)).steps}
    nodes = graph()
    for node in nodes:
        if node["id"] in compiled:
            node["critical"] = compiled[node["id"]].critical
    errors = [journals.ASR_ERROR] if verdict is None else ()
    run = journals.ready(plan=plan, graph=nodes).database().web_up(errors=errors)
    run.web_checks("web1")
    step = "checks:web.web2"
    if verdict is None:
        run.skip("test-failover:web2 failed", "boot:web2", step)
    else:
        run.begin(step).wait(5)
        title = RecoveryPlan.model_validate(plan).groups[1].checks[1].title
        run.check(step, "web.2", title, next(iter(check)), verdict=verdict, group="web", **said)
        error = {"code": "CHECK-001", "message": "it failed", "hint": "Look."}
        run.end(step, "failed", error=error) if verdict != "passed" else run.end(step)
    return run.plan_checks().clean(*journals.VMS).close()


FROM_OPTIONAL = {"tcp": {"vm": "web1", "port": 8080, "from": "web2"}}
ABOUT_OPTIONAL = {"tcp": {"vm": "web2", "port": 8080}}
ABOUT_BOTH = {"http": {"url": "http://{web2}:8080/{web1}"}}


@pytest.mark.parametrize(
    ("check", "vm"), [(FROM_OPTIONAL, "web1"), (ABOUT_BOTH, "web2")], ids=["from", "both"]
)
@pytest.mark.parametrize(
    ("verdict", "code"), [("failed", "CHECK-001"), ("not evidenced", "CHECK-002")]
)
def test_a_failed_check_of_a_critical_vm_fails_the_drill_wherever_it_ran(
    check: dict[str, Any], vm: str, verdict: str, code: str
) -> None:
    ended = outcome_of(run_with(check, verdict, vm=vm).events)
    assert ended.outcome == "failed"
    assert [cause["code"] for cause in ended.causes] == [code]


def test_a_failed_check_of_an_optional_vm_alone_fails_no_drill() -> None:
    run = run_with(ABOUT_OPTIONAL, "failed", vm="web2")
    assert outcome_of(run.events).outcome == "passed"
    decides = {one["id"]: one["decides"] for one in build_record(run.events)["checks"]}
    assert decides["web.2"] is False
    assert decides["web.1"] is True


def test_a_canary_decides_though_it_runs_in_an_optional_vm() -> None:
    canary = {"unreachable": {"from": "web2", "host": "10.9.0.9", "port": 443}}
    ended = outcome_of(run_with(canary, "failed", vm="web2").events)
    assert (ended.outcome, ended.causes[0]["code"]) == ("failed", "CHECK-001")


def test_without_its_prober_a_deciding_check_is_not_evidenced_and_fails_the_drill() -> None:
    run = run_with(FROM_OPTIONAL, None)
    ended = outcome_of(run.events)
    assert ended.outcome == "failed"
    assert "checks:web.web2" in ended.causes[0]["message"]
    record = build_record(run.events)
    (check,) = [one for one in record["checks"] if one["id"] == "web.2"]
    assert (check["verdict"], check["decides"], check["vm"]) == ("not run", True, "web1")


def test_a_stray_canary_decides_too() -> None:
    run = journals.ready(plan=plan_raw(web2_critical=False)).database().web_up()
    run.web_checks("web1", "web2").plan_checks()
    run.check("checks:x.web2", "x.9", "a canary", "unreachable", verdict="failed", vm="web2")
    ended = outcome_of(run.clean(*journals.VMS).events)
    assert "CHECK-001" in [cause["code"] for cause in ended.causes]
    assert all(event.kind is not EventKind.CLOSED for event in run.events)


def test_what_kept_checks_from_running_is_the_cause_and_not_what_follows_from_it() -> None:
    run = journals.ready().database().web_up()
    for vm in ("web1", "web2"):
        step = f"checks:web.{vm}"
        error = {"code": "ISO-001", "message": "it reaches the hub", "hint": "Close it."}
        run.begin(step).wait(5).end(step, "failed", error=error)
    ended = outcome_of(run.clean(*journals.VMS).close().events)
    assert (ended.outcome, ended.exit_code) == ("failed", 3)
    assert {cause["code"] for cause in ended.causes} == {"ISO-001"}
    assert {cause["step"] for cause in ended.causes} == {"checks:web.web1", "checks:web.web2"}
