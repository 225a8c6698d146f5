"""Is replication let out: to Storage, Entra, Site Recovery and Event Hubs, past rules and routes?

https://learn.microsoft.com/azure/site-recovery/azure-to-azure-about-networking
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import Json, Resource
from muster.replication.outbound_of_group import rules_to_add, shown_rule
from muster.steps.preflight_checks.check import (
    Area,
    N,
    T,
    none_of,
    none_of_or_unknown,
    rows_of,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.walls import refuses

SERVICES = ("Storage", "AzureActiveDirectory", "AzureSiteRecovery", "EventHub")
"""Service tags that an agent sends to, all over TCP 443."""
EVERYWHERE = "0.0.0.0/0"
THROUGH = {
    "virtualappliance": "goes to the appliance",
    "virtualnetworkgateway": "goes to the gateway",
}


def source_walls_let_out(facts: Facts) -> Verdict:
    facts.need("source_network", "source_networks", "walls")
    way = _way(facts)
    problems = dict(_refused(facts.source_network, facts.walls, way))
    for vm, cards in facts.source_cards.items():
        for card in cards:
            wall = _wall_of(card.properties, facts.walls)
            if wall and (said := _said(wall, way)):
                problems[vm] = said
    return none_of(problems, "no security group of the source keeps replication in")


def target_walls_let_out(facts: Facts) -> Verdict:
    facts.need("target_network", "target_walls")
    problems = dict(_refused(facts.target_network, facts.target_walls, _way(facts)[::-1]))
    return none_of(problems, "no security group of the target keeps replication in")


def source_routes_lead_out(facts: Facts) -> Verdict:
    """An appliance may let everything through or nothing: from here nobody knows."""
    facts.need("source_network", "routes")
    closed: dict[str, str] = {}
    unclear: dict[str, str] = {}
    for subnet in _subnets(facts.source_network):
        table = facts.routes.get(key_of(_id_in(subnet, "routeTable")))
        if table is None:
            continue
        hop, address = _default_route(table)
        if hop == "none":
            closed[text_of(subnet.get("name"))] = f"a route of {table.get('name')} drops it"
        elif hop in THROUGH and not _has_way_round(table, subnet):
            unclear[text_of(subnet.get("name"))] = (
                f"it {THROUGH[hop]} {address}".rstrip() + f", which has to let {_tags()} through"
            )
    return none_of_or_unknown(closed, unclear, "no route of the source keeps replication in")


def _way(facts: Facts) -> tuple[str, str]:
    """From which region to which; the way back after a failover is this one turned round."""
    return facts.plan.source.region, facts.plan.target.region


def _refused(
    network: Resource | None, walls: Mapping[str, Json], way: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    for subnet in _subnets(network):
        wall = _wall_of(subnet, walls)
        if wall and (said := _said(wall, way)):
            yield text_of(subnet.get("name")), said


def _said(wall: Json, way: tuple[str, str]) -> str | None:
    """What a group keeps in, and the rules that would let it out: those of `--plan-only`."""
    kept = {service: rule for service in SERVICES if (rule := refuses(wall, service))}
    if not kept:
        return None
    rules = ", ".join(sorted(set(kept.values())))
    said = f"{wall.get('name')} refuses {', '.join(kept)} by {rules}"
    added = ", ".join(shown_rule(rule) for rule in rules_to_add(wall, *way))
    return f"{said}; add {added}" if added else said


def _default_route(table: Json) -> tuple[str, str]:
    """The next hop of everything that has no closer route, in small letters, and its address."""
    for route in _routes(table):
        if text_of(route.get("addressPrefix")) == EVERYWHERE:
            return text_of(route.get("nextHopType")).casefold(), text_of(
                route.get("nextHopIpAddress")
            )
    return "internet", ""


def _has_way_round(table: Json, subnet: Json) -> bool:
    """Whether each service has a closer route to the internet, or an endpoint in the subnet."""
    routed = {
        text_of(route.get("addressPrefix")).partition(".")[0].casefold()
        for route in _routes(table)
        if text_of(route.get("nextHopType")).casefold() == "internet"
    }
    endpoints = {
        text_of(one.get("service")).casefold() for one in rows(subnet.get("serviceEndpoints"))
    }
    by_endpoint = {"storage": "microsoft.storage", "eventhub": "microsoft.eventhub",
                   "azureactivedirectory": "microsoft.azureactivedirectory"}  # fmt: skip
    return "azurecloud" in routed or all(
        service in routed or by_endpoint.get(service) in endpoints
        for service in map(str.casefold, SERVICES)
    )


def _routes(table: Json) -> list[Json]:
    listed = rows(mapping(table.get("properties")).get("routes"))
    return [mapping(route.get("properties")) for route in listed]


def _wall_of(holder: Json, walls: Mapping[str, Json]) -> Json | None:
    return walls.get(key_of(_id_in(holder, "networkSecurityGroup")))


def _id_in(holder: Json, word: str) -> str:
    return text_of(mapping(holder.get(word)).get("id"))


def _subnets(network: Resource | None) -> list[Json]:
    listed = rows(network.properties.get("subnets")) if network else []
    return [{**mapping(row.get("properties")), "name": row.get("name")} for row in listed]


def _tags() -> str:
    return ", ".join(SERVICES)


CHECKS = rows_of(
    Area.OUTBOUND,
    ("PRE-067", "the source's security groups let replication out", T, T,
     "Add the rules named; `muster replicate PLAN --plan-only` has each as a command.",
     source_walls_let_out),
    ("PRE-068", "the source's routes let replication out", T, T,
     "Let the appliance pass the service tags named, or add routes for them with the next hop "
     "Internet.", source_routes_lead_out),
    ("PRE-069", "the target's security groups let replication out", N, T,
     "Add the rule named: without it no VM can be reprotected after a failover.",
     target_walls_let_out),
)  # fmt: skip
