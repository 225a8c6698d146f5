"""Items that are not the plan's, though its selection or its names mean their VMs. Pure.

What protects a VM is the plan's where the plan names the VM and no other plan's run enabled it
last; or where a run of the plan enabled it, and no other plan means it. Whatever else a selector
means stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import ProtectedItem
from muster.plan.model import RecoveryPlan
from muster.replication.change import OF_ONE_VM, Act, Change, Kind
from muster.replication.claiming import Claims, Enabled, Judged, Named
from muster.replication.comparing_vault import others_under, refused_policy
from muster.replication.decision import Decision
from muster.replication.judgement import Judgement
from muster.replication.listing import LEFT_OUT, ListedVm
from muster.replication.orphans import ORPHAN
from muster.replication.primary_side import Refusal
from muster.replication.selection import CLAIMED, PROTECTED
from muster.replication.sparing import SENDS, let_go, refused_vms, spared, without_idle
from muster.replication.terms import source_id
from muster.replication.wanted import Left, VmWanted

TWO_PLANS = "two-plans"
"""The rule under which it is told that another plan means a VM of this one, too."""


@dataclass(slots=True)
class _Sorted:
    """The VMs that other plans, or nobody we know, protect or mean."""

    left: dict[str, Left] = field(default_factory=dict)  # by key of the VM's id
    refused: list[Change] = field(default_factory=list)
    told: list[tuple[str, Judgement]] = field(default_factory=list)


def without_others(
    plan: RecoveryPlan, subscription: str, decision: Decision, claims: Claims
) -> Decision:
    """The decision, with nothing sent to items that are not the plan's.

    A VM that is only selected is left, and named, where its item is not what a run of the plan
    enabled, or another plan means it. One that the plan names is refused where another plan's run
    enabled it last, or may have, as its evidence does not read; where another plan only names it,
    too, that is told and stops nothing.

    Args:
        plan: Whose decision.
        subscription: Where the plan names none.
        decision: As worked out from what was read alone.
        claims: What the plan's own runs enabled, and what other plans claim.
    """
    named = {key_of(source_id(plan, vm, subscription)) for vm in plan.all_vms}
    items = {key_of(one.source_vm_id): one for one in decision.items}
    sent = {one.name for one in decision.changes if one.kind in OF_ONE_VM and one.act in SENDS}
    found = _Sorted()
    for vm in decision.wanted.vms:
        key = key_of(vm.source_vm_id)
        item = items.get(key)
        if key in named:
            _sort_named(found, vm, item, claims, is_sent=vm.name in sent)
        elif left := _not_ours(plan, vm, item, claims):
            found.left[key] = left
    decision = _with_refused(_without_left(decision, found.left), found.refused)
    by_id = {key_of(one.id): one for one in decision.items}
    told = (
        (name, _whose(one, by_id.get(key_of(one.about)), claims)) for name, one in decision.told
    )
    return replace(decision, told=(*told, *found.told))


def _whose(told: Judgement, item: ProtectedItem | None, claims: Claims) -> Judgement:
    """What is told of an item; of one that another plan claims whose it is, and no advice: to end
    it would take away that plan's protection.
    """
    if told.rule != ORPHAN or item is None:
        return told
    nothing = "Nothing is to be done about it in this plan."
    here = "it recovers into the same target group"
    if name := claims.named_by_another(item.source_vm_id):
        why = f"plan {name.plan} names it ({name.file}), and this one does not; {here}"
        return replace(told, why=why, remedy=nothing)
    sure = claims.enabled_by_another(item) or claims.taken_by_another(item.source_vm_id)
    if sure:
        return replace(told, why=f"{sure.said}; {here}", remedy=nothing)
    if unsure := claims.perhaps_of_another(item):
        return replace(told, why=f"{unsure.why}; {here}", remedy=unsure.remedy)
    return told


def policy_heeding_others(decision: Decision, claims: Claims) -> Decision:
    """The decision, where the change of a policy that holds for VMs of others is refused.

    What a run of the plan enabled is the plan's, though its VM be gone, or the plan mean it no
    more. A VM that is refused in this very run is no proof that its item is the plan's.
    """
    if not any(map(_changes_policy, decision.changes)):
        return decision
    refused = refused_vms(decision.changes)
    own = {key_of(one.source_vm_id) for one in decision.items if claims.enabled_by(one)}
    ours = replace(
        decision.wanted,
        vms=tuple(vm for vm in decision.wanted.vms if vm.name not in refused),
        own_vms=tuple(sorted(own)),
    )

    def judged(change: Change) -> Change:
        others = others_under(ours, decision.items, change.id or "")
        return refused_policy(change, others) if others and _changes_policy(change) else change

    changes = without_idle(tuple(map(judged, decision.changes)), decision.wanted.vms)
    return replace(
        decision, wanted=replace(decision.wanted, own_vms=ours.own_vms), changes=changes
    )


def _changes_policy(change: Change) -> bool:
    return change.kind is Kind.POLICY and change.act is Act.CHANGE


def _sort_named(
    found: _Sorted, vm: VmWanted, item: ProtectedItem | None, claims: Claims, *, is_sent: bool
) -> None:
    """Whose a VM is that the plan names: refused or told, or nothing said of it."""
    if item and (enabled := claims.enabled_by_another(item)):
        found.refused.append(_refused(vm, item, enabled, claims))
        return
    if item and (unknown := claims.perhaps_of_another(item)):
        if is_sent:
            found.refused.append(_refused_for_now(vm, item, unknown))
        else:
            judgement = Judgement(TWO_PLANS, "tell", unknown.why, unknown.remedy, "")
            found.told.append((vm.name, judgement))
        return
    for claim in _meant_by_others(vm, item, claims):
        remedy = (
            f"Take the VM out of this plan or out of {claim.plan}: one that both name is ended "
            "by neither."
        )
        found.told.append((vm.name, Judgement(TWO_PLANS, "tell", claim.said, remedy, "")))


def _not_ours(
    plan: RecoveryPlan, vm: VmWanted, item: ProtectedItem | None, claims: Claims
) -> Left | None:
    """A VM that is only selected and is left, with the reason; None for one that is replicated."""
    if item and (enabled := claims.enabled_by_another(item)):
        return _left(plan, vm, item, enabled.said, gives_way=True)
    for claim in _meant_by_others(vm, item, claims):
        return _left(plan, vm, item, claim.said, gives_way=True)
    if item and (unknown := claims.perhaps_of_another(item)):
        return replace(_left(plan, vm, item, unknown.why), remedy=unknown.remedy)
    if item and not claims.enabled_by(item):
        return _left(plan, vm, item, "no run of it enabled it")
    return None


def _meant_by_others(
    vm: VmWanted, item: ProtectedItem | None, claims: Claims
) -> Iterator[Named | Judged]:
    """What other plans' files say of a VM, and their runs: of one that nothing protects a run
    that ended proves nothing.
    """
    if name := claims.named_by_another(vm.source_vm_id):
        yield name
    elif item and (taken := claims.taken_by_another(vm.source_vm_id)):
        yield taken


def _left(
    plan: RecoveryPlan,
    vm: VmWanted,
    item: ProtectedItem | None,
    why: str,
    *,
    gives_way: bool = False,
) -> Left:
    of_item = f" (item {item.name})" if item else ""
    return Left(
        vm.name,
        PROTECTED if item else CLAIMED,
        f"only `replication.select` means it: {plan.plan} does not name it, and {why}{of_item}",
        "If it is this plan's, name the VM in it; else have `replication.select` pass it over.",
        vm.source_vm_id,
        gives_way=gives_way,
    )


def _refused(vm: VmWanted, item: ProtectedItem, claim: Enabled, claims: Claims) -> Change:
    return Change(
        Act.REFUSE,
        Kind.VM,
        vm.name,
        item.id,
        f"{claim.said}, and what another plan protects is not changed",
        remedy=f"Take the VM out of this plan; or, to have it by this one, "
        f"{claims.how_to_take_over(claim.plan)}, then run this again.",
    )


def _refused_for_now(vm: VmWanted, item: ProtectedItem, unknown: Refusal) -> Change:
    why = f"{unknown.why}; what another plan may protect is not changed"
    return Change(Act.REFUSE, Kind.VM, vm.name, item.id, why, remedy=unknown.remedy)


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
            return replace(vm, becomes=f"{LEFT_OUT}{one.kind}", why=one.why, remedy=one.remedy)
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
