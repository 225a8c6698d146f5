"""What a network security group lets through: its rules, then Azure's three default ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal

from muster.simulator.guests.topology import Endpoint, fold, prefixes, ranges

Direction = Literal["Inbound", "Outbound"]

# https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules
_DEFAULTS: Mapping[Direction, Sequence[tuple[int, str, str, str, str]]] = {
    "Inbound": (
        (65000, "AllowVnetInBound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        (65001, "AllowAzureLoadBalancerInBound", "Allow", "AzureLoadBalancer", "*"),
        (65500, "DenyAllInBound", "Deny", "*", "*"),
    ),
    "Outbound": (
        (65000, "AllowVnetOutBound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        (65001, "AllowInternetOutBound", "Allow", "*", "Internet"),
        (65500, "DenyAllOutBound", "Deny", "*", "*"),
    ),
}
_LOAD_BALANCER = IPv4Address("168.63.129.16")
# A client's own port is chosen by its system; rules on source ports are asked with this one.
_CLIENT_PORT = 50000


@dataclass(frozen=True, slots=True)
class Flow:
    """A new TCP connection. Rules are stateful: answers to it need no rule of their own."""

    source: Endpoint
    destination: Endpoint
    port: int


def refusing_rule(
    rules: Sequence[Mapping[str, Any]],
    direction: Direction,
    flow: Flow,
    virtual_network: Sequence[IPv4Network],
) -> str | None:
    """The name of the rule that denies this connection, or None if it is let through.

    Args:
        rules: `securityRules` of the group, as ARM writes them.
        direction: which side of the flow this group stands on.
        flow: the connection.
        virtual_network: what the tag VirtualNetwork means where this group stands.
    """
    own = [rule.get("properties") or {} for rule in rules]
    named = zip(own, (str(rule.get("name", "?")) for rule in rules), strict=True)
    mine = [pair for pair in named if _same(pair[0].get("direction"), direction)]
    for properties, name in sorted(mine, key=lambda pair: int(pair[0].get("priority", 4096))):
        if _matches(properties, flow, virtual_network):
            return name if _same(properties.get("access"), "Deny") else None
    for _, name, access, source, destination in _DEFAULTS[direction]:
        if _in_range(source, flow.source.address, virtual_network) and _in_range(
            destination, flow.destination.address, virtual_network
        ):
            return name if access == "Deny" else None
    raise AssertionError("the last default rule matches everything")


def _same(one: object, other: str) -> bool:
    return str(one).lower() == other.lower()


def _matches(rule: Mapping[str, Any], flow: Flow, virtual_network: Sequence[IPv4Network]) -> bool:
    return (
        str(rule.get("protocol", "*")).lower() in {"*", "tcp"}
        and _in_ports(prefixes(rule, "sourcePortRange", "sourcePortRanges"), _CLIENT_PORT)
        and _in_ports(prefixes(rule, "destinationPortRange", "destinationPortRanges"), flow.port)
        and _is_side(rule, "source", flow.source, virtual_network)
        and _is_side(rule, "destination", flow.destination, virtual_network)
    )


def _is_side(
    rule: Mapping[str, Any], side: str, end: Endpoint, virtual_network: Sequence[IPv4Network]
) -> bool:
    groups = rule.get(f"{side}ApplicationSecurityGroups") or []
    if groups:
        return any(fold(str(group.get("id", ""))) in end.asg_ids for group in groups)
    texts = prefixes(rule, f"{side}AddressPrefix", f"{side}AddressPrefixes")
    return any(_in_range(text, end.address, virtual_network) for text in texts)


def _in_ports(texts: Sequence[str], port: int) -> bool:
    for text in texts:
        low, _, high = str(text).partition("-")
        if low == "*" or int(low) <= port <= int(high or low):
            return True
    return False


def _in_range(text: str, address: IPv4Address, virtual_network: Sequence[IPv4Network]) -> bool:
    inside = any(address in net for net in virtual_network)
    match text.lower():
        case "*" | "any":
            return True
        case "virtualnetwork":
            return inside
        case "azureloadbalancer":
            return address == _LOAD_BALANCER
        case tag if tag == "internet" or tag.startswith("azurecloud"):
            # Which public addresses are Azure's own is not modelled: both tags mean all of them.
            return address.is_global and not inside
        case _:
            # Other service tags hold public addresses of Azure only: none of the model's.
            return any(address in net for net in ranges([text]))
