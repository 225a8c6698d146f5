"""Which VMs are replicated, and which are left, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.values import ProtectedItem
from muster.plan.model import RecoveryPlan
from muster.replication.elsewhere import way_back
from muster.replication.found import Found, FoundVm
from muster.replication.item_states import FINISH, stands_otherwise
from muster.replication.judgement import Judgement, judged
from muster.replication.naming import group_id_of, named_id
from muster.replication.primary_side import moving_job
from muster.replication.selecting import selects
from muster.replication.support import (
    account_problems,
    judge_support,
    needs_premium_cache,
    says_already_protected,
)
from muster.replication.terms import named_by, source_id
from muster.replication.wanted import Left

PROTECTED, UNSUPPORTED, PENDING, NOT_FOUND = "protected", "unsupported", "pending", "not found"
CLAIMED = "another plan's"
_KIND_OF = {"refuse": UNSUPPORTED, "wait": PENDING}


def select_vms(plan: RecoveryPlan, found: Found) -> tuple[tuple[FoundVm, ...], tuple[Left, ...]]:
    """The VMs that are replicated, and those that are not.

    VMs that the plan's vault protects already are among the first: what is wanted of them is
    compared with what they have. Those of the plan's groups come first, then what `select` adds.

    Returns:
        Chosen VMs, and those left with kind, reason and remedy; those that the plan names first.
    """
    chosen: list[FoundVm] = []
    left: list[Left] = []
    for vm in candidates(plan, found):
        reason = _left(plan, found, vm) or _same_name(plan, found, vm, chosen)
        if reason:
            is_named = named_by(plan, vm, found.subscription) is not None
            left.append(replace(reason, vm_id=vm.id, is_named=is_named))
        else:
            chosen.append(vm)
    left += _missing(plan, found)
    return tuple(chosen), tuple(sorted(left, key=lambda one: not one.is_named))


def told_of(
    plan: RecoveryPlan, found: Found, vms: tuple[FoundVm, ...]
) -> tuple[tuple[str, Judgement], ...]:
    """What to know of VMs that are replicated all the same, and of the plan's cache account.

    Returns:
        Name of the VM, or of the account, and the judgement.
    """
    of_vms = ((vm.name, one) for vm in vms for one in judge_support(plan, found, vm))
    every = (*of_vms, *_of_account(plan, found, vms))
    return tuple((name, one) for name, one in every if one.verdict == "tell")


def _of_account(
    plan: RecoveryPlan, found: Found, vms: tuple[FoundVm, ...]
) -> Iterator[tuple[str, Judgement]]:
    """What to know of the account that the plan names; refusals are `compare`'s."""
    said = plan.replication.cache_storage
    if not said:
        return
    group = group_id_of(plan.source.resource_group, plan.source.subscription or found.subscription)
    account = found.account(named_id(said, group, "Microsoft.Storage/storageAccounts"))
    if account is None:
        return
    for one in account_problems(plan.source.region, account):
        yield account.name, one
    if account.kind.casefold() != "blockblobstorage":
        for vm in vms:
            if any(needs_premium_cache(disk) for disk in vm.disks):
                yield vm.name, judged("cache-premium", account.name, part="cache")


def candidates(plan: RecoveryPlan, found: Found) -> Iterator[FoundVm]:
    """VMs that the plan names, then those it selects, each once."""
    named = [source_id(plan, vm, found.subscription) for vm in plan.all_vms]
    seen: list[str] = []
    for wanted in named:
        for vm in found.vms:
            if same_id(vm.id, wanted):
                seen.append(vm.id)
                yield vm
    for vm in sorted(found.vms, key=lambda one: one.id.casefold()):
        if _is_selected(plan, found, vm) and not any(same_id(vm.id, one) for one in seen):
            yield vm


def _is_selected(plan: RecoveryPlan, found: Found, vm: FoundVm) -> bool:
    """Whether `replication.select` means a VM."""
    subscription = plan.source.subscription or found.subscription
    return selects(plan, subscription, vm.id, vm.region, vm.tags)


def _left(plan: RecoveryPlan, found: Found, vm: FoundVm) -> Left | None:
    """Why a VM is left; None for one that is replicated."""
    if vm.unseen:
        return _unseen(vm)
    if item := found.item_of(vm.id):
        return _moved(plan, vm, item)
    if other := found.elsewhere.get(key_of(vm.id)):
        vault = parse_id(other).name
        why = f"it is protected by another vault, {vault} ({other})"
        return Left(vm.name, PROTECTED, why, way_back(other))
    if any(says_already_protected(one.code) for one in vm.eligibility or ()):
        return Left(
            vm.name,
            PROTECTED,
            "Azure says that it is protected already, and not by the plan's vault",
            "Look for it among the replicated items of your vaults, and disable it there.",
        )
    if vm.network_id is None:
        return Left(
            vm.name,
            PENDING,
            "no network card of it could be read, so that its network is not known",
            "Look at its network interfaces, and whether they may be read.",
        )
    return _judged(plan, found, vm)


def _unseen(vm: FoundVm) -> Left:
    """A VM of which a part is not known: where it would land, or whether Azure takes its disks."""
    one = vm.unseen[0]
    more = f" (and {len(vm.unseen) - 1} more of it)" if len(vm.unseen) > 1 else ""
    return Left(
        vm.name,
        PENDING,
        f"{parse_id(one.what).name}, which it names, could not be read{more}: {one.why}",
        "Permit reading its disks and network cards, then run this again.",
    )


def _same_name(
    plan: RecoveryPlan, found: Found, vm: FoundVm, chosen: list[FoundVm]
) -> Left | None:
    """Two VMs of one name cannot recover into one resource group; nor does a VM that was only
    selected stand in for the one of its name that the plan names and that was not found.
    """
    rivals = [one.id for one in chosen]
    if named_by(plan, vm, found.subscription) is None:
        rivals += [source_id(plan, one, found.subscription) for one in plan.all_vms]
    name = vm.name.casefold()
    other = next((one for one in rivals if parse_id(one).name.casefold() == name), None)
    if other is None:
        return None
    return Left(
        vm.name,
        UNSUPPORTED,
        f"{other} has the same name, and both would recover into one resource group",
        "Give it a plan of its own with another target group.",
    )


def _judged(plan: RecoveryPlan, found: Found, vm: FoundVm) -> Left | None:
    """All that stands in the way at once; what never changes names the kind."""
    against = [one for one in judge_support(plan, found, vm) if one.verdict != "tell"]
    if not against:
        return None
    verdict = "refuse" if any(one.verdict == "refuse" for one in against) else "wait"
    why = "; ".join(one.why for one in against)
    remedy = " ".join(dict.fromkeys(one.remedy for one in against))
    return Left(vm.name, _KIND_OF[verdict], why, remedy)


def _moved(plan: RecoveryPlan, vm: FoundVm, item: ProtectedItem) -> Left | None:
    """A VM that is not, now, replicated from the source region."""
    here, there = item.primary_fabric_location, plan.source.region
    if item.active_location.casefold() == "recovery":
        return Left(
            vm.name,
            PENDING,
            f"it has been failed over: {item.protection_state_description}",
            "Commit and reprotect it, or fail it back, before its replication is set up anew.",
        )
    if here and here.casefold() != there:
        remedy = "Fail it back, or give it a plan whose `source.region` is where it runs."
        if vm.region.casefold() == here.casefold():
            remedy = f"Correct `source.region` in the plan: it runs in {here}."
        return Left(vm.name, PENDING, f"it is replicated from {here}, not from {there}", remedy)
    if why := stands_otherwise(item) or moving_job(item):
        return Left(vm.name, PENDING, why, FINISH)
    return None


_DELETED = (
    "Its item is there, so the VM was deleted: first disable the item's replication in the "
    "portal, then take the VM out of the plan. No run ends the replication of one VM by itself."
)


def _missing(plan: RecoveryPlan, found: Found) -> Iterator[Left]:
    for vm in plan.all_vms:
        wanted = source_id(plan, vm, found.subscription)
        if any(same_id(one.id, wanted) for one in found.vms):
            continue
        unread = next((one for one in found.unread if same_id(one.what, wanted)), None)
        if unread:
            why = f"it could not be read: {unread.why}"
            yield Left(vm.name, PENDING, why, "Run it again.", wanted, is_named=True)
            continue
        group = wanted.partition("/providers/")[0]
        remedy = "Correct its name, or say where it is: `resource_group` of the VM."
        if found.item_of(wanted):
            remedy = _DELETED
        why = f"there is no such VM in {group}"
        yield Left(vm.name, NOT_FOUND, why, remedy, wanted, is_named=True)
