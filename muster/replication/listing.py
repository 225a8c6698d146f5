"""The VMs that a plan means, as found: size, system, disks, and what becomes of each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muster.gateway.ids import parse_id, same_id
from muster.replication.change import OF_ONE_VM, Act, Change
from muster.replication.found import FoundVm
from muster.replication.wanted import Left

_BECOMES = {
    Act.CREATE: "to be replicated",
    Act.CHANGE: "replicated, to change",
    Act.WAIT: "under way",
    Act.LEAVE: "replicated",
    Act.REFUSE: "refused",
}
_GRAVEST = (Act.REFUSE, Act.CREATE, Act.CHANGE, Act.WAIT, Act.LEAVE)


@dataclass(frozen=True, slots=True)
class ListedDisk:
    """A disk of a VM at the source; `size_gb` in GiB, None where Azure does not tell it."""

    name: str
    is_os: bool
    size_gb: int | None
    type: str | None


@dataclass(frozen=True, slots=True)
class ListedVm:
    """A VM at the source, for people to choose by."""

    name: str
    resource_group: str
    size: str
    os: str
    disks: tuple[ListedDisk, ...]
    becomes: str

    @property
    def gib(self) -> int | None:
        """GiB of all disks; None where one of them is not known."""
        sizes = [disk.size_gb for disk in self.disks]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None


def listed_vms(
    candidates: Sequence[FoundVm], changes: Sequence[Change], left: Sequence[Left]
) -> tuple[ListedVm, ...]:
    """Every VM that was found for a plan, in the order of selection.

    Args:
        candidates: As found, whether they are replicated or left.
        changes: What becomes of those that are replicated.
        left: Those that are not, with the kind of reason.
    """
    return tuple(_listed(vm, _becomes(vm, changes, left)) for vm in candidates)


def _listed(vm: FoundVm, becomes: str) -> ListedVm:
    disks = tuple(ListedDisk(one.name, one.is_os, one.size_gb, one.sku) for one in vm.disks)
    system = " ".join(part for part in (vm.os_name or vm.os, vm.os_version) if part)
    group = parse_id(vm.id).resource_group or ""
    return ListedVm(vm.name, group, vm.size, system or "not told", disks, becomes)


def _becomes(vm: FoundVm, changes: Sequence[Change], left: Sequence[Left]) -> str:
    why = next((one.kind for one in left if same_id(one.vm_id, vm.id)), None)
    acts = set(_acts_on(vm.name, changes)) if why is None else set()
    for act in _GRAVEST:
        if act in acts:
            return _BECOMES[act]
    return f"left out: {why}" if why else "waits for what is refused"


def _acts_on(name: str, changes: Sequence[Change]) -> Iterator[Act]:
    for change in changes:
        if change.kind in OF_ONE_VM and change.name == name:
            yield change.act
