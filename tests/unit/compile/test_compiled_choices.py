"""What a drill leaves out, what is optional, what is refused; and what the two plans become."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from muster.compile.drill import CannotDrill, compile_drill, why_not_in_a_drill
from muster.compile.graph import StepKind
from muster.compile.operations import compile_plan
from muster.errors import InputError
from muster.plan.actions import Action, Operation
from muster.plan.loader import load_plan
from muster.plan.model import RecoveryPlan
from tests.builders import a_plan, group_data
from tests.unit.compile.drill_graphs import all_before, of_kind

ALL_TOUCHES: list[str | None] = [None, "test", "production", "nothing"]


@pytest.mark.parametrize("touches", ALL_TOUCHES)
@pytest.mark.parametrize("only", [None, ["drill"], ["failover"], ["failover", "drill"]])
def test_a_runbook_runs_in_a_drill_only_if_it_says_so(
    touches: str | None, only: list[str] | None
) -> None:
    action = Action.model_validate(
        {"runbook": {"account": "aa", "name": "Rb"}, "touches": touches, "only": only}
    )
    runs = why_not_in_a_drill(action) is None
    assert runs == (touches in ("test", "nothing") and (only is None or "drill" in only))


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(
    "body",
    [
        {"runbook": {"account": "aa", "name": "Rb"}},
        {"runbook": {"account": "aa", "name": "Rb"}, "only": ["drill"]},
        {"run_command": {"vm": "dc1", "file": "a.sh"}, "touches": "production"},
        {"wait": {"for": "1m", "why": "because"}, "touches": "production", "only": ["drill"]},
        {
            "manual": {"ask": "Go?", "within": "1m", "otherwise": "continue"},
            "touches": "production",
        },
    ],
)
def test_no_spelling_brings_production_into_a_drill(side: str, body: dict[str, object]) -> None:
    group = group_data("web", ["web1"], **{side: [body]})
    graph = compile_drill(a_plan(support={"vms": ["dc1"]}, groups=[group]))
    assert of_kind(graph, StepKind.ACTION) == []
    assert [one.group for one in graph.left_out] == ["web"]


def test_an_action_left_out_keeps_the_numbers_of_the_others() -> None:
    left_out = {"runbook": {"account": "aa", "name": "Rb"}}
    wait = {"wait": {"for": "1m", "why": "because"}}
    graph = compile_drill(a_plan(groups=[group_data("web", ["web1"], before=[left_out, wait])]))
    (step,) = of_kind(graph, StepKind.ACTION)
    assert (step.id, step.params["index"]) == ("action:web.before.2", 1)


def test_an_optional_vm_does_not_hold_up_the_next_group() -> None:
    first = group_data("first", ["a1", {"name": "a2", "critical": False}])
    graph = compile_drill(a_plan(groups=[first, group_data("second", ["b1"])]))
    step = graph.step("test-failover:b1")
    assert step.needs == ("boot:a1",)
    assert step.after == ("boot:a2",)


def test_behind_a_group_of_optional_vms_what_it_needed_is_still_needed() -> None:
    groups = [
        group_data("first", ["a1"]),
        group_data("second", [{"name": "b1", "critical": False}]),
        group_data("third", ["c1"]),
    ]
    step = compile_drill(a_plan(groups=groups)).step("test-failover:c1")
    assert step.needs == ("boot:a1",)
    assert step.after == ("boot:b1",)


def test_a_check_about_an_optional_vm_is_optional_wherever_it_runs() -> None:
    vms = ["a1", {"name": "a2", "critical": False}]
    checks = [{"tcp": {"vm": "a2", "port": 80, "from": "a1"}}]
    graph = compile_drill(a_plan(groups=[group_data("first", vms, checks=checks)]))
    step = graph.step("checks:first.a1")
    assert not step.critical
    assert step.needs == ("boot:a1",)
    assert step.after == ("boot:a2",)


def test_a_check_about_a_critical_vm_decides_even_from_an_optional_one() -> None:
    vms = ["a1", {"name": "a2", "critical": False}]
    checks = [{"tcp": {"vm": "a1", "port": 80, "from": "a2"}}]
    groups = [group_data("first", vms, checks=checks), group_data("second", ["b1"])]
    graph = compile_drill(a_plan(groups=groups))
    step = graph.step("checks:first.a2")
    assert step.critical
    assert set(step.needs) == {"boot:a1", "boot:a2"}  # without the prober it cannot be evidenced
    assert step.id in graph.step("test-failover:b1").needs


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": "native"}, "PLAN-050"),
        ({"start": "together"}, "PLAN-051"),
        ({"checks": [{"tcp": {"vm": "web1", "port": 80, "from": "worker"}}]}, "PLAN-052"),
        ({"checks": [{"http": {"url": "http://shop.example/"}}]}, "PLAN-037"),
        ({"checks": [{"tcp": {"vm": "web9", "port": 80}}]}, "PLAN-019"),
    ],
)
def test_what_this_version_does_not_drill_is_refused_in_a_sentence(
    change: dict[str, object], code: str
) -> None:
    with pytest.raises(CannotDrill) as caught:
        compile_drill(a_plan(**change))
    assert caught.value.shown_code == code
    assert caught.value.exit_code == 2
    assert "small: " in caught.value.message


COMPILED = (Operation.DRILL, Operation.CLEANUP, Operation.REPLICATE, Operation.DISABLE)


@pytest.mark.parametrize("operation", list(Operation))
def test_operations_are_compiled_or_refused(operation: Operation) -> None:
    plan = a_plan()
    if operation in COMPILED:
        assert compile_plan(plan, operation).operation is operation
    else:
        with pytest.raises(InputError, match=f"'{operation.value}' of small cannot be compiled"):
            compile_plan(plan, operation)


def load(name: str) -> RecoveryPlan:
    return load_plan(Path(f"recovery_plans/{name}.yaml")).plan


def test_contoso_erp_leaves_out_what_touches_production_and_says_so() -> None:
    graph = compile_drill(load("contoso-erp"))
    assert [(one.group, one.action, one.why) for one in graph.left_out] == [
        ("database", "runbook Freeze-Etl", "only in failover"),
        ("web", "question", "only in failover"),
        ("web", "runbook Switch-Traffic", "touches production"),
    ]
    assert [step.id for step in of_kind(graph, StepKind.ACTION)] == [
        "action:database.after.1",
        "action:database.after.2",
    ]
    assert of_kind(graph, StepKind.HOLD) == []


def test_the_branches_of_fabrikam_shop_run_side_by_side_and_join() -> None:
    graph = compile_drill(load("fabrikam-shop"))
    before = all_before(graph)
    catalog = {step.id for step in graph.steps if (step.group or "").startswith("catalog")}
    orders = {step.id for step in graph.steps if (step.group or "").startswith("orders")}
    assert all(not before[one] & orders for one in catalog)
    assert all(not before[one] & catalog for one in orders)
    assert catalog | orders <= before["test-failover:shop1"]
    assert not graph.step("checks:storefront.report1").critical
    hold = graph.step("hold")
    assert dict(hold.params) == {"keep_for": 600, "on_failure_keep_for": 300}
    assert graph.step("cleanup:shop1").after == ("hold",)


def test_a_hold_that_is_asked_for_is_there_and_long_enough_whatever_the_plan_says() -> None:
    asked = compile_drill(load("contoso-erp"), keep_for=timedelta(hours=2))
    hold = asked.step("hold")
    assert hold.params["keep_for"] == 7200
    assert hold.timeout > timedelta(hours=2)
    assert asked.step("cleanup:sql1").after == ("hold",)
    longer = compile_drill(load("fabrikam-shop"), keep_for=timedelta(hours=2)).step("hold")
    assert longer.timeout > timedelta(hours=2)
    none = compile_drill(load("contoso-erp"), keep_for=timedelta())
    assert of_kind(none, StepKind.HOLD) == []


def test_timeouts_cover_what_the_plan_permits() -> None:
    graph = compile_drill(load("contoso-erp"))
    minutes = {step.id: step.timeout.total_seconds() / 60 for step in graph}
    assert minutes["boot:sql1"] == 15
    assert minutes["action:database.after.1"] > 10
    assert minutes["action:database.after.2"] > 20
    assert minutes["checks:application.app1"] > 10
