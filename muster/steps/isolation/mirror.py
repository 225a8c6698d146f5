"""A mirror of the target network: same ranges and subnet names, own rules and routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muster.errors import IsolationRefused
from muster.gateway.ids import parse_id
from muster.gateway.values import Resource
from muster.steps.isolation.egress import AGENT_PORT, Egress, prefixes, range_of

TAG = "muster-run"
AZURES_OWN_SUBNETS = frozenset(
    {
        "gatewaysubnet",
        "azurefirewallsubnet",
        "azurefirewallmanagementsubnet",
        "azurebastionsubnet",
        "routeserversubnet",
    }
)
"""Subnets that hold Azure's own appliances: no VM stands in them, no group of ours may."""
LAST = 4096
ANY: Mapping[str, str] = {"sourcePortRange": "*", "destinationPortRange": "*", "protocol": "*"}


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a mirror: what is PUT under which id."""

    id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mirror:
    """All parts in the order in which they are made; they are removed the other way round."""

    network_id: str
    parts: tuple[Part, ...]
    address_space: tuple[str, ...]
    subnets: tuple[Mapping[str, str], ...]  # name, prefix
    holes: tuple[Mapping[str, str], ...]  # direction, to, port, why


def mirror_of(target: Resource, network_id: str, run_id: str, egress: Egress) -> Mirror:
    """Lay out the mirror of a network.

    Raises:
        IsolationRefused: The target shows no address space or no subnet that VMs could stand in.
    """
    space = prefixes(target.properties.get("addressSpace") or {}, "", "addressPrefixes")
    subnets = _subnets_of(target)
    if not space or not subnets or target.location is None:
        raise IsolationRefused(
            f"{target.id} shows no address space or no subnets to mirror",
            code="ISO-004",
            hint=(
                "Look at the target network; a mirror needs its ranges and the names "
                "of its subnets."
            ),
        )
    group_id, table_id = (
        f"{_sibling(network_id, 'networkSecurityGroups')}-nsg",
        f"{_sibling(network_id, 'routeTables')}-routes",
    )
    base = {"location": target.location, "tags": {TAG: run_id}}
    holes = _holes(egress, target.location)
    network = _network(space, subnets, group_id, table_id)
    return Mirror(
        network_id=network_id,
        parts=(
            Part(group_id, {**base, "properties": {"securityRules": _rules(space, holes)}}),
            Part(table_id, {**base, "properties": _table(holes)}),
            Part(network_id, {**base, "properties": network}),
        ),
        address_space=tuple(space),
        subnets=tuple({"name": name, "prefix": ", ".join(found)} for name, found in subnets),
        holes=tuple(holes),
    )


def _subnets_of(target: Resource) -> list[tuple[str, list[str]]]:
    """Names and ranges of the subnets that VMs could stand in."""
    return [
        (
            str(subnet["name"]),
            prefixes(subnet.get("properties") or {}, "addressPrefix", "addressPrefixes"),
        )
        for subnet in target.properties.get("subnets") or []
        if str(subnet["name"]).casefold() not in AZURES_OWN_SUBNETS
    ]


def _sibling(network_id: str, kind: str) -> str:
    arm = parse_id(network_id)
    return f"{arm.group_id}/providers/Microsoft.Network/{kind}/{arm.name}"


def _network(
    space: Sequence[str],
    subnets: Sequence[tuple[str, Sequence[str]]],
    group_id: str,
    table_id: str,
) -> dict[str, Any]:
    return {
        "addressSpace": {"addressPrefixes": list(space)},
        "subnets": [
            {
                "name": name,
                "properties": {
                    **(
                        {"addressPrefix": found[0]}
                        if len(found) == 1
                        else {"addressPrefixes": list(found)}
                    ),
                    "networkSecurityGroup": {"id": group_id},
                    "routeTable": {"id": table_id},
                    "defaultOutboundAccess": False,
                },
            }
            for name, found in subnets
        ],
    }


def _holes(egress: Egress, region: str) -> list[dict[str, str]]:
    if egress == "none":
        return []
    if egress == "agent":
        why = "the VM agent's run-command reports through Azure's own endpoints of the region"
        to = f"AzureCloud.{region}"
        return [{"direction": "outbound", "to": to, "port": AGENT_PORT, "why": why}]
    why = "the plan's `egress` names it"
    # Azure takes no route table in which a prefix stands twice, however it is written.
    once = {_as_prefix(to): _as_written(to) for to in egress}
    return [{"direction": "outbound", "to": to, "port": "*", "why": why} for to in once.values()]


def _rules(space: Sequence[str], holes: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Copies talk to each other; nothing comes in; out goes what the plan asks for."""
    inside = {
        "sourceAddressPrefixes": list(space),
        "destinationAddressPrefixes": list(space),
        **ANY,
    }
    everything = {"sourceAddressPrefix": "*", "destinationAddressPrefix": "*", **ANY}
    rules = []
    for direction in ("Inbound", "Outbound"):
        short = direction.removesuffix("bound").lower()
        rules.append(_rule(f"drill-{short}", direction, 100, "Allow", inside))
        rules.append(_rule(f"deny-{short}", direction, LAST, "Deny", everything))
    for number, hole in enumerate(holes):
        way = {
            "sourceAddressPrefix": "*",
            "destinationAddressPrefix": hole["to"],
            "sourcePortRange": "*",
            "destinationPortRange": hole["port"],
            "protocol": "Tcp" if hole["port"] != "*" else "*",
        }
        rules.append(_rule(f"egress-{number + 1}", "Outbound", 200 + number, "Allow", way))
    return rules


def _rule(
    name: str, direction: str, priority: int, access: str, rest: Mapping[str, Any]
) -> dict[str, Any]:
    properties = {"direction": direction, "priority": priority, "access": access, **rest}
    return {"name": name, "properties": properties}


def _table(holes: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Everything without a closer route goes nowhere; a hole gets the closer route it needs.

    A service tag may stand as a route's prefix.
    https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview#service-tags-for-user-defined-routes
    """
    routes = [
        {"name": "nowhere", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "None"}}
    ]
    routes += [
        {
            "name": f"egress-{number + 1}",
            "properties": {"addressPrefix": _as_prefix(hole["to"]), "nextHopType": "Internet"},
        }
        for number, hole in enumerate(holes)
    ]
    return {"disableBgpRoutePropagation": True, "routes": routes}


def _as_prefix(to: str) -> str:
    """An address or range as a route's prefix; a service tag as it is."""
    found = range_of(to)
    return str(found) if found else to


def _as_written(to: str) -> str:
    """A range without the bits behind its mask; a single address stays one."""
    return _as_prefix(to) if "/" in to else to
