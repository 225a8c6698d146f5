"""Quotas: what a location still has room for, counted from the world as it is.

Limits are the world file's; where it says nothing they are the defaults here, high enough not to
stand in the way. (Azure's own differ by subscription and are lower.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from urllib.parse import quote

from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.ids import same
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.compute.sizes import Size, size_of
from muster.simulator.json_types import Json
from muster.simulator.regions import as_location
from muster.simulator.world import World

TABLE = "quotas"
"""Table of the world: limits by name, by location."""
VM = "Microsoft.Compute/virtualMachines"
CORES, VMS, FAMILY_CORES = "cores", "virtualMachines", 10_000
_COMPUTE: Mapping[str, tuple[str, int]] = {
    "availabilitySets": ("Availability Sets", 2_500),
    CORES: ("Total Regional vCPUs", 10_000),
    VMS: ("Virtual Machines", 25_000),
}
_NETWORK: Mapping[str, tuple[str, str, int]] = {
    "VirtualNetworks": ("virtualNetworks", "Virtual Networks", 1_000),
    "NetworkSecurityGroups": ("networkSecurityGroups", "Network Security Groups", 5_000),
    "NetworkInterfaces": ("networkInterfaces", "Network Interfaces", 65_536),
    "PublicIPAddresses": ("publicIPAddresses", "Public IP Addresses", 1_000),
    "LoadBalancers": ("loadBalancers", "Load Balancers", 1_000),
    "RouteTables": ("routeTables", "Route Tables", 200),
    "PrivateEndpoints": ("privateEndpoints", "Private Endpoints", 65_536),
}
"""Name of the quota -> last word of the type it counts, words for people, default limit."""


def is_name(name: str) -> bool:
    """Whether a quota that is no family's has this name."""
    return any(same(name, known) for known in (*_COMPUTE, *_NETWORK))


def demand_room(
    world: World, location: str, size: str, count: int = 1, *, instead_of: str = ""
) -> None:
    """Refuse `count` more VMs of a size where a quota has no room for them.

    `instead_of` is the size of a VM there is, which is to be resized.

    Raises: AzureError 409 OperationNotAllowed; status, code and words as in public issue threads.
    """
    found = size_of(size)
    if found is None:
        return
    used, _ = _used(world, location)
    needed = Counter({CORES: found.cores * count, VMS: count, found.family: found.cores * count})
    if instead_of and (old := size_of(instead_of)):
        needed.subtract({CORES: old.cores, VMS: 1, old.family: old.cores})
    for name, more in needed.items():
        limit = _limit(world, location, name)
        if more > 0 and used[name] + more > limit:
            raise _exceeded(world, location, name, limit, used[name], more)


def demand_network_room(world: World, arm_type: str, location: str) -> None:
    """Refuse one more network resource where its quota has no room. Code: inferred by the type."""
    for name, (word, _, default) in _NETWORK.items():
        if not same(arm_type, f"Microsoft.Network/{word}"):
            continue
        limit = _limit(world, location, name, default)
        if _count(world, arm_type, location) + 1 > limit:
            one = word[0].upper() + word[1:].removesuffix("es" if word.endswith("sses") else "s")
            raise bad_request(
                f"{one.removesuffix('Address')}CountLimitReached",
                f"Cannot create more than {limit} {_NETWORK[name][1].lower()} for this "
                f"subscription in this region.",
            )


def list_compute(call: Call) -> Answer:
    """GET …/Microsoft.Compute/locations/{location}/usages."""
    world, location = call.world, as_location(call.target.names[0])
    used, families = _used(world, location)
    rows = [
        _usage(name, shown, used[name], _limit(world, location, name))
        for name, (shown, _) in _COMPUTE.items()
    ]
    rows += [
        _usage(name, size.shown_family, used[name], _limit(world, location, name))
        for name, size in sorted(families.items())
    ]
    return listed(rows)


def list_network(call: Call) -> Answer:
    """GET …/Microsoft.Network/locations/{location}/usages."""
    world, location = call.world, as_location(call.target.names[0])
    scope = f"{call.target.scope}/providers/Microsoft.Network/locations/{location}/usages"
    rows = []
    for name, (word, shown, default) in _NETWORK.items():
        count = _count(world, f"Microsoft.Network/{word}", location)
        row = _usage(name, shown, count, _limit(world, location, name, default))
        rows.append({"id": f"{scope}/{name}"} | row)
    return listed(rows)


def _used(world: World, location: str) -> tuple[Counter[str], dict[str, Size]]:
    """What is in use by name, and the families there are; deallocated VMs count too."""
    used: Counter[str] = Counter()
    families = {size.family: size for name in _TOLD if (size := size_of(name))}
    for body in world.resources.values():
        if as_location(str(body.get("location") or "")) != as_location(location):
            continue
        if same(body["type"], "Microsoft.Compute/availabilitySets"):
            used["availabilitySets"] += 1
        if not same(body["type"], VM):
            continue
        used[VMS] += 1
        size = size_of(str((body["properties"].get("hardwareProfile") or {}).get("vmSize")))
        if size is not None:
            families.setdefault(size.family, size)
            used[CORES] += size.cores
            used[size.family] += size.cores
    return used, families


_TOLD = (
    "Standard_D2s_v5",
    "Standard_D2s_v3",
    "Standard_E2s_v5",
    "Standard_F2s_v2",
    "Standard_B2s",
)


def _count(world: World, arm_type: str, location: str) -> int:
    return sum(
        same(body["type"], arm_type)
        and as_location(str(body.get("location") or "")) == as_location(location)
        for body in world.resources.values()
    )


def _limit(world: World, location: str, name: str, default: int | None = None) -> int:
    told = world.table(TABLE).get(as_location(location)) or {}
    for key, limit in told.items():
        if same(key, name):
            return int(limit)
    if default is not None:
        return default
    return _COMPUTE[name][1] if name in _COMPUTE else FAMILY_CORES


def _exceeded(
    world: World, location: str, name: str, limit: int, used: int, more: int
) -> AzureError:
    shown = "Total Regional Cores" if name == CORES else f"{name} Cores"
    if name == VMS:
        shown = "Virtual Machines"
    asked = quote(f'{{"subscriptionId":"{world.state["subscription"]}"}}', safe=":")
    kind = "regional" if name == CORES else "per-vm"
    return AzureError(
        409,
        "OperationNotAllowed",
        f"Operation could not be completed as it results in exceeding approved {shown} quota. "
        f"Additional details - Deployment Model: Resource Manager, Location: {location}, "
        f"Current Limit: {limit}, Current Usage: {used}, Additional Required: {more}, "
        f"(Minimum) New Limit Required: {used + more}. Setup Alerts when Quota reaches threshold. "
        "Learn more at https://aka.ms/quotamonitoringalerting . Submit a request for Quota "
        "increase at https://aka.ms/ProdportalCRP/#blade/Microsoft_Azure_Capacity/"
        f"UsageAndQuota.ReactView/Parameters/{asked} by specifying parameters listed in the "
        "\u2018Details\u2019 section for deployment to succeed. Please read more about quota "
        "limits at "
        f"https://docs.microsoft.com/en-us/azure/azure-supportability/{kind}-quota-requests",
    )


def _usage(name: str, shown: str, used: int, limit: int) -> Json:
    return {
        "limit": limit,
        "unit": "Count",
        "currentValue": used,
        "name": {"value": name, "localizedValue": shown},
    }


_NOTE = "Azure counts more than is told here; default limits are ours."
ROUTES: Routes = {
    ("Microsoft.Compute/locations/usages", "list"): Route(list_compute, "specified", _NOTE),
    ("Microsoft.Network/locations/usages", "list"): Route(list_network, "specified", _NOTE),
}
