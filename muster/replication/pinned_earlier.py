"""What a run that was left open does of the changes that are listed now, and what not. Pure.

It goes on by what its survey pinned: it makes what is wanted there and missing, changes the parts
of the vault that the survey said to change, and has no step for any VM that it did not begin with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from muster.gateway.ids import key_of
from muster.replication.change import OF_ONE_VM, Act, Change, Kind
from muster.replication.part_ids import (
    container_id,
    fabric_id,
    mapping_id,
    network_mapping_id,
    policy_id,
)
from muster.replication.wanted import VmWanted, Wanted

_SENDS = (Act.CREATE, Act.CHANGE)
_CHANGED_IF_PINNED = (Kind.POLICY, Kind.NETWORK_MAPPING)
OTHERWISE = "it goes by other settings of it, which it pinned"


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a run goes on by.

    `vms` are the names that it has steps for; `wanted` is None, and `changes` is empty, where it
    was left before its survey had pinned anything: it reads Azure anew then.
    """

    vms: tuple[str, ...]
    wanted: Wanted | None = None
    changes: tuple[Mapping[str, Any], ...] = ()  # as journalled


@dataclass(frozen=True, slots=True)
class NotDone:
    """A listed change that the run leaves as it is, or makes otherwise, and why."""

    kind: str
    name: str
    why: str


def not_done(pinned: Pinned, changes: Iterable[Change]) -> tuple[NotDone, ...]:
    """The listed changes that a run will not do, or not so, in their order."""
    return tuple(_each(pinned, changes))


def _each(pinned: Pinned, changes: Iterable[Change]) -> Iterator[NotDone]:
    for change in changes:
        if change.act in _SENDS and (why := _why(pinned, change)):
            yield NotDone(change.noun, change.name, why)


def _why(pinned: Pinned, change: Change) -> str | None:
    if change.kind in OF_ONE_VM:
        return _of_vm(pinned, change)
    if pinned.wanted is None:
        return None
    if key_of(change.id or "") not in _ids(pinned.wanted):
        return "it did not pin that it is wanted"
    is_changed = change.act is Act.CHANGE and change.kind in _CHANGED_IF_PINNED
    if is_changed and not _has(pinned, change, Act.CHANGE):
        return "its survey did not say that it is to be changed"
    return None


def _of_vm(pinned: Pinned, change: Change) -> str | None:
    if change.name not in pinned.vms:
        return "it did not pin this VM"
    if pinned.wanted is None:
        return None
    vm = next((one for one in pinned.wanted.vms if one.name == change.name), None)
    if vm is None:
        return "its survey left this VM out"
    if _has(pinned, change, Act.REFUSE, of=OF_ONE_VM):
        return "its survey refused this VM"
    return None if _is_the_same(vm, change) else OTHERWISE


def _is_the_same(vm: VmWanted, change: Change) -> bool:
    """Whether a VM is to be as it was pinned; of disks that were added, whether it has them."""
    if change.kind is Kind.DISKS:
        known = {key_of(disk.id) for disk in vm.disks}
        return all(key_of(disk.id) in known for disk in change.disks)
    return change.wanted == vm


def _has(pinned: Pinned, change: Change, act: Act, of: Collection[Kind] | None = None) -> bool:
    """Whether the survey journalled an act about the same thing."""
    kinds = {kind.value for kind in of or ()}
    return any(
        one["act"] == act.value
        and (
            one["name"] == change.name and one["kind"] in kinds
            if kinds
            else key_of(str(one["id"] or "")) == key_of(change.id or "")
        )
        for one in pinned.changes
    )


def _ids(wanted: Wanted) -> frozenset[str]:
    """Keys of all that is wanted outside of VMs."""
    fabrics = (wanted.source, wanted.target)
    return frozenset(
        key_of(one)
        for one in (
            wanted.vault.ref.id,
            *(one.id for one in (*wanted.groups, *wanted.resources)),
            *(fabric_id(wanted, one) for one in fabrics),
            *(container_id(wanted, one) for one in fabrics),
            policy_id(wanted),
            *(mapping_id(wanted, one) for one in wanted.mappings),
            *(network_mapping_id(wanted, one) for one in wanted.network_mappings),
        )
    )
