"""What stands in the way of some VMs only is refused of these; the others go on. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from muster.gateway.ids import key_of
from muster.replication.change import OF_ONE_VM, Act, Change, Kind
from muster.replication.dependence import ids_named_by
from muster.replication.part_ids import item_id
from muster.replication.wanted import VmWanted, Wanted


def narrowed(wanted: Wanted, changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes, where a resource that is refused and that not every VM uses is refused of each
    VM that does: a balancer that one VM is to stand behind keeps no other from its replication.

    What every VM uses, or none of them by name, is refused as it is: once, for all.
    """
    every = tuple(changes)
    users = {id(one): _users(one, wanted) for one in every}
    narrow = [one for one in every if 0 < len(users[id(one)]) < len(wanted.vms)]
    reasons: dict[str, list[Change]] = {}
    for one in narrow:
        for vm in users[id(one)]:
            reasons.setdefault(vm.name, []).append(one)
    kept = (one for one in every if not any(one is other for other in narrow))
    own = {one.name: one for one in every if one.kind in OF_ONE_VM and one.act is Act.REFUSE}
    kept = (one for one in kept if one.kind not in OF_ONE_VM or one.name not in reasons)
    vms = (vm for vm in wanted.vms if vm.name in reasons)
    return (*kept, *(_refused(wanted, vm, reasons[vm.name], own.get(vm.name)) for vm in vms))


def _users(change: Change, wanted: Wanted) -> tuple[VmWanted, ...]:
    """The VMs that name a resource which is refused; none of anything else."""
    if change.act is not Act.REFUSE or change.kind is not Kind.RESOURCE or change.id is None:
        return ()
    key = key_of(change.id)
    return tuple(vm for vm in wanted.vms if key in map(key_of, ids_named_by(vm)))


def _refused(wanted: Wanted, vm: VmWanted, of: list[Change], own: Change | None) -> Change:
    """A VM's refusal: what it uses and cannot have, behind what was refused of it before."""
    whys = [*([own.why] if own else ()), *(f"{one.name}: {one.why}" for one in of)]
    remedies = [*([own.remedy] if own else ()), *(one.remedy for one in of)]
    return Change(
        Act.REFUSE,
        Kind.VM,
        vm.name,
        own.id if own else item_id(wanted, vm),
        "; ".join(whys),
        own.fields if own else (),
        " ".join(dict.fromkeys(filter(None, remedies))),
    )
