"""What a plan says about one VM, its own keys before those of all."""

from __future__ import annotations

from dataclasses import dataclass

from muster.gateway.ids import same_id
from muster.plan.machines import Nic, Vm
from muster.plan.model import RecoveryPlan
from muster.replication.found import FoundDisk, FoundVm


@dataclass(frozen=True, slots=True)
class Terms:
    """Names are as the plan writes them: bare, or ARM ids."""

    excluded: frozenset[str]  # names of disks, folded
    target_type: str | None
    replica_type: str | None
    encryption_set: str | None
    nics: tuple[Nic, ...]
    size: str | None
    mirror: bool
    zone: str | None
    availability_set: str | None
    proximity_group: str | None
    capacity_reservation: str | None
    kernel: str | None  # as the plan says: no API of Azure's tells it

    def replicates(self, disk: FoundDisk) -> bool:
        """Whether a disk is replicated; the OS disk always is."""
        return disk.is_os or disk.name.casefold() not in self.excluded

    def nic(self, number: int) -> Nic:
        """What is said about a card, by its place; an empty one if nothing is."""
        return self.nics[number] if number < len(self.nics) else Nic()


def source_id(plan: RecoveryPlan, vm: Vm, subscription: str) -> str:
    """ARM id of a VM that the plan names.

    Args:
        plan: The plan.
        vm: One of its VMs.
        subscription: Where neither the VM's group nor `source.subscription` says one.
    """
    group = plan.group_of(vm)
    if not group.startswith("/subscriptions/"):
        group = f"/subscriptions/{plan.source.subscription or subscription}/resourceGroups/{group}"
    return f"{group}/providers/Microsoft.Compute/virtualMachines/{vm.name}"


def named_by(plan: RecoveryPlan, found: FoundVm, subscription: str) -> Vm | None:
    """The plan's own entry for a VM that was found; None for one that was only selected."""
    for vm in plan.all_vms:
        if same_id(source_id(plan, vm, subscription), found.id):
            return vm
    return None


def terms_of(plan: RecoveryPlan, found: FoundVm, subscription: str) -> Terms:
    """What holds for a VM; `subscription` is the one where the plan names none."""
    return terms_of_entry(plan, named_by(plan, found, subscription) or Vm(name=found.name))


def terms_of_entry(plan: RecoveryPlan, own: Vm) -> Terms:
    """What holds for a VM, by the plan's own entry for it."""
    every, disks = plan.replication.availability, plan.replication.disks
    stands = _stands(own, every.zone, every.availability_set)
    return Terms(
        excluded=frozenset(one.casefold() for one in (*disks.exclude, *own.disks.exclude)),
        target_type=own.disks.type or disks.type,
        replica_type=own.disks.replica_type or disks.replica_type,
        encryption_set=own.disks.encryption_set or disks.encryption_set,
        nics=own.nics,
        size=own.size,
        mirror=every.mirror,
        zone=stands[0],
        availability_set=stands[1],
        proximity_group=own.proximity_group or every.proximity_group,
        capacity_reservation=own.capacity_reservation or every.capacity_reservation,
        kernel=own.kernel,
    )


def _stands(own: Vm, zone: str | None, group: str | None) -> tuple[str | None, str | None]:
    """Zone or availability set: what the VM says of either goes before what all do."""
    if own.zone or own.availability_set:
        return own.zone, own.availability_set
    return zone, group
