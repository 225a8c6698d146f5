"""What a network reaches or may reach. Pure: reads only what is handed in.

Azure's peerings are not transitive by themselves; a forwarding machine makes them so. The walk
follows every one
all the same, whatever its state: "may reach" is enough to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from muster.gateway.ids import key_of, same_id
from muster.gateway.values import Resource
from muster.steps.isolation.egress import (
    blackholes_internet,
    covers,
    is_permitted,
    overlapping,
    prefixes,
    routes_out,
    ways_out,
)
from muster.steps.isolation.hops import Hop, Looked, Own, Rules, Unreadable, Walk
from muster.steps.isolation.members import judge_member

__all__ = ["Hop", "Looked", "Own", "Rules", "Unreadable", "Walk", "walk"]

Body = Mapping[str, Any]
GATEWAY_SUBNETS = {
    "gatewaysubnet": "gateway",
    "azurefirewallsubnet": "firewall",
    "routeserversubnet": "route server",
}


def walk(start: str, known: Mapping[str, Looked], rules: Rules) -> Walk:
    """Follow every way out of a network.

    Args:
        start: ARM id of the drill network.
        known: What was read so far, by `key_of(id)`.
        rules: What may be reached.

    Returns:
        The hops; `missing` names what has to be read before the walk says anything final.
    """
    found = Walk()
    queue, seen = [start], {key_of(start)}
    if label := rules.forbidden.get(key_of(start)):
        found.hops.append(Hop(start, start, "itself", "reaches", f"it is the {label} network"))
    while queue:
        network_id = queue.pop(0)
        network = found.look(known, network_id, network_id, "network")
        if network is None:
            continue
        for hop in _peerings(network, rules):
            found.hops.append(hop)
            if key_of(hop.to) not in seen and hop.via.startswith("peering"):
                seen.add(key_of(hop.to))
                queue.append(hop.to)
        for subnet in network.properties.get("subnets") or []:
            _subnet(found, known, network, subnet, rules, is_start=same_id(network_id, start))
    for key in (one for one in rules.forbidden if one in known):
        found.hops += _seen_from(key, start, known[key], rules)
    return found


def _peerings(network: Resource, rules: Rules) -> Iterator[Hop]:
    for peering in network.properties.get("virtualNetworkPeerings") or []:
        properties = peering.get("properties") or {}
        remote = str((properties.get("remoteVirtualNetwork") or {}).get("id") or "")
        state = properties.get("peeringState", "state unknown")
        via = f"peering {peering.get('name', '?')} ({state})"
        if not remote:
            yield Hop(network.id, "?", f"broken {via}", "unknown", "it names no network")
        elif label := rules.forbidden.get(key_of(remote)):
            yield Hop(network.id, remote, via, "reaches", f"that is the {label} network")
        elif key_of(remote) in rules.may_reach:
            yield Hop(network.id, remote, via, "ok", "the plan's `may_reach` names it")
        else:
            why = "the plan's `may_reach` does not name it"
            yield Hop(network.id, remote, via, "reaches", why)


def _seen_from(key: str, start: str, looked: Looked, rules: Rules) -> Iterator[Hop]:
    """What a network of production says: what it is peered with, and which ranges are its own."""
    label = rules.forbidden[key]
    if looked is None:
        why = f"the {label} network is not there, so what leads to it cannot be told"
        yield Hop(label, key, "itself", "unknown", why)
    yield from _pointing_at(start, looked, label)
    yield from _let_out_to(start, looked, label, rules)


def _pointing_at(start: str, looked: Looked, label: str) -> Iterator[Hop]:
    if isinstance(looked, Unreadable):
        why = f"the {label} network cannot be read ({looked.why}), so its peerings are not known"
        yield Hop(label, start, "peering", "unknown", why)
    if not isinstance(looked, Resource) or same_id(looked.id, start):
        return
    for peering in looked.properties.get("virtualNetworkPeerings") or []:
        remote = ((peering.get("properties") or {}).get("remoteVirtualNetwork") or {}).get("id")
        if same_id(remote, start):
            name = f"peering {peering.get('name', '?')}"
            yield Hop(looked.id, start, name, "reaches", f"the {label} network is peered with it")


def _let_out_to(start: str, looked: Looked, label: str, rules: Rules) -> Iterator[Hop]:
    """The plan's own list of ways out may not cover production's ranges."""
    if isinstance(looked, Resource):
        space = prefixes(looked.properties.get("addressSpace") or {}, "", "addressPrefixes")
        for to, inside in overlapping(rules.egress, space):
            why = f"the plan's `egress` covers {inside} of the {label} network"
            yield Hop(start, to, "egress", "reaches", why)


def _subnet(
    found: Walk,
    known: Mapping[str, Looked],
    network: Resource,
    subnet: Body,
    rules: Rules,
    *,
    is_start: bool,
) -> None:
    name, properties = str(subnet.get("name", "?")), subnet.get("properties") or {}
    where = f"{network.id}/subnets/{name}"
    found.hops += _attached(where, name, properties)
    routes = _routes(found, known, where, properties)
    for ip_config in properties.get("ipConfigurations") or []:
        own = rules.own if is_start else None
        judge_member(found, known, where, str(ip_config.get("id") or ""), own)
    if is_start:
        _way_out(found, known, network, where, properties, routes, rules)


def _attached(where: str, name: str, properties: Body) -> Iterator[Hop]:
    """Things in or on a subnet that lead elsewhere by their mere being there."""
    if kind := GATEWAY_SUBNETS.get(name.casefold()):
        why = f"a {kind} joins this network to others"
        yield Hop(where, kind, f"subnet {name}", "reaches", why)
    for endpoint in properties.get("privateEndpoints") or []:
        to = str(endpoint.get("id") or "?")
        yield Hop(where, to, "private endpoint", "reaches", "it leads to a service outside")
    for endpoint in properties.get("serviceEndpoints") or []:
        to = str(endpoint.get("service") or "?")
        why = "production's own services may let this subnet in"
        yield Hop(where, to, "service endpoint", "reaches", why)
    for delegation in properties.get("delegations") or []:
        to = str((delegation.get("properties") or {}).get("serviceName") or "?")
        why = "a service that runs inside the subnet may reach anything"
        yield Hop(where, to, "delegation", "unknown", why)


def _routes(
    found: Walk, known: Mapping[str, Looked], where: str, properties: Body
) -> Sequence[Body]:
    table_id = str((properties.get("routeTable") or {}).get("id") or "")
    table = found.look(known, table_id, where, "route table") if table_id else None
    routes: Sequence[Body] = (table.properties.get("routes") or []) if table else []
    for route in routes:
        one = route.get("properties") or {}
        hop, to = str(one.get("nextHopType", "?")).casefold(), str(one.get("addressPrefix", "?"))
        via = f"route {route.get('name', '?')}"
        if hop == "virtualnetworkgateway":
            found.hops.append(Hop(where, to, via, "reaches", "it leads into a gateway"))
        elif hop == "virtualappliance":
            why = f"what the appliance {one.get('nextHopIpAddress', '?')} forwards to is not known"
            found.hops.append(Hop(where, to, via, "unknown", why))
        elif hop not in {"none", "vnetlocal", "internet"}:
            found.hops.append(Hop(where, to, via, "unknown", f"next hop {hop} is not understood"))
    return routes


def _way_out(
    found: Walk,
    known: Mapping[str, Looked],
    network: Resource,
    where: str,
    properties: Body,
    routes: Sequence[Body],
    rules: Rules,
) -> None:
    """Whether the internet, and with it production's public addresses, lies open."""
    nsg_id = str((properties.get("networkSecurityGroup") or {}).get("id") or "")
    nsg = found.look(known, nsg_id, where, "security group") if nsg_id else None
    if nsg_id and nsg is None:
        return  # it is missing, or noted as unknown
    space = prefixes(network.properties.get("addressSpace") or {}, "", "addressPrefixes")
    out = ways_out((nsg.properties.get("securityRules") or []) if nsg else [], space)
    for hole in out.holes:
        is_ok, to = is_permitted(hole, rules.egress), f"{hole.to}:{hole.port}"
        found.hops.append(_hole(where, to, f"security rule {hole.rule}", is_ok=is_ok))
    for route in routes_out(routes):
        # Behind a wall its holes say which ports are open; without one every port is.
        asked_for = covers(rules.egress, route.to)
        is_ok = is_permitted(route, rules.egress) if out.everywhere else asked_for
        found.hops.append(_hole(where, route.to, f"route {route.rule}", is_ok=is_ok))
    has_nat = bool((properties.get("natGateway") or {}).get("id"))
    has_default = properties.get("defaultOutboundAccess") is not False
    if out.everywhere and (has_nat or has_default) and not blackholes_internet(routes, space):
        via = "NAT gateway" if has_nat else "default outbound access"
        why = (
            "no rule of its own denies the way out, so production's public addresses are in reach"
        )
        found.hops.append(Hop(where, "internet", via, "reaches", why))


def _hole(where: str, to: str, via: str, *, is_ok: bool) -> Hop:
    asked = "asks for it" if is_ok else "does not ask for it"
    return Hop(where, to, via, "ok" if is_ok else "reaches", f"the plan's `egress` {asked}")
