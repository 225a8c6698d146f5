"""Whether a network that is there can take the VMs that are to recover into it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from muster.gateway.ids import parse_id, same_id
from muster.gateway.values import Resource
from muster.replication.found import FoundNetwork
from muster.replication.reading_places import read_network
from muster.replication.wanted import VmWanted

NETWORK = "microsoft.network/virtualnetworks"
Against = tuple[str, str]
"""What is against it, as the end of a sentence, and what to do."""


def unserving(found: Resource, body: Mapping[str, Any]) -> Against | None:
    """What is against a resource that is there and that would else have been made; only networks
    are judged.

    Args:
        found: The resource.
        body: What would have been made, which says where.
    """
    if parse_id(found.id).type.casefold() != NETWORK:
        return None
    return held_against(read_network(found.raw), str(body.get("location") or ""))


def held_against(network: FoundNetwork, region: str) -> Against | None:
    """What is against anybody's recovering into a network; None: nothing.

    Args:
        network: As it is.
        region: Where it has to be.
    """
    if region and network.region.casefold().replace(" ", "") != region.casefold():
        return (
            f"it is in {network.region}, not in {region}",
            f"Name another network in the plan, or move {network.name} out of the way.",
        )
    return None


def outside(network: FoundNetwork, vm: VmWanted) -> list[str]:
    """The addresses that a VM is to have and that its subnet does not have, in words.

    A subnet that is not there is told of the VM by itself.
    """
    ranges = {one.name.casefold(): one.prefixes for one in network.subnets}
    ips = [ip for card in vm.cards if same_id(card.network_id, network.id) for ip in card.ips]
    return [
        f"{ip.private_ip} is not in {ip.subnet} ({', '.join(prefixes)})"
        for ip in ips
        if ip.private_ip and (prefixes := ranges.get((ip.subnet or "").casefold()))
        if not holds(prefixes, ip.private_ip)
    ]


def remedy_for_ranges(network: FoundNetwork) -> str:
    """What to do where a network has other ranges than the addresses are of."""
    return (
        f"Give {network.name} the ranges that the plan's addresses are of, name another network, "
        "or write addresses of its ranges: `nics: [{private_ip: ADDRESS}]` of each VM."
    )


def holds(prefixes: tuple[str, ...], address: str) -> bool:
    """Whether a subnet has an address; a range that cannot be read has none."""
    try:
        at = ip_address(address)
        return any(at in ip_network(prefix, strict=False) for prefix in prefixes)
    except ValueError:
        return False
