"""What a plan names for a recovered VM and nobody makes: its names as ARM ids, by VM. Pure.

The plan alone says it, whether or not a VM is protected, or its item names the same by now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from muster.plan.machines import Nic, Vm
from muster.plan.model import RecoveryPlan
from muster.replication.naming import named_id
from muster.replication.standing import PROXIMITY, RESERVATION, SET
from muster.replication.terms import terms_of_entry
from muster.replication.working_cards import BALANCER, PUBLIC_IP, SECURITY_GROUP
from muster.replication.working_out import ENCRYPTION_SET

POOLS = "/backendAddressPools/"


class Use(StrEnum):
    """Which copies of a VM use a thing."""

    ALWAYS = "always"  # that of a test and that of a failover
    TEST = "test"
    FAILOVER = "failover"


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing that the plan names for one VM."""

    vm: str
    use: Use
    arm_type: str  # what it has to be
    id: str  # as the plan writes it, or in the target's group; of a pool, its balancer's
    pool: str | None = None
    is_made: bool = False  # `muster replicate` makes it where it is missing

    @property
    def whole_id(self) -> str:
        """Its id; of a pool that of the pool."""
        return f"{self.id}{POOLS}{self.pool}" if self.pool else self.id


def planned_of(plan: RecoveryPlan, target_group_id: str) -> Iterator[Planned]:
    """Everything that a plan names for its VMs, in their order; ids are of the right types, which
    the loader sees to. Subnets are parts of the networks, which are read for their own sake.
    """
    for vm in plan.all_vms:
        yield from _standing(plan, vm, target_group_id)
        for nic in vm.nics:
            yield from _card(vm, nic, target_group_id)


def _standing(plan: RecoveryPlan, vm: Vm, group_id: str) -> Iterator[Planned]:
    terms = terms_of_entry(plan, vm)
    if (stands := terms.availability_set) and not terms.zone:
        made = not stands.startswith("/")
        yield Planned(vm.name, Use.ALWAYS, SET, named_id(stands, group_id, SET), is_made=made)
    for name, arm_type in (
        (terms.proximity_group, PROXIMITY),
        (terms.capacity_reservation, RESERVATION),
        (terms.encryption_set, ENCRYPTION_SET),
    ):
        if name:
            yield Planned(vm.name, Use.ALWAYS, arm_type, named_id(name, group_id, arm_type))


def _card(vm: Vm, nic: Nic, group_id: str) -> Iterator[Planned]:
    for use, name, arm_type in (
        (Use.FAILOVER, nic.network_security_group, SECURITY_GROUP),
        (Use.FAILOVER, nic.public_ip_address, PUBLIC_IP),
        (Use.TEST, nic.test.network_security_group, SECURITY_GROUP),
    ):
        if name:
            yield Planned(vm.name, use, arm_type, named_id(name, group_id, arm_type))
    for use, pools in (
        (Use.FAILOVER, nic.backend_pools),
        (Use.TEST, nic.test.backend_pools),
    ):
        for named in pools:
            balancer, pool = balancer_and_pool(named, group_id)
            yield Planned(vm.name, use, BALANCER, balancer, pool)


def balancer_and_pool(name: str, group_id: str) -> tuple[str, str]:
    """Id of a balancer, and the name of its pool, of BALANCER/POOL or of a pool's id."""
    if name.startswith("/"):
        return holder_and_pool(name)
    balancer, _, pool = name.partition("/")
    return named_id(balancer, group_id, BALANCER), pool


def holder_and_pool(arm_id: str) -> tuple[str, str]:
    """Id of what Azure is asked for, and the name of the pool in it; "" for what is no pool.

    The plan, as Azure, may write a pool's id in whatever case.
    """
    at = arm_id.casefold().rfind(POOLS.casefold())
    return (arm_id, "") if at < 0 else (arm_id[:at], arm_id[at + len(POOLS) :])
