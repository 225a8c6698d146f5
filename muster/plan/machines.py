"""One machine of a plan, its network cards, and how they should look after recovery."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from muster.plan.actions import PlanModel
from muster.plan.durations import Duration
from muster.plan.names import AzureName, VmName
from muster.plan.replication import Disks, Zone
from muster.plan.used import later

PoolName = Annotated[
    str,
    Field(
        pattern=r"^(/subscriptions/[^\s]+/backendAddressPools/[^\s/]+|[A-Za-z0-9_][\w.-]{0,79}/[A-Za-z0-9_][\w.-]{0,79})$",
        description="BALANCER/POOL in the target resource group, or a pool's full ARM id.",
    ),
]
_ADDRESS = r"^\d{1,3}(\.\d{1,3}){3}$"


class NicInTest(PlanModel):
    """How a card should look in a test failover. It gets no public address, ever."""

    subnet: AzureName | None = None
    private_ip: str | None = Field(None, pattern=_ADDRESS)
    network_security_group: AzureName | None = None
    backend_pools: tuple[PoolName, ...] = ()


class Nic(PlanModel):
    """What a network card should look like after recovery."""

    subnet: AzureName | None = None
    private_ip: str | None = Field(None, pattern=_ADDRESS)
    public_ip: bool = False
    network_security_group: AzureName | None = None
    public_ip_address: AzureName | None = later(
        None, "The public address to take. With `public_ip: true` alone, one is made."
    )
    backend_pools: tuple[PoolName, ...] = later((), "Pools of internal load balancers to join.")
    accelerated: bool | None = later(
        None, "Accelerated networking. Left out: as at the source, the only place it can be from."
    )
    test: NicInTest = later(NicInTest())


class Vm(PlanModel):
    """One machine of the application."""

    name: VmName
    critical: bool = Field(default=True, description="Whether the drill fails with it.")
    nics: tuple[Nic, ...] = ()
    size: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{3,60}$")
    boot_within: Duration = timedelta(minutes=15)
    os: Literal["linux", "windows"] = "linux"
    resource_group: AzureName | None = later(
        None, "Where it is, if not in `source.resource_group`; an id may name a subscription too."
    )
    zone: Zone | None = later(None, "Zone it recovers into.")
    availability_set: AzureName | None = later(None, "Availability set it recovers into.")
    proximity_group: AzureName | None = later(None, "Proximity placement group it recovers into.")
    capacity_reservation: AzureName | None = later(
        None, "Capacity reservation group it recovers into."
    )
    disks: Disks = later(Disks())
    kernel: str | None = later(
        None,
        "Its kernel, as `uname -r` says: Azure tells it nowhere.",
        pattern=r"^\d+\.\d+[A-Za-z0-9._+~-]{0,60}$",
    )


def _vm_from_name(value: Any) -> Any:
    return {"name": value} if value is None or isinstance(value, str | bool) else value


VmEntry = Annotated[Vm, BeforeValidator(_vm_from_name, json_schema_input_type=str | Vm)]
