"""What a plan may say about how its VMs are replicated; everything has a default."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from muster.plan.actions import PlanModel
from muster.plan.durations import Duration
from muster.plan.names import AzureName
from muster.plan.regions import Continent
from muster.plan.used import later

REGION_NAME = r"^[a-z][a-z0-9]{2,40}$"
RegionName = Annotated[str, Field(pattern=REGION_NAME)]
DiskType = Literal[
    "Standard_LRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_LRS", "Premium_ZRS"
]
DiskName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$")]
SUFFIX = "-asr"


def _zone_from_number(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Zone = Annotated[
    Literal["1", "2", "3"],
    BeforeValidator(_zone_from_number, json_schema_input_type=Literal["1", "2", "3", 1, 2, 3]),
]


class Policy(PlanModel):
    """Replication policy; defaults of Microsoft's walk-through, as the API itself fills zeros."""

    app_consistent_every: Duration = timedelta(hours=4)
    keep_recovery_points: Duration = timedelta(hours=24)
    name: str | None = later(
        None,
        "Name of the policy in the vault. Left out: as the portal calls it.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    )


class Select(PlanModel):
    """VMs to replicate besides those of the plan's groups, which always belong."""

    resource_groups: tuple[AzureName, ...] = Field(
        (), description="Every VM of these groups in the source region."
    )
    tags: dict[str, str] = Field(
        {},
        max_length=15,
        description="Only VMs that bear all of these; without groups, of the whole subscription.",
    )


class Disks(PlanModel):
    """Which disks are replicated, and what they become."""

    exclude: tuple[DiskName, ...] = Field(
        (), description="Names of data disks that are left behind."
    )
    type: DiskType | None = Field(
        None, description="Type of the disks after a failover. Left out: the source's."
    )
    replica_type: DiskType | None = Field(
        None, description="Type of the replica disks until then. Left out: the source's."
    )
    encryption_set: AzureName | None = Field(
        None, description="Disk encryption set in the target region, for customer-managed keys."
    )


class Availability(PlanModel):
    """Where recovered VMs stand; a VM's own keys go before these."""

    mirror: bool = Field(
        default=True,
        description="Availability sets, zones and proximity groups as at the source.",
    )
    zone: Zone | None = None
    availability_set: AzureName | None = None
    proximity_group: AzureName | None = None
    capacity_reservation: AzureName | None = None


class Replication(PlanModel):
    """How replication is set up by `muster replicate`."""

    policy: Policy = Policy()
    consistency_group: str | None = Field(
        None, description="Multi-VM consistency group; needs `mode: native`."
    )
    select: Select = later(Select())
    data_residency: Continent | tuple[RegionName, ...] | None = later(
        None, "Where data may be: a continent, or a list of regions."
    )
    cache_storage: AzureName | None = later(
        None, "Storage account in the source region. Left out: one is made."
    )
    suffix: str = later(
        SUFFIX,
        "What the names of copies end with.",
        pattern=r"^-[a-z0-9]{1,12}$",
    )
    availability: Availability = later(Availability())
    disks: Disks = later(Disks())
