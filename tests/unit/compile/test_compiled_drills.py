"""What holds for the drill of every plan, tried on random ones."""

from __future__ import annotations

import json

from hypothesis import given, settings

from muster.compile.cleanup import compile_cleanup
from muster.compile.drill import compile_drill
from muster.compile.graph import Graph, StepKind
from muster.plan.actions import Operation, Touches
from muster.plan.checks import decides
from muster.plan.model import RecoveryPlan
from tests.builders import vm_names
from tests.unit.compile.drill_graphs import all_before, of_kind
from tests.unit.compile.random_plans import plans

many = settings(max_examples=40, deadline=None)


def all_needs(graph: Graph) -> dict[str, set[str]]:
    """Everything that has to succeed before a step, near or far."""
    found: dict[str, set[str]] = {}
    for step in graph.steps:
        found[step.id] = set(step.needs).union(*(found[one] for one in step.needs))
    return found


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
