"""Private addresses: which are taken, and which comes next."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from muster.simulator.arm.networks import configurations_in, prefixes
from muster.simulator.json_types import Json
from muster.simulator.world import World

RESERVED_AT_START, RESERVED_AT_END = 4, 1  # Azure keeps .0 to .3 and the last of every subnet


def taken(world: World, subnet: Json) -> set[str]:
    """The addresses that somebody in a subnet has."""
    found = configurations_in(world, subnet["id"])
    return {str((entry.get("properties") or {}).get("privateIPAddress")) for entry in found}


def is_usable(subnet: Json, address: str) -> bool:
    """Whether an address lies in a subnet and Azure does not keep it for itself."""
    asked = IPv4Address(address)
    for space in prefixes(subnet):
        number = int(asked) - int(space.network_address)
        if RESERVED_AT_START <= number < space.num_addresses - RESERVED_AT_END:
            return True
    return False


def next_free(world: World, subnet: Json, *, besides: Iterable[str] = ()) -> str | None:
    """The lowest free address of a subnet that is not among those in `besides`, or None."""
    known = taken(world, subnet) | set(besides)
    for space in prefixes(subnet):
        for number in range(RESERVED_AT_START, space.num_addresses - RESERVED_AT_END):
            if str(space[number]) not in known:
                return str(space[number])
    return None
