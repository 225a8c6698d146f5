"""What a security group and a route table let out of a subnet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

Body = Mapping[str, Any]
Egress = str | tuple[str, ...]

EVERYWHERE = frozenset({"*", "internet", "0.0.0.0/0", "any"})
ANY = frozenset({"*", "any"})
ANY_PORT = ANY | {"0-65535"}
OWN = frozenset({"virtualnetwork"})
"""The tag stands for the network and its peers; what a peer is, is judged at the peering."""
AGENT_PORT = "443"
AGENT_TAG = "azurecloud"


@dataclass(frozen=True, slots=True)
class Hole:
    """One way out that a rule opens."""

    to: str
    port: str
    rule: str


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What a security group lets out: everything, or these holes."""

    everywhere: bool
    holes: tuple[Hole, ...]


def prefixes(properties: Body, one: str, many: str) -> list[str]:
    """ARM says a value once (`addressPrefix`) or as a list (`addressPrefixes`)."""
    single = properties.get(one)
    return [*([str(single)] if single else []), *map(str, properties.get(many) or [])]


def ways_out(rules: Sequence[Body], space: Sequence[str]) -> WaysOut:
    """What the outbound rules of a group let out, in the order Azure weighs them.

    A rule that denies less than everything is not counted as a wall. Without a wall Azure's own
    last rule allows the internet.

    Args:
        rules: `securityRules` as ARM writes them.
        space: Address space of the network the group stands in.
    """
    holes: list[Hole] = []
    own = [(str(rule.get("name", "?")), rule.get("properties") or {}) for rule in rules]
    outbound = [pair for pair in own if str(pair[1].get("direction")).casefold() == "outbound"]
    for name, rule in sorted(outbound, key=lambda pair: int(pair[1].get("priority", 4096))):
        if str(rule.get("access")).casefold() == "deny":
            if _is_wall(rule, space):
                return WaysOut(everywhere=False, holes=tuple(holes))
            continue
        targets = _targets(rule)
        if _has(EVERYWHERE, targets):
            return WaysOut(everywhere=True, holes=tuple(holes))
        ports = prefixes(rule, "destinationPortRange", "destinationPortRanges") or ["*"]
        outside = [one for one in targets if not _is_inside(one, space)]
        holes += [Hole(one, port, name) for one in outside for port in ports]
    return WaysOut(everywhere=True, holes=tuple(holes))


def _is_wall(rule: Body, space: Sequence[str]) -> bool:
    """Whether a deny rule stops everything: any source, target, port at both ends, protocol."""
    everywhere = EVERYWHERE - {"0.0.0.0/0"} if _has_ipv6(space) else EVERYWHERE
    any_source = ANY if _has_ipv6(space) else ANY | {"0.0.0.0/0"}
    to = prefixes(rule, "destinationPortRange", "destinationPortRanges") or ["*"]
    at = prefixes(rule, "sourcePortRange", "sourcePortRanges") or ["*"]
    sources = prefixes(rule, "sourceAddressPrefix", "sourceAddressPrefixes") or ["*"]
    return (
        _has(everywhere, _targets(rule))
        and _has(any_source, sources)
        and not rule.get("sourceApplicationSecurityGroups")
        and _has(ANY_PORT, to)
        and _has(ANY_PORT, at)
        and _has(ANY, [str(rule.get("protocol") or "*")])
    )


def _has(wanted: frozenset[str], values: Iterable[str]) -> bool:
    return any(one.casefold() in wanted for one in values)


def _has_ipv6(space: Sequence[str]) -> bool:
    return any(":" in one for one in space)


def _targets(rule: Body) -> list[str]:
    named = prefixes(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    groups = rule.get("destinationApplicationSecurityGroups") or []
    return named if named or groups else ["*"]


def range_of(text: str) -> IPv4Network | IPv6Network | None:
    """An address or a range as a range; None for a service tag."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def lies_within(inner: str, outer: str) -> bool:
    """Whether a range lies in another; a service tag lies in nothing but itself."""
    one, other = range_of(inner), range_of(outer)
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, IPv6Network) and isinstance(other, IPv6Network):
        return one.subnet_of(other)
    return one is None and other is None and inner.casefold() == outer.casefold()


def overlapping(egress: Egress, ranges: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of what the plan's list lets out to, and a range that it would reach."""
    if isinstance(egress, str):
        return []
    pairs = [(one, other) for other in ranges for one in egress]
    return [(a, b) for a, b in pairs if lies_within(a, b) or lies_within(b, a)]


def _is_inside(target: str, space: Sequence[str]) -> bool:
    return target.casefold() in OWN or any(lies_within(target, one) for one in space)


def covers(egress: Egress, to: str) -> bool:
    """Whether the plan's `egress` asks for a way to there, on some port."""
    if egress == "agent":
        tag = to.casefold()
        return tag == AGENT_TAG or tag.startswith(f"{AGENT_TAG}.")
    return not isinstance(egress, str) and any(lies_within(to, one) for one in egress)


def is_permitted(hole: Hole, egress: Egress) -> bool:
    """Whether the plan's `egress` asks for this way out: an agent needs one port only."""
    return covers(egress, hole.to) and (egress != "agent" or hole.port == AGENT_PORT)


def routes_out(routes: Sequence[Body]) -> list[Hole]:
    """Routes that lead to the internet, whatever their prefix: the closest route wins."""
    found = [(str(route.get("name", "?")), route.get("properties") or {}) for route in routes]
    return [
        Hole(str(one.get("addressPrefix", "?")), "*", name)
        for name, one in found
        if str(one.get("nextHopType")).casefold() == "internet"
    ]


def blackholes_internet(routes: Sequence[Body], space: Sequence[str]) -> bool:
    """Whether a route table sends everything that has no closer route nowhere.

    A closer route may still lead out: see `routes_out`.
    """
    nowhere = {
        str((route.get("properties") or {}).get("addressPrefix"))
        for route in routes
        if str((route.get("properties") or {}).get("nextHopType")).casefold() == "none"
    }
    return "0.0.0.0/0" in nowhere and (not _has_ipv6(space) or "::/0" in nowhere)
