"""Items that are not the plan's, though its selection or its names mean their VMs. Pure.

What protects a VM is the plan's where a run of the plan enabled it, or where the plan names the
VM and no other plan's run enabled it since. Whatever else a selector means stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.values import ProtectedItem
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, Kind
from muster.replication.claiming import Enabled
from muster.replication.comparing_vault import others_under, refused_policy
from muster.replication.decision import Decision
from muster.replication.listing import LEFT_OUT, ListedVm
from muster.replication.selection import PROTECTED
from muster.replication.sparing import OF_ONE_VM, let_go, refused_vms, spared
from muster.replication.terms import source_id
from muster.replication.wanted import Left, VmWanted


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that a run of another plan enabled, and enabled last."""

    item_id: str
    plan: str
    run: str


def without_others(
    plan: RecoveryPlan,
    subscription: str,
    decision: Decision,
    own: Sequence[Enabled],
    claims: Sequence[Claim] = (),
) -> Decision:
    """The decision, with nothing sent to items that are not the plan's.

    A VM that is only selected is left, and named; one that the plan names and another plan's run
    protects is refused.

    Args:
        plan: Whose decision.
        subscription: Where the plan names none.
        decision: As worked out from what was read alone.
        own: What the plan's own runs enabled.
        claims: What runs of other plans enabled since.
    """
    named = {key_of(source_id(plan, vm, subscription)) for vm in plan.all_vms}
    left: dict[str, Left] = {}
    refused: list[Change] = []
    for vm, item in _held(decision):
        claim = next((one for one in claims if same_id(one.item_id, item.id)), None)
        key = key_of(vm.source_vm_id)
        if key not in named and (claim or not is_enabled_by(item, own)):
            left[key] = _left(plan, vm, item, claim)
        elif claim:
            refused.append(_refused(vm, item, claim))
    return _with_refused(_without_left(decision, left), refused)


def policy_heeding_others(decision: Decision, own: Sequence[Enabled]) -> Decision:
    """The decision, where the change of a policy that holds for VMs of others is refused.

    A VM that is refused in this very run is no proof that its item is the plan's: only one that
    a run of the plan enabled is.
    """
    refused = refused_vms(decision.changes)
    enabled = {key_of(one.source_vm_id) for one in decision.items if is_enabled_by(one, own)}
    ours = tuple(
        vm
        for vm in decision.wanted.vms
        if vm.name not in refused or key_of(vm.source_vm_id) in enabled
    )
    wanted = replace(decision.wanted, vms=ours)

    def judged(change: Change) -> Change:
        if change.kind is not Kind.POLICY or change.act is not Act.CHANGE:
            return change
        others = others_under(wanted, decision.items, change.id or "")
        return refused_policy(change, others) if others else change

    return replace(decision, changes=tuple(map(judged, decision.changes)))


def is_enabled_by(item: ProtectedItem, enabled: Sequence[Enabled]) -> bool:
    """Whether an item is what one of these enablings asked for, and not made anew since by
    somebody else on other terms.
    """
    return any(one.is_of(item) for one in enabled)


def _held(decision: Decision) -> list[tuple[VmWanted, ProtectedItem]]:
    items = {key_of(one.source_vm_id): one for one in decision.items}
    every = ((vm, items.get(key_of(vm.source_vm_id))) for vm in decision.wanted.vms)
    return [(vm, item) for vm, item in every if item is not None]


def _left(plan: RecoveryPlan, vm: VmWanted, item: ProtectedItem, claim: Claim | None) -> Left:
    by = f"run {claim.run} of plan {claim.plan} enabled it" if claim else "no run of it enabled it"
    return Left(
        vm.name,
        PROTECTED,
        f"only `replication.select` means it: {plan.plan} does not name it, and {by} "
        f"(item {item.name})",
        "If it is this plan's, name the VM in it; else have `replication.select` pass it over.",
        vm.source_vm_id,
    )


def _refused(vm: VmWanted, item: ProtectedItem, claim: Claim) -> Change:
    return Change(
        Act.REFUSE,
        Kind.VM,
        vm.name,
        item.id,
        f"run {claim.run} of plan {claim.plan} enabled it, and what another plan protects is "
        "not changed",
        remedy=f"Take the VM out of one of the two plans; or end its replication by "
        f"{claim.plan}, then run this again: its recovery points are lost by that.",
    )


def _without_left(decision: Decision, left: dict[str, Left]) -> Decision:
    if not left:
        return decision
    gone = frozenset(left)
    names = {one.name for one in left.values()}
    wanted, changes = let_go(decision.wanted, decision.changes, gone)
    return replace(
        decision,
        wanted=wanted,
        changes=changes,
        left=(*decision.left, *left.values()),
        told=tuple(one for one in decision.told if one[0] not in names),
        outbound=tuple(one for one in decision.outbound if one.vm not in names),
        listed=tuple(_listed(one, left) for one in decision.listed),
    )


def _listed(vm: ListedVm, left: Mapping[str, Left]) -> ListedVm:
    """A VM as it is listed, where it is left as somebody else's."""
    for key, one in left.items():
        place = parse_id(key)
        if (place.resource_group or "", place.name) == (
            vm.resource_group.casefold(),
            vm.name.casefold(),
        ):
            return replace(vm, becomes=f"{LEFT_OUT}{PROTECTED}", why=one.why, remedy=one.remedy)
    return vm


def _with_refused(decision: Decision, refused: Sequence[Change]) -> Decision:
    if not refused:
        return decision
    names = {one.name for one in refused}
    kept = (one for one in decision.changes if one.kind not in OF_ONE_VM or one.name not in names)
    wanted, changes = spared(decision.wanted, (*kept, *refused))
    listed = tuple(
        replace(one, becomes="refused") if one.name in names else one for one in decision.listed
    )
    return replace(decision, wanted=wanted, changes=changes, listed=listed)
