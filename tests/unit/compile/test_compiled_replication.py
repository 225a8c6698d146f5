"""A plan laid out as its replication: what waits for what."""

from __future__ import annotations

from muster.compile.graph import StepKind
from muster.compile.replicate import compile_disable, compile_replicate
from muster.plan.actions import Operation
from tests.builders import a_plan


def test_every_vm_waits_for_the_whole_set_up_and_for_no_other_vm() -> None:
    graph = compile_replicate(a_plan())
    vms = {step.id for step in graph.steps if step.kind is StepKind.PROTECT}
    assert vms == {"protect:db1", "protect:web1"}
    for vm in ("db1", "web1"):
        step = graph.step(f"protect:{vm}")
        assert step.needs == ("container-mappings",)
        # What of these a VM needs, it asks for itself: one of many that fails stops no other.
        assert set(step.after) == {"network-mappings", "target-resources"}
        assert graph.step(f"settle:{vm}").needs == (f"protect:{vm}",)


def test_vault_and_target_come_side_by_side_behind_the_survey() -> None:
    graph = compile_replicate(a_plan())
    assert graph.step("vault").needs == graph.step("target-resources").needs
    assert graph.step("resource-groups").needs == ("survey",)
    assert graph.step("network-mappings").after == ("target-resources",)
    assert [step.kind for step in graph.steps[:2]] == [StepKind.PREFLIGHT, StepKind.SURVEY]
    assert graph.step("survey").needs == ("preflight",)


def test_the_end_of_a_replication_is_never_held_up_by_preflight() -> None:
    kinds = {step.kind for step in compile_disable(a_plan())}
    assert StepKind.PREFLIGHT not in kinds


def test_the_vms_are_those_that_were_selected() -> None:
    graph = compile_replicate(a_plan(), ["web1", "extra"])
    assert [step.subject for step in graph.steps if step.kind is StepKind.PROTECT] == [
        "web1",
        "extra",
    ]
    assert graph.step("protect:web1").group == "web"
    assert graph.step("protect:extra").group is None


def test_disabling_touches_items_alone_and_both_only_close_in_the_end() -> None:
    graph = compile_disable(a_plan())
    assert {step.kind for step in graph.steps} == {StepKind.DISABLE}
    assert graph.operation is Operation.DISABLE
    for one in (graph, compile_replicate(a_plan())):
        assert [step.kind for step in one.finalisers] == [StepKind.CLOSE]
