"""What holds for the drill of every plan, tried on random ones; and what the two plans become."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings

from muster.compile.cleanup import compile_cleanup
from muster.compile.drill import CannotDrill, compile_drill, why_not_in_a_drill
from muster.compile.graph import Graph, Step, StepKind
from muster.compile.operations import compile_plan
from muster.errors import InputError
from muster.plan.actions import Action, Operation, Touches
from muster.plan.checks import decides
from muster.plan.loader import load_plan
from muster.plan.model import RecoveryPlan
from tests.builders import a_plan, group_data, vm_names
from tests.unit.compile.random_plans import plans

many = settings(max_examples=40, deadline=None)


def all_needs(graph: Graph) -> dict[str, set[str]]:
    """Everything that has to succeed before a step, near or far."""
    found: dict[str, set[str]] = {}
    for step in graph.steps:
        found[step.id] = set(step.needs).union(*(found[one] for one in step.needs))
    return found


def all_before(graph: Graph) -> dict[str, set[str]]:
    """Everything that has to have ended before a step, near or far."""
    found: dict[str, set[str]] = {}
    for step in graph:
        direct = {*step.needs, *step.after}
        found[step.id] = direct.union(*(found[one] for one in direct))
    return found


def of_kind(graph: Graph, kind: StepKind) -> list[Step]:
    return [step for step in graph if step.kind is kind]


@many
@given(plan=plans())
def test_ids_are_unique_and_steps_come_behind_what_they_wait_for(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    seen: set[str] = set()
    for part in (graph.steps, graph.finalisers):
        for step in part:
            assert step.id not in seen
            assert {*step.needs, *step.after} <= seen
            assert not set(step.needs) & set(step.after)
            assert len(set(step.needs)) == len(step.needs)
            assert len(set(step.after)) == len(step.after)
            seen.add(step.id)


@many
@given(plan=plans())
def test_compiling_twice_gives_the_same_graph_and_params_are_json(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    assert compile_drill(plan) == graph
    for step in graph:
        assert json.loads(json.dumps(dict(step.params))) == dict(step.params)
        assert step.timeout.total_seconds() > 0


@many
@given(plan=plans())
def test_every_vm_is_brought_up_booted_and_cleaned_up(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    for kind in (StepKind.TEST_FAILOVER, StepKind.BOOT, StepKind.CLEANUP):
        assert sorted(step.subject for step in of_kind(graph, kind)) == sorted(vm_names(plan))
    for name in vm_names(plan):
        assert graph.step(f"boot:{name}").needs == (f"test-failover:{name}",)


@many
@given(plan=plans())
def test_nothing_is_touched_before_the_network_is_isolated(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    needs = all_needs(graph)
    for step in graph.steps[3:]:
        assert {"preflight", "recovery-points", "isolate"} <= needs[step.id], step.id


@many
@given(plan=plans())
def test_what_a_critical_step_needs_is_critical(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    for step in graph.steps:
        # A check that decides may run from an optional VM: PLAN-105 warns of it.
        prober = f"boot:{step.subject}" if step.kind is StepKind.CHECKS else None
        if step.critical:
            needs = [one for one in step.needs if one != prober]
            assert all(graph.step(one).critical for one in needs), step.id


@many
@given(plan=plans())
def test_no_group_needs_an_optional_vm_of_another(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    optional = {vm.name for vm in plan.all_vms if not vm.critical}
    for step in graph.steps:
        # An action or check that itself runs in, or is about, such a VM has to need it.
        if step.kind not in (StepKind.TEST_FAILOVER, StepKind.BOOT) and not step.critical:
            continue
        for one in map(graph.step, step.needs):
            if step.kind is StepKind.CHECKS and one.id == f"boot:{step.subject}":
                continue  # it runs there
            if one.kind is StepKind.CHECKS and one.critical:
                continue  # about a critical VM, though it may run in an optional one
            if one.group != step.group and one.kind is not StepKind.ACTION:
                assert one.subject not in optional, (step.id, one.id)


@many
@given(plan=plans())
def test_a_group_waits_for_everything_in_the_groups_it_needs(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    before, needs = all_before(graph), all_needs(graph)
    by_group = {group.name: group for group in plan.groups}
    for group in plan.groups:
        mine = [step for step in graph.steps if step.group == group.name]
        for name in plan.needs_of(group):
            others = {step.id for step in graph.steps if step.group == name}
            relied_upon = {
                step.id
                for step in graph.steps
                if step.group == name and step.critical and step.kind is not StepKind.ACTION
            }
            for step in mine:
                assert others <= before[step.id]
                assert relied_upon <= needs[step.id]
            assert by_group[name].vms


@many
@given(plan=plans())
def test_support_vms_come_first_and_are_cleaned_last(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    before = all_before(graph)
    support = {vm.name for vm in plan.support.vms}
    others = {vm.name for vm in plan.group_vms}
    for other in others:
        assert {f"boot:{one}" for one in support} <= before[f"test-failover:{other}"]
    for one in support:
        assert {f"cleanup:{other}" for other in others} <= before[f"cleanup:{one}"]


@many
@given(plan=plans())
def test_actions_of_one_side_run_one_after_the_other(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    before, needs = all_before(graph), all_needs(graph)
    for group in plan.groups:
        failovers = [f"test-failover:{vm.name}" for vm in group.vms]
        for side in ("before", "after"):
            steps = [
                step
                for step in of_kind(graph, StepKind.ACTION)
                if step.params["group"] == group.name and step.params["side"] == side
            ]
            for place, step in enumerate(steps):
                assert {one.id for one in steps[:place]} <= before[step.id]
                assert {one.id for one in steps[:place] if one.critical} <= needs[step.id]
                assert step.id == f"action:{group.name}.{side}.{step.params['index'] + 1}"
                if side == "before":
                    assert all(step.id in before[one] for one in failovers)
                    assert not step.critical or all(step.id in needs[one] for one in failovers)
                else:
                    assert {f"boot:{vm.name}" for vm in group.vms} <= before[step.id]


@many
@given(plan=plans())
def test_only_actions_that_cannot_touch_production_are_steps(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    places = {(group.name, side, index): one for group, side, index, one in plan.actions()}
    run = [
        places[step.params["group"], step.params["side"], step.params["index"]]
        for step in of_kind(graph, StepKind.ACTION)
    ]
    for action in run:
        assert action.only is None or Operation.DRILL in action.only
        assert action.touches in (Touches.TEST, Touches.NOTHING) or (
            action.touches is None and action.runbook is None
        )
    assert len(run) + len(graph.left_out) == len(places)


@many
@given(plan=plans())
def test_every_check_runs_once_where_it_says(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    scopes = {None: plan.checks} | {group.name: group.checks for group in plan.groups}
    seen = []
    before, needs = all_before(graph), all_needs(graph)
    for step in of_kind(graph, StepKind.CHECKS):
        scope = step.params["scope"]
        mine = [scopes[scope][index] for index in step.params["checks"]]
        seen += [(scope, index) for index in step.params["checks"]]
        assert step.id == f"checks:{scope or 'plan'}.{step.subject}"
        assert {check.runs_in_vm for check in mine} == {step.subject}
        assert f"boot:{step.subject}" in needs[step.id]
        for name in {name for check in mine for name in check.vms}:
            assert f"boot:{name}" in before[step.id]
        assert step.critical == any(decides(check, plan.is_critical) for check in mine)
    assert sorted(map(str, seen)) == sorted(
        str((scope, index)) for scope, checks in scopes.items() for index in range(len(checks))
    )


@many
@given(plan=plans())
def test_finalisers_rely_on_nothing_and_end_with_the_record(plan: RecoveryPlan) -> None:
    for graph in (compile_drill(plan), compile_cleanup(plan)):
        assert all(step.needs == () for step in graph.finalisers)
        last = [step.id for step in graph.finalisers[-3:]]
        assert last == ["remove-network", "prove-clean", "close"]
        before = all_before(graph)
        assert {f"cleanup:{name}" for name in vm_names(plan)} <= before["remove-network"]
        assert "prove-clean" in before["close"]
    assert compile_cleanup(plan).steps == ()
    assert compile_drill(plan).finalisers == compile_cleanup(plan).finalisers


# Safety rule 7, action by action


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


# Optional VMs


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


# What cannot be compiled


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


# The two committed plans


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
