"""What the plan says of cards, disks and networks that the source does not have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from muster.gateway.ids import last_of, same_id
from muster.plan.model import RecoveryPlan
from muster.replication.change import OF_ONE_VM, Act, Change, Kind
from muster.replication.found import Found, FoundVm
from muster.replication.terms import named_by
from muster.replication.wanted import Wanted

_CORRECT = "Correct `disks: {exclude: [...]}` in the plan."


def with_unmatched(
    plan: RecoveryPlan, found: Found, wanted: Wanted, changes: Iterable[Change]
) -> tuple[Change, ...]:
    """The changes, where a VM of which the plan says what is not there is refused instead."""
    refused = {one.name: one for one in _of_vms(plan, found, wanted)}
    kept = tuple(one for one in changes if one.kind not in OF_ONE_VM or one.name not in refused)
    own = tuple(_own_networks(plan, found, wanted))
    kept = tuple(one for one in kept if not any(_is_same(one, network) for network in own))
    return (*own, *_of_all(plan, found), *kept, *refused.values())


def _is_same(change: Change, other: Change) -> bool:
    """Whether two changes are of one thing, which one of them refuses with the better reason."""
    return change.id is not None and other.id is not None and same_id(change.id, other.id)


def _of_vms(plan: RecoveryPlan, found: Found, wanted: Wanted) -> Iterator[Change]:
    """VMs of which the plan names a card or a disk that they have not."""
    chosen = {one.source_vm_id for one in wanted.vms}
    for vm in (one for one in found.vms if one.id in chosen):
        said = tuple(_said_of(plan, found, vm))
        if not said:
            continue
        item = found.item_of(vm.id)
        why = "; ".join(why for why, _ in said)
        remedy = " ".join(remedy for _, remedy in said)
        arm_id = item.id if item else vm.id
        yield Change(Act.REFUSE, Kind.VM, vm.name, arm_id, why, remedy=remedy)


def _said_of(plan: RecoveryPlan, found: Found, vm: FoundVm) -> Iterator[tuple[str, str]]:
    """What is wrong with the plan's own entry for a VM, and what to do."""
    own = named_by(plan, vm, found.subscription)
    if own is None:
        return
    if len(own.nics) > len(vm.cards):
        cards = f"{len(vm.cards)} network card{'s' if len(vm.cards) != 1 else ''}"
        yield (
            f"the plan says something of {len(own.nics)} network cards, and it has {cards}",
            "Take the entries of `nics` that are too many out of the plan.",
        )
    for name in own.disks.exclude:
        if (why := _not_excludable(name, (vm,))) is not None:
            yield f"disk {name} is to be excluded, and {why}", _CORRECT


def _of_all(plan: RecoveryPlan, found: Found) -> Iterator[Change]:
    """Disks that are excluded for all VMs, and that none of them has."""
    for name in plan.replication.disks.exclude:
        if (why := _not_excludable(name, found.vms)) is not None and not found.unread:
            said = f"it is to be excluded for all, and {why}"
            yield Change(Act.REFUSE, Kind.RESOURCE, name, None, said, remedy=_CORRECT)


def _not_excludable(name: str, vms: Iterable[FoundVm]) -> str | None:
    """Why a name excludes no disk of VMs; None if it excludes one."""
    named = [disk for vm in vms for disk in vm.disks if disk.name.casefold() == name.casefold()]
    if not named:
        return "there is no such disk"
    return "an OS disk is always replicated" if all(disk.is_os for disk in named) else None


def _own_networks(plan: RecoveryPlan, found: Found, wanted: Wanted) -> Iterator[Change]:
    """Between regions a VM cannot recover into the network that it stands in."""
    if plan.is_zonal:
        return
    stood_in = [vm.network_id for vm in found.vms]
    for network in dict.fromkeys(vm.recovery_network_id for vm in wanted.vms):
        if any(same_id(network, one) for one in stood_in):
            why = "VMs stand in it in the source region: it is no network of the target region"
            remedy = "Name another one as `target.network`, or leave it out: a mirror is made."
            name = last_of(network)
            yield Change(Act.REFUSE, Kind.RESOURCE, name, network, why, remedy=remedy)
