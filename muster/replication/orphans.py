"""What nobody names any more: items of VMs that left the plan, and selections that select nothing.

They are told and never touched: whoever took a VM out of a plan may have given it to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.values import ProtectedItem
from muster.plan.model import RecoveryPlan
from muster.replication.found import Found, FoundVm
from muster.replication.judgement import Judgement
from muster.replication.naming import group_id_of
from muster.replication.setting import Setting
from muster.replication.terms import source_id

Told = tuple[str, Judgement]
ORPHAN = "orphan"
"""The rule under which it is told that something is replicated which the plan does not mean."""


def told_of_orphans(plan: RecoveryPlan, found: Found) -> Iterator[Told]:
    """Items that recover into the plan's target group, of VMs that were not found by the plan.

    The target group is what shows that they were made by this plan, whatever the journal holds.
    """
    known = {key_of(vm.id) for vm in found.vms} | {key_of(one.what) for one in found.unread}
    named = {key_of(source_id(plan, vm, found.subscription)) for vm in plan.all_vms}
    group = Setting(plan, found).target_group_id
    for item in found.setup.items:
        source = key_of(item.source_vm_id)
        if source in known or not same_id(item.recovery_resource_group_id, group):
            continue
        if source not in named:  # one that is named and gone is left out, with what to do
            told = _told(ORPHAN, _of_unnamed(item, plan), _REMEDY)
            yield item.friendly_name, replace(told, about=item.id)


_REMEDY = (
    "If nothing else needs it, disable its replication in the portal. `--disable` ends that of "
    "the VMs that the plan names, and of those that its runs enabled, unless another plan claims "
    "them: `--disable --plan-only` lists them."
)


def _of_unnamed(item: ProtectedItem, plan: RecoveryPlan) -> str:
    group = parse_id(item.recovery_resource_group_id).name
    return (
        f"the plan names no such VM ({item.source_vm_id}), and it is replicated into the target "
        f"group {group} of {plan.plan} all the same, {item.protection_state}"
    )


def told_of_selection(plan: RecoveryPlan, found: Found) -> Iterator[Told]:
    """Tags and groups of `replication.select` that not one VM has."""
    select = plan.replication.select
    for tag, value in select.tags.items():
        if not any(_bears(vm, tag, value) for vm in found.vms):
            why = f"no VM that was found bears the tag {tag}={value}: it selects nothing"
            yield "replication.select.tags", _told("select-nothing", why, _CORRECT)
    subscription = plan.source.subscription or found.subscription
    for name in select.resource_groups:
        group = group_id_of(name, subscription)
        there = [vm for vm in found.vms if same_id(parse_id(vm.id).group_id, group)]
        if not any(vm.region.casefold() == plan.source.region for vm in there):
            where = f"; they stand in {there[0].region}" if there else ""
            why = f"no VM of {name} was found in {plan.source.region}{where}: it selects nothing"
            yield "replication.select.resource_groups", _told("select-nothing", why, _CORRECT)


_CORRECT = "Correct it, or take it out of the plan."


def _bears(vm: FoundVm, tag: str, value: str) -> bool:
    return {key.casefold(): one for key, one in vm.tags.items()}.get(tag.casefold()) == value


def _told(rule: str, why: str, remedy: str) -> Judgement:
    return Judgement(rule, "tell", why, remedy, "")
