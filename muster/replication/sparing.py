"""What is refused of a VM is not touched: nothing is made or changed for its sake. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from muster.gateway.ids import key_of
from muster.replication.change import OF_ONE_VM, Act, Change
from muster.replication.dependence import ids_needed_by
from muster.replication.part_ids import network_mapping_id
from muster.replication.wanted import VmWanted, Wanted

SENDS = (Act.CREATE, Act.CHANGE)


def refused_vms(changes: Iterable[Change]) -> frozenset[str]:
    """Names of the VMs of which something is refused."""
    return frozenset(
        one.name for one in changes if one.act is Act.REFUSE and one.kind in OF_ONE_VM
    )


def standing_in_the_way(changes: Iterable[Change], vms: Iterable[str]) -> tuple[Change, ...]:
    """What is refused for everybody, of VMs by their names: what is refused of one stops no
    other, and what is refused of every VM leaves nothing to be done.
    """
    refused = [one for one in changes if one.act is Act.REFUSE]
    is_nobody_left = set(vms) <= refused_vms(refused)
    return tuple(one for one in refused if is_nobody_left or one.kind not in OF_ONE_VM)


def without_idle(changes: tuple[Change, ...], vms: Iterable[VmWanted]) -> tuple[Change, ...]:
    """The same without what no run would do: where something stands in everybody's way, or there
    is no VM, a run ends before it sends anything.
    """
    names = [vm.name for vm in vms]
    if names and not standing_in_the_way(changes, names):
        return changes
    return tuple(one for one in changes if one.act not in SENDS)


def spared(wanted: Wanted, changes: tuple[Change, ...]) -> tuple[Wanted, tuple[Change, ...]]:
    """The same without what only refused VMs need, and with nothing sent to their items.

    They stay among the VMs that are wanted, so that each is named with its reason. Where every VM
    is refused nothing at all is made: what all share, nobody would use.
    """
    refused = refused_vms(changes)
    if not refused:
        return wanted, changes
    keeps = [vm for vm in wanted.vms if vm.name not in refused]
    if not keeps:
        return wanted, tuple(one for one in changes if one.act not in SENDS)
    stops = [vm for vm in wanted.vms if vm.name in refused]
    dropped = _needs(wanted, stops) - _needs(wanted, keeps)
    kept = tuple(one for one in changes if not _falls_away(one, dropped, refused))
    return _trimmed(wanted, dropped), kept


def let_go(
    wanted: Wanted, changes: tuple[Change, ...], vm_ids: frozenset[str]
) -> tuple[Wanted, tuple[Change, ...]]:
    """The same without VMs that are left as they are, and without what only they need.

    Args:
        wanted: With them.
        changes: With theirs.
        vm_ids: Keys of the source VMs' ids.
    """
    goes = [vm for vm in wanted.vms if key_of(vm.source_vm_id) in vm_ids]
    keeps = tuple(vm for vm in wanted.vms if key_of(vm.source_vm_id) not in vm_ids)
    if not goes:
        return wanted, changes
    dropped = _needs(wanted, goes) - _needs(wanted, keeps)
    names = frozenset(vm.name for vm in goes)
    kept = tuple(
        one
        for one in changes
        if not (one.id is not None and key_of(one.id) in dropped)
        and not (one.kind in OF_ONE_VM and one.name in names)
        and (keeps or one.act not in SENDS)
    )
    return replace(_trimmed(wanted, dropped), vms=keeps), kept


def _trimmed(wanted: Wanted, dropped: set[str]) -> Wanted:
    return replace(
        wanted,
        resources=tuple(one for one in wanted.resources if key_of(one.id) not in dropped),
        network_mappings=tuple(
            one
            for one in wanted.network_mappings
            if key_of(network_mapping_id(wanted, one)) not in dropped
        ),
    )


def _needs(wanted: Wanted, vms: Iterable[VmWanted]) -> set[str]:
    return {key_of(one) for vm in vms for one in ids_needed_by(wanted, vm)}


def _falls_away(change: Change, dropped: set[str], refused: frozenset[str]) -> bool:
    if change.id is not None and key_of(change.id) in dropped:
        return True
    return change.kind in OF_ONE_VM and change.name in refused and change.act in SENDS
