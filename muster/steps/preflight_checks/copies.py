"""What is to come up in the target: as items are set, or as a replication is to set them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muster.gateway.ids import key_of
from muster.gateway.values import VirtualMachine
from muster.plan.actions import Operation
from muster.replication.wanted import VmWanted
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import cards_of, details_of
from muster.steps.preflight_checks.told import known, maybe


@dataclass(frozen=True, slots=True)
class Copy:
    """One VM as it would come up; `size` is a name of Azure's."""

    size: str
    zone: str | None


def machines(facts: Facts) -> tuple[str, ...]:
    """Names of the VMs that come up.

    Raises:
        NotRead: Items were not read; or it was not decided what is replicated.
    """
    if facts.operation is Operation.REPLICATE:
        return tuple(vm.name for vm in facts.decided.wanted.vms)
    facts.need("items")
    return tuple(facts.items)


def copy_of(facts: Facts, vm: str) -> Copy:
    """How a VM comes up: as its item is set, which is what Site Recovery makes a VM with.

    A plan that wants another size is told by a check of its own. Without one Azure chooses.

    Raises:
        NotRead: Azure does not tell it.
    """
    if facts.operation is Operation.REPLICATE:
        wanted = _wanted(facts, vm)
        source = _source_of(facts, wanted)
        size = wanted.size or (source.size if source else None)
        return Copy(known(size, f"the size of {vm}"), wanted.zone)
    item = facts.items[vm]
    size = known(item.recovery_size, f"the size that {vm} is set to")
    return Copy(size, maybe(details_of(item), "recoveryAvailabilityZone"))


def size_of(facts: Facts, vm: str) -> str:
    """The same, of its size alone: a zone that is not told hides no size; raises NotRead."""
    if facts.operation is Operation.REPLICATE:
        return copy_of(facts, vm).size
    return known(facts.items[vm].recovery_size, f"the size that {vm} is set to")


def count_of_cards(facts: Facts, vms: Iterable[str]) -> int:
    """Network cards of all VMs; raises NotRead."""
    return sum(_cards(facts, vm) for vm in vms)


def _cards(facts: Facts, vm: str) -> int:
    if facts.operation is not Operation.REPLICATE:
        return len(cards_of(facts.items[vm]))
    wanted = _wanted(facts, vm)
    source = _source_of(facts, wanted)
    return len(source.nic_ids) if source else len(wanted.cards)


def _wanted(facts: Facts, vm: str) -> VmWanted:
    return next(one for one in facts.decided.wanted.vms if one.name == vm)


def _source_of(facts: Facts, wanted: VmWanted) -> VirtualMachine | None:
    found = facts.decided.found
    read = found.machines if found else ()
    key = key_of(wanted.source_vm_id)
    return next((one for one in read if key_of(one.id) == key), None)
