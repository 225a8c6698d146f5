"""Whether a network that is there can take the VMs that are to recover into it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from muster.gateway.ids import parse_id, same_id
from muster.gateway.values import Resource
from muster.replication.found import FoundNetwork
from muster.replication.reading_places import read_network
from muster.replication.wanted import IpWanted, Wanted

NETWORK = "microsoft.network/virtualnetworks"
Against = tuple[str, str]
"""What is against it, as the end of a sentence, and what to do."""
_SHOWN = 5


def unserving(found: Resource, body: Mapping[str, Any], wanted: Wanted) -> Against | None:
    """What is against a resource that is there and that would else have been made; only networks
    are judged.

    Args:
        found: The resource.
        body: What would have been made, which says where.
        wanted: What is to recover.
    """
    if parse_id(found.id).type.casefold() != NETWORK:
        return None
    return held_against(read_network(found.raw), str(body.get("location") or ""), wanted)


def held_against(network: FoundNetwork, region: str, wanted: Wanted) -> Against | None:
    """What is against recovering into a network; None: nothing.

    Args:
        network: As it is.
        region: Where it has to be.
        wanted: The VMs, with the subnets and addresses that they are to have.
    """
    if region and network.region.casefold().replace(" ", "") != region.casefold():
        return (
            f"it is in {network.region}, not in {region}",
            f"Name another network in the plan, or move {network.name} out of the way.",
        )
    has = {one.name.casefold() for one in network.subnets}  # one that lacks is told of its VM
    ips = [(name, ip) for name, ip in _ips(network.id, wanted)
           if ip.subnet and ip.subnet.casefold() in has]  # fmt: skip
    return _out_of_range(network, ips)


def _ips(network_id: str, wanted: Wanted) -> Iterator[tuple[str, IpWanted]]:
    for vm in wanted.vms:
        for card in vm.cards:
            if same_id(card.network_id, network_id):
                yield from ((vm.name, ip) for ip in card.ips)


def _out_of_range(network: FoundNetwork, ips: list[tuple[str, IpWanted]]) -> Against | None:
    """Addresses that a VM is to keep and that its subnet does not have."""
    ranges = {one.name.casefold(): one.prefixes for one in network.subnets}
    outside = [
        f"{ip.private_ip} of {name} is not in {ip.subnet} ({', '.join(prefixes)})"
        for name, ip in ips
        if ip.private_ip and (prefixes := ranges[(ip.subnet or "").casefold()])
        if not holds(prefixes, ip.private_ip)
    ]
    if not outside:
        return None
    more = f" and {len(outside) - _SHOWN} more" if len(outside) > _SHOWN else ""
    return (
        f"its ranges are others: {'; '.join(outside[:_SHOWN])}{more}",
        f"Give {network.name} the ranges that the plan's addresses are of, name another network, "
        "or write addresses of its ranges: `nics: [{private_ip: ADDRESS}]` of each VM.",
    )


def holds(prefixes: tuple[str, ...], address: str) -> bool:
    """Whether a subnet has an address; a range that cannot be read has none."""
    try:
        at = ip_address(address)
        return any(at in ip_network(prefix, strict=False) for prefix in prefixes)
    except ValueError:
        return False
