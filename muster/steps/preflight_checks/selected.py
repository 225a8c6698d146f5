"""Are the VMs that `replication.select` adds looked after: protected, and in a group?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, same_id
from muster.gateway.values import VirtualMachine
from muster.plan.replication import Select
from muster.steps.preflight_checks.check import (
    Area,
    N,
    T,
    does_not_apply,
    none_of,
    rows_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.vault import not_protected


def selected_are_protected(facts: Facts) -> Verdict:
    facts.need("selected")
    if not facts.selected:
        return _nothing_selected(facts)
    facts.need("items")
    problems = {
        _name(facts, vm): not_protected(facts, vm.id)
        for vm in facts.selected
        if key_of(vm.id) not in facts.protected_ids
    }
    return none_of(problems, f"{len(facts.selected)} VMs are selected, and protected")


def selected_are_in_a_group(facts: Facts) -> Verdict:
    """What no group names is replicated, and neither drilled nor failed over nor checked."""
    facts.need("selected")
    named = {key_of(one) for one in facts.source_ids.values()}
    problems = {
        _name(facts, vm): "no group of the plan brings it up"
        for vm in facts.selected
        if key_of(vm.id) not in named
    }
    fine = f"{len(facts.selected)} VMs are selected, and in groups of the plan"
    return none_of(problems, fine) if facts.selected else _nothing_selected(facts)


def _nothing_selected(facts: Facts) -> Verdict:
    """What selects nothing was meant to select something: a name may be wrong."""
    if facts.plan.replication.select == Select():
        return does_not_apply("the plan has no `replication.select`")
    return unknown("`replication.select` selects no VM: compare its groups and tags with Azure")


def _name(facts: Facts, vm: VirtualMachine) -> str:
    """Its name; its whole id where another VM that is selected has the same name."""
    same = [one for one in facts.selected if one.name.casefold() == vm.name.casefold()]
    return vm.name if len(same) == 1 and same_id(same[0].id, vm.id) else vm.id


CHECKS = rows_of(
    Area.PLAN,
    ("PRE-107", "every VM that `replication.select` means is protected", T, T, N,
     "Protect it with `muster replicate PLAN`, or select it no more.", selected_are_protected),
    ("PRE-108", "every VM that `replication.select` means is in a group of the plan", T, T, T,
     "Add it to a group: what no group names is replicated, and never brought up or checked.",
     selected_are_in_a_group),
)  # fmt: skip
