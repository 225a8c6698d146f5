"""Which items of a vault are a plan's to release, and which are somebody else's. Pure.

An item is the plan's when its VM is one that the plan names, or one that a run of the plan
enabled, and no other plan claims it; a selector alone makes it nobody's: a tag that fits was
perhaps set by another team.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from muster.gateway.ids import key_of, last_of, lies_in, same_id
from muster.gateway.values import ProtectedItem
from muster.plan.model import RecoveryPlan
from muster.replication.claiming import FOREIGN, Claims
from muster.replication.found import Found
from muster.replication.item_details import policy_of
from muster.replication.naming import digest
from muster.replication.primary_side import BACK, MOVED, Refusal
from muster.replication.setting import Setting
from muster.replication.terms import source_id


@dataclass(frozen=True, slots=True)
class Held:
    """An item that the end of a plan's replication is about; `name` is what its step is called."""

    name: str
    item: ProtectedItem
    because: str  # why it is looked at
    refusal: Refusal | None = None  # why it stays, whatever its state


def held_by(
    plan: RecoveryPlan,
    subscription: str,
    items: Sequence[ProtectedItem],
    claims: Claims,
    selected: Collection[str] = (),
) -> tuple[Held, ...]:
    """The items of the plan's vault that its end is about, those that it names first.

    Args:
        plan: Whose.
        subscription: Where the plan names none.
        items: All items of the vault, read now.
        claims: What the plan's own runs enabled, and what other plans claim.
        selected: ARM ids of the VMs that `replication.select` means.

    Returns:
        Each once; those of others with the reason why they are not released.
    """
    setting = Setting(plan, Found(subscription))
    found = {key_of(one.item.id): one for one in _named(setting, items, claims)}
    for item in items:
        if key_of(item.id) in found:
            continue
        if run := claims.enabled_by(item):
            refusal = claims.of_another(item)
            found[key_of(item.id)] = Held(_vm(item), item, f"enabled by run {run}", refusal)
        elif any(same_id(item.source_vm_id, one) for one in selected):
            refusal = _only_selected(plan, item)
            found[key_of(item.id)] = Held(_vm(item), item, "selected", refusal)
    return tuple(_each_named_once(list(found.values())))


def _named(setting: Setting, items: Sequence[ProtectedItem], claims: Claims) -> Iterator[Held]:
    """Items of the VMs that the plan names; the VM itself may be gone."""
    plan, subscription = setting.plan, setting.found.subscription
    for vm in plan.all_vms:
        vm_id = source_id(plan, vm, subscription)
        for item in items:
            if _is_turned(setting, item, vm_id):
                yield Held(vm.name, item, "named by the plan", _turned(item))
            elif same_id(item.source_vm_id, vm_id):
                ours = claims.enabled_by(item) or _is_by_terms(setting, item)
                refusal = claims.of_another(item) if ours else _other_terms(setting, item)
                yield Held(vm.name, item, "named by the plan", refusal)


def _is_turned(setting: Setting, item: ProtectedItem, vm_id: str) -> bool:
    """Whether an item replicates what a failover made of a VM: from the target, home again."""
    is_copy = lies_in(item.source_vm_id, setting.target_group_id)
    home = vm_id.partition("/providers/")[0]
    is_same_name = last_of(item.source_vm_id).casefold() == last_of(vm_id).casefold()
    return is_copy and is_same_name and same_id(item.recovery_resource_group_id, home)


def _turned(item: ProtectedItem) -> Refusal:
    return Refusal(MOVED, f"it runs at the target, as {item.source_vm_id}, replicated home", BACK)


def _is_by_terms(setting: Setting, item: ProtectedItem) -> bool:
    """Whether an item is under the plan's policy and leads into the plan's group."""
    policy = last_of(policy_of(item)).casefold()
    leads = same_id(item.recovery_resource_group_id, setting.target_group_id)
    return leads and policy == setting.policy.name.casefold()


def _other_terms(setting: Setting, item: ProtectedItem) -> Refusal:
    has = f"{_last(policy_of(item))} and recovers into {_last(item.recovery_resource_group_id)}"
    says = f"{setting.policy.name} and {_last(setting.target_group_id)}"
    return Refusal(
        FOREIGN,
        f"it is under the policy {has}, where the plan says {says}, and no run of the plan "
        "enabled it",
        "Disable it by the plan that protects it, or in the vault; if it is this plan's, write "
        "into it what the item has (`replication.policy.name`, `target.resource_group`).",
    )


def _only_selected(plan: RecoveryPlan, item: ProtectedItem) -> Refusal:
    return Refusal(
        FOREIGN,
        f"only `replication.select` means it: {plan.plan} does not name it, and no run of the "
        f"plan enabled item {item.name}",
        "Disable it by the plan that protects it, or in the vault; or name the VM in this plan, "
        "or have `replication.select` pass it over.",
    )


def _last(arm_id: str) -> str:
    return last_of(arm_id) or "(nothing)"


def _vm(item: ProtectedItem) -> str:
    return item.friendly_name or last_of(item.source_vm_id) or item.name


def _each_named_once(held: list[Held]) -> Iterator[Held]:
    """Two items of VMs of one name are told apart by a few signs of a hash of their ids."""
    counts = Counter(one.name.casefold() for one in held)
    for one in held:
        if counts[one.name.casefold()] == 1:
            yield one
        else:
            name = f"{one.name}-{digest(key_of(one.item.id))}"
            yield Held(name, one.item, one.because, one.refusal)
