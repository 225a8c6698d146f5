"""What a security group and a route table let out of a subnet. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

Body = Mapping[str, Any]
Egress = str | tuple[str, ...]

EVERYWHERE = frozenset({"*", "internet", "0.0.0.0/0", "any"})
OWN = frozenset({"virtualnetwork"})
"""The tag stands for the network and its peers; what a peer is, is judged at the peering."""
AGENT_PORT = "443"


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
    last rule
    allows the internet.

    Args:
        rules: `securityRules` as ARM writes them.
        space: Address space of the network the group stands in.
    """
    holes: list[Hole] = []
    own = [(str(rule.get("name", "?")), rule.get("properties") or {}) for rule in rules]
    outbound = [pair for pair in own if str(pair[1].get("direction")).casefold() == "outbound"]
    for name, rule in sorted(outbound, key=lambda pair: int(pair[1].get("priority", 4096))):
        targets = _targets(rule)
        ports = prefixes(rule, "destinationPortRange", "destinationPortRanges") or ["*"]
        is_wide = any(one.casefold() in EVERYWHERE for one in targets)
        if str(rule.get("access")).casefold() == "deny":
            if (
                is_wide
                and "*" in ports
                and str(rule.get("protocol", "*")) == "*"
                and _any_source(rule)
            ):
                return WaysOut(everywhere=False, holes=tuple(holes))
            continue
        if is_wide:
            return WaysOut(everywhere=True, holes=tuple(holes))
        outside = [one for one in targets if not _is_inside(one, space)]
        holes += [Hole(one, port, name) for one in outside for port in ports]
    return WaysOut(everywhere=True, holes=tuple(holes))


def _targets(rule: Body) -> list[str]:
    named = prefixes(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    groups = rule.get("destinationApplicationSecurityGroups") or []
    return named if named or groups else ["*"]


def _any_source(rule: Body) -> bool:
    sources = prefixes(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    groups = rule.get("sourceApplicationSecurityGroups") or []
    return not groups and (not sources or bool(EVERYWHERE & {one.casefold() for one in sources}))


def _is_inside(target: str, space: Sequence[str]) -> bool:
    if target.casefold() in OWN:
        return True
    try:
        wanted = ip_network(target, strict=False)
    except ValueError:
        return False  # a service tag: public addresses
    for one in space:
        own = ip_network(one, strict=False)
        if wanted.version == own.version and wanted.subnet_of(own):  # type: ignore[arg-type]
            return True
    return False


def is_permitted(hole: Hole, egress: Egress) -> bool:
    """Whether the plan's `egress` asks for this way out."""
    if egress == "agent":
        return hole.to.casefold().startswith("azurecloud") and hole.port == AGENT_PORT
    return not isinstance(egress, str) and hole.to in egress


def blackholes_internet(routes: Sequence[Body]) -> bool:
    """Whether a route table sends everything that has no closer route nowhere."""
    for route in routes:
        properties = route.get("properties") or {}
        if (
            str(properties.get("addressPrefix")) == "0.0.0.0/0"
            and str(properties.get("nextHopType")).casefold() == "none"
        ):
            return True
    return False
