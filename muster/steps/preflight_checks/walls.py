"""What a security group lets out to a service of Azure's, rule by rule as Azure weighs them. Pure.

https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import Json
from muster.steps.isolation.egress import prefixes

EVERYWHERE = frozenset({"*", "any", "internet", "0.0.0.0/0"})
FROM_HERE = frozenset({"*", "any", "virtualnetwork", "0.0.0.0/0"})
TCP = frozenset({"*", "any", "tcp"})
WIDER = "azurecloud"
"""The tag that holds all of Azure's own addresses."""


def refuses(wall: Json, service: str, port: int = 443) -> str | None:
    """The name of the rule that keeps a subnet from a service; None where it is let out.

    A rule for single addresses decides nothing here: nobody knows all addresses of a service. A
    rule for some of the subnet's addresses only is taken to hold for none of them.

    Args:
        wall: The security group as ARM shows it.
        service: A service tag, such as `Storage`.
        port: TCP.
    """
    own = rows(mapping(wall.get("properties")).get("securityRules"))
    for rule in _weighed(own):
        properties = mapping(rule.get("properties"))
        if not _concerns(properties, service.casefold(), port):
            continue
        is_denied = text_of(properties.get("access")).casefold() == "deny"
        return text_of(rule.get("name")) if is_denied else None
    return None  # AllowInternetOutBound, the last but one of Azure's own


def _weighed(rules: Iterable[Json]) -> list[Json]:
    """Outbound rules, the weightiest first."""
    found = [
        rule
        for rule in rules
        if text_of(mapping(rule.get("properties")).get("direction")).casefold() == "outbound"
    ]
    return sorted(found, key=lambda rule: int(mapping(rule["properties"]).get("priority") or 4096))


def _concerns(rule: Json, service: str, port: int) -> bool:
    if text_of(rule.get("protocol") or "*").casefold() not in TCP:
        return False
    froms = prefixes(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    if not any(one.casefold() in FROM_HERE for one in froms):
        return False
    tos = prefixes(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    if not any(_holds(one.casefold(), service) for one in tos):
        return False
    return has_port(prefixes(rule, "destinationPortRange", "destinationPortRanges"), port)


def _holds(tag: str, service: str) -> bool:
    """A tag holds a service's addresses, also the service's in a region (`Storage.EastUS`)."""
    return tag in EVERYWHERE or tag.partition(".")[0] in {service, WIDER}


def has_port(ranges: Sequence[str], port: int) -> bool:
    """Whether a port lies in one of `443`, `400-500`, `*`."""
    for one in ranges:
        first, _, last = one.partition("-")
        if one in {"*", "any"} or (first.isdigit() and int(first) <= port <= int(last or first)):
            return True
    return False
