"""Sizes of virtual machines: what a name says, and the sizes a location offers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from muster.simulator.arm import paging
from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.locations import known
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.regions import ZONAL, ZONES, as_location
from muster.simulator.world import World

_NAME = re.compile(
    r"(?:Standard|Basic)_(?P<family>[A-Z]{1,4})(?P<number>\d+)(?:-\d+)?(?P<extra>[a-z]*)"
    r"(?:_(?P<chip>[A-Z]+\d+\w*?))??(?:_(?P<version>v\d+))?",
    re.IGNORECASE,
)
_OLD_COUNTS = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}
"""vCPUs of D and DS sizes of version 1 and 2, whose number is no count."""
_COUNTS = (2, 4, 8, 16, 32, 48, 64, 96)
_OFFERED = (  # family, ending, GiB for a vCPU, with a temporary disk
    ("D", "s_v5", 4, False),
    ("D", "ds_v5", 4, True),
    ("D", "as_v5", 4, False),
    ("D", "s_v4", 4, False),
    ("D", "s_v3", 4, True),
    ("E", "s_v5", 8, False),
    ("E", "ds_v5", 8, True),
    ("E", "as_v5", 8, False),
    ("F", "s_v2", 2, True),
)
_BURSTING = (("B1s", 1, 1), ("B1ms", 1, 2), ("B2s", 2, 4), ("B2ms", 2, 8), ("B4ms", 4, 16))
RESTRICTED = "restricted_sizes"
"""Table of the world: by location, by size in small letters, why it cannot be had there."""
_LOCATION = re.compile(r"location\s+eq\s+'([^']+)'", re.IGNORECASE)
_BURSTING_ENDINGS = ("ms", "ls", "s")


@dataclass(frozen=True, slots=True)
class Size:
    """What the name of a size says. `family` is the name of its quota."""

    name: str
    cores: int
    family: str

    @property
    def shown_family(self) -> str:
        """As usages spell it for people."""
        words = self.family.removeprefix("standard").removesuffix("Family")
        return f"Standard {words} Family vCPUs"


def size_of(name: str) -> Size | None:
    """What a size's name says, also of one that no location offers; None: no such name.

    Names follow https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions; the
    names of quotas are built from them as those seen are (Standard_D2s_v5: standardDSv5Family).
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    family, number = found["family"].upper(), int(found["number"])
    extra, version = found["extra"].lower(), (found["version"] or "").lower()
    cores = number
    if family in ("D", "DS") and version in ("", "v2"):
        cores = _OLD_COUNTS.get(number, number)
    if family == "B" and extra in _BURSTING_ENDINGS:
        extra = "s"
    quota = f"standard{family}{extra.upper()}{found['chip'] or ''}{version}Family"
    return Size(name, cores, quota)


def offered() -> list[Json]:
    """The sizes that are told for every location (Azure has many more)."""
    rows = [_row(name, cores, gib * 1024, 4 * gib * 1024) for name, cores, gib in _BURSTING]
    for family, ending, gib, disk in _OFFERED:
        for cores in _COUNTS:
            temporary = cores * 37 * 1024 if disk else 0
            rows.append(_row(f"{family}{cores}{ending}", cores, cores * gib * 1024, temporary))
    return rows


def list_skus(call: Call) -> Answer:
    """GET …/Microsoft.Compute/skus, with `$filter=location eq '…'`: sizes of VMs, no disks.

    Those that are offered everywhere, and those that VMs of the world have already.
    """
    found = _LOCATION.fullmatch(call.query.get("$filter", "").strip())
    if call.query.get("$filter") and found is None:
        raise bad_request("BadRequest", "The $filter reads: location eq 'westus2'.")
    where = [as_location(found[1])] if found else known(call.world)
    names = {row["name"]: row["name"] for row in offered()}
    for body in call.world.of_type("Microsoft.Compute/virtualMachines"):
        name = str((body["properties"].get("hardwareProfile") or {}).get("vmSize"))
        names.setdefault(name, name)
    told = [size for name in names if (size := size_of(name)) is not None]
    return listed([_sku(call.world, size, location) for location in where for size in told])


def _sku(world: World, size: Size, location: str) -> Json:
    barred = (world.table(RESTRICTED).get(location) or {}).get(size.name.lower())
    restrictions = [
        {
            "type": "Location",
            "values": [location],
            "restrictionInfo": {"locations": [location]},
            "reasonCode": barred,
        }
    ]
    zones = list(ZONES) if location in ZONAL else []
    return {
        "resourceType": "virtualMachines",
        "name": size.name,
        "tier": "Standard",
        "size": size.name.partition("_")[2],
        "family": size.family,
        "locations": [location],
        "locationInfo": [{"location": location, "zones": zones, "zoneDetails": []}],
        "capabilities": [{"name": "vCPUs", "value": str(size.cores)}],
        "restrictions": restrictions if barred else [],
    }


def list_in_location(call: Call) -> Answer:
    """GET …/locations/{location}/vmSizes."""
    return paging.page(call, offered())


def list_for_vm(call: Call) -> Answer:
    """GET …/virtualMachines/{vm}/vmSizes: those it could be resized to, here all."""
    call.get(call.target.owner)  # it has to be there
    return listed(offered())


def _row(name: str, cores: int, memory_mb: int, disk_mb: int) -> Json:
    return {
        "name": f"Standard_{name}",
        "numberOfCores": cores,
        "osDiskSizeInMB": 1047552,
        "resourceDiskSizeInMB": disk_mb,
        "memoryInMB": memory_mb,
        "maxDataDiskCount": min(32, max(2, cores * 2)),
    }


_SKUS = (
    "Sizes of VMs only, with family, cores, restrictions and the zones of their region. Keys: "
    "specified; that a restricted size is still made when asked for: a simplification."
)
_NOTE = "A choice of sizes, the same everywhere; sizes that are not told are accepted as well."
ROUTES: Routes = {
    ("Microsoft.Compute/skus", "list"): Route(list_skus, "specified", _SKUS),
    ("Microsoft.Compute/locations/vmSizes", "list"): Route(list_in_location, "specified", _NOTE),
    ("Microsoft.Compute/virtualMachines/vmSizes", "list"): Route(list_for_vm, "specified", _NOTE),
}
