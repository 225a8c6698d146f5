"""What a security group lets out to a service of Azure's, rule by rule as Azure weighs them. Pure.

https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network

from muster.gateway.values import Json
from muster.replication.outbound_rules import covers_tag
from muster.steps.isolation.egress import prefixes, range_of
from muster.steps.preflight_checks.facts import NotRead
from muster.steps.preflight_checks.told import count, known, listed, overlap, part, text
from muster.steps.preflight_checks.wide import are_wide, is_everywhere

FROM_HERE = frozenset({"*", "any", "virtualnetwork"})
TCP = frozenset({"*", "any", "tcp"})
DENY, ALLOW = "deny", "allow"


def refuses(wall: Json, tag: str, port: int = 443, *, at: Sequence[str] = ()) -> str | None:
    """The name of the rule that keeps a subnet from a service; None where it is let out.

    A rule for few single addresses decides nothing here: nobody knows all addresses of a service.

    Args:
        wall: The security group as ARM shows it.
        tag: What is needed, as a service tag: `Storage.EastUS`, or `AzureActiveDirectory`.
        port: TCP.
        at: Ranges of the subnet that the group stands at.

    Raises:
        NotRead: A rule does not tell what it does, or denies so many addresses, or to so much of
            the subnet, that nobody knows whether the service is let out.
    """
    doubts: list[str] = []
    for rule in _weighed(listed(part(wall, "properties"), "securityRules")):
        properties = part(rule, "properties")
        if not _is_of(properties, port):
            continue
        access, name = text(properties, "access").casefold(), text(rule, "name")
        if access not in {ALLOW, DENY}:
            raise NotRead(f"{name} tells {access!r} as its access")
        to = _towards(properties, tag)
        whence = _from(properties, at)
        if to == whence == "all":
            return _decided(name if access == DENY else None, doubts)
        if access == DENY and "none" not in {to, whence}:
            doubts.append(name)
    return _decided(None, doubts)  # AllowInternetOutBound, the last but one of Azure's own


def _decided(refusing: str | None, doubts: Sequence[str]) -> str | None:
    if refusing is None and doubts:
        raise NotRead(f"{doubts[0]} denies a part, and nobody knows whether it is that part")
    return refusing


def _weighed(rules: Iterable[Json]) -> list[Json]:
    """Outbound rules, the weightiest first; raises NotRead."""
    found = [
        rule
        for rule in rules
        if text(part(rule, "properties"), "direction").casefold() != "inbound"
    ]
    for rule in found:
        if text(part(rule, "properties"), "direction").casefold() != "outbound":
            raise NotRead(f"{rule.get('name')} is told to go neither in nor out")
    return sorted(found, key=lambda rule: count(part(rule, "properties"), "priority"))


def _is_of(rule: Json, port: int) -> bool:
    """Whether a rule is about a TCP port."""
    if text(rule, "protocol").casefold() not in TCP:
        return False
    ports = prefixes(rule, "destinationPortRange", "destinationPortRanges")
    return has_port(known(ports or None, "the ports of a rule"), port)


def _from(rule: Json, at: Sequence[str]) -> str:
    """Whether a rule is about `all`, `some` or `none` of a subnet's addresses."""
    if rule.get("sourceApplicationSecurityGroups"):
        return "some"
    told = prefixes(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    named = known(told or None, "the sources of a rule")
    if any(one.casefold() in FROM_HERE for one in named):
        return "all"
    ranges = [one for text_ in named if (one := range_of(text_)) is not None]
    if is_everywhere(ranges):
        return "all"
    here = [one for text_ in at if (one := range_of(text_)) is not None]
    if not any(overlap(one, mine) for one in ranges for mine in here):
        return "none" if here else "some"
    inside = [
        any(_is_within(mine, one) for one in ranges)
        for mine in here
        if isinstance(mine, IPv4Network)
    ]
    return "all" if inside and all(inside) else "some"


def _is_within(inner: IPv4Network, outer: object) -> bool:
    return isinstance(outer, IPv4Network) and inner.subnet_of(outer)


def _towards(rule: Json, tag: str) -> str:
    """Whether a rule is about `all`, `some` or `none` of what a tag holds."""
    if rule.get("destinationApplicationSecurityGroups"):
        return "none"  # network cards of ours are no service of Azure's
    told = prefixes(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    named = known(told or None, "the destinations of a rule")
    ranges = [one for text_ in named if (one := range_of(text_)) is not None]
    covers = covers_tag(tuple(one for one in named if range_of(one) is None), tag)
    if covers or is_everywhere(ranges):
        return "all"
    return "some" if covers is None or are_wide(ranges) else "none"


def has_port(ranges: Sequence[str], port: int) -> bool:
    """Whether a port lies in one of `443`, `400-500`, `*`; raises NotRead for what is none."""
    for one in ranges:
        if one.casefold() in {"*", "any"}:
            return True
        first, _, last = one.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise NotRead(f"{one!r} is no port nor range of ports")
        if int(first) <= port <= int(last or first):
            return True
    return False
