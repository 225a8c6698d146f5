"""Is replication let out: to Storage, Entra, Site Recovery and Event Hubs, past rules and routes?

https://learn.microsoft.com/azure/site-recovery/azure-to-azure-about-networking
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping
from muster.gateway.values import Json
from muster.plan.actions import Operation
from muster.replication.outbound import needs_between
from muster.replication.outbound_of_group import rules_to_add, shown_rule
from muster.replication.outbound_rules import covers_tag
from muster.steps.isolation.egress import prefixes, range_of
from muster.steps.preflight_checks.check import Area, N, T, each, rows_of, unknown
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import subnets_of
from muster.steps.preflight_checks.replicating import (
    routes_let_replicate,
    walls_let_replicate,
)
from muster.steps.preflight_checks.told import listed, listed_or_none, part, text
from muster.steps.preflight_checks.walls import refuses
from muster.steps.preflight_checks.wide import Range, are_wide, is_everywhere, is_huge

CLOSED = "none"
THROUGH = {
    "virtualappliance": "goes to the appliance",
    "virtualnetworkgateway": "goes to the gateway",
}
OUT = frozenset({"internet", "vnetlocal"})
BY_ENDPOINT = {
    "storage": "microsoft.storage",
    "eventhub": "microsoft.eventhub",
    "azureactivedirectory": "microsoft.azureactivedirectory",
}


def source_walls_let_out(facts: Facts) -> Verdict:
    if facts.operation is Operation.REPLICATE:
        return walls_let_replicate(facts)
    facts.need("source_network", "sources", "source_networks", "other_source_subnets", "walls")
    if facts.source_network is None:
        return unknown("the network was not found")
    cards: dict[str, Json | None] = {}
    for vm, source in facts.sources.items():
        of_vm = facts.source_cards.get(vm, ())
        for number, card in enumerate(of_vm, start=1):
            cards[f"{vm}'s card {number}"] = part(card.raw, "properties")
        if source is None or not source.nic_ids or len(of_vm) < len(source.nic_ids):
            cards[vm] = None
    holders = {**_source_subnets(facts), **cards}
    return _let_out(_way(facts), "source", holders, facts.walls)


def target_walls_let_out(facts: Facts) -> Verdict:
    facts.need("target_network", "target_walls")
    if facts.target_network is None:
        return unknown("the network was not found")
    there = subnets_of(facts.target_network)
    return _let_out(_way(facts)[::-1], "target", there, facts.target_walls)


def _source_subnets(facts: Facts) -> dict[str, Json]:
    """Those of the plan's network, and those of others that a VM of the plan stands in."""
    own = subnets_of(facts.source_network) if facts.source_network else {}
    return {**own, **{text(one, "name"): one for one in facts.other_source_subnets}}


def _let_out(
    way: tuple[str, str], what: str, holders: Mapping[str, Json | None], walls: Mapping[str, Json]
) -> Verdict:
    """Whether the groups at subnets, and at cards, let replication out.

    A holder that is None was not found. `way` is from which region to which; after a failover the
    way back is that one turned round.
    """

    def problem(holder: Json | None) -> str | None:
        if holder is None:
            raise NotRead("its network cards were not found")
        wall_id = _id_in(holder, "networkSecurityGroup")
        if not wall_id:
            return None
        wall = walls.get(key_of(wall_id))
        if wall is None:
            raise NotRead(f"the group {wall_id.rpartition('/')[2]} was not found")
        return _said(wall, ranges_of(holder), way)

    return each(holders, problem, f"no security group of the {what} keeps replication in")


def _way(facts: Facts) -> tuple[str, str]:
    return facts.plan.source.region, facts.plan.target.region


def ranges_of(holder: Json) -> list[str]:
    """The ranges of a subnet; of a card, its own addresses."""
    of_card = [
        str(mapping(config.get("properties")).get("privateIPAddress"))
        for config in listed_or_none(holder, "ipConfigurations")
        if mapping(config.get("properties")).get("privateIPAddress")
    ]
    return [*prefixes(holder, "addressPrefix", "addressPrefixes"), *of_card]


def source_routes_lead_out(facts: Facts) -> Verdict:
    """An appliance may let everything through or nothing: from here nobody knows."""
    if facts.operation is Operation.REPLICATE:
        return routes_let_replicate(facts)
    facts.need("source_network", "source_networks", "other_source_subnets", "routes")
    if facts.source_network is None:
        return unknown("the network was not found")

    def problem(subnet: Json) -> str | None:
        table_id = _id_in(subnet, "routeTable")
        if not table_id:
            return None
        table = facts.routes.get(key_of(table_id))
        if table is None:
            raise NotRead(f"the route table {table_id.rpartition('/')[2]} was not found")
        return _led_astray(table, subnet, _way(facts))

    fine = "no route of the source keeps replication in"
    return each(_source_subnets(facts), problem, fine)


def _said(wall: Json, at: list[str], way: tuple[str, str]) -> str | None:
    """What a group keeps in, and the rules that would let it out: those of `--plan-only`."""
    kept = {
        need.tag: rule
        for need in needs_between(*way)
        if (rule := refuses(wall, need.tag, need.port, at=at))
    }
    if not kept:
        return None
    rules = ", ".join(sorted(set(kept.values())))
    said = f"{wall.get('name')} refuses {', '.join(kept)} by {rules}"
    added = ", ".join(shown_rule(rule) for rule in rules_to_add(wall, *way))
    return f"{said}; add {added}" if added else said


def _led_astray(table: Json, subnet: Json, way: tuple[str, str]) -> str | None:
    """How a table keeps a service in, by its tag's route or else by the widest ranges'.

    Raises:
        NotRead: Something goes to where nobody here knows whether it is let through, or a part
            of the internet is dropped, and nobody knows whether a service lies in it.
    """
    routes = [part(route, "properties") for route in listed(part(table, "properties"), "routes")]
    endpoints = {
        text(one, "service").casefold() for one in listed_or_none(subnet, "serviceEndpoints")
    }
    tags = [
        need.tag
        for need in needs_between(*way)
        if BY_ENDPOINT.get(need.tag.partition(".")[0].casefold()) not in endpoints
    ]
    closed, doubts = _closed(routes), list[str]()
    is_dropped = is_everywhere(closed) or any(map(is_huge, closed))
    dropped: list[str] = []
    for tag in tags:
        own = [route for route in routes if _is_for(route, tag)]
        if any(_hop(route) == CLOSED for route in own) or (not own and is_dropped):
            dropped.append(tag)
        doubts += [_in_doubt(route) for route in own or _perhaps_for(routes, tag)]
    if dropped:
        return f"routes of {table.get('name')} drop {', '.join(dropped)}"
    if found := [one for one in doubts if one]:
        raise NotRead(f"{found[0]}, which has to let {', '.join(tags)} through")
    return None


def _is_for(route: Json, tag: str) -> bool:
    """Whether a route leads all of what a tag holds, by a tag."""
    prefix = text(route, "addressPrefix")
    return range_of(prefix) is None and bool(covers_tag((prefix,), tag))


def _closed(routes: Sequence[Json]) -> list[Range]:
    """Public ranges that are dropped."""
    found = [one for route in routes if _hop(route) == CLOSED and (one := _range(route))]
    return [one for one in found if not one.is_private]


def _perhaps_for(routes: Sequence[Json], tag: str) -> list[Json]:
    """Routes that may lead a part of what a tag holds; a few dropped addresses are none."""
    are_many_dropped = are_wide(_closed(routes))

    def leads(route: Json) -> bool:
        told = _range(route)
        if told is None:
            return covers_tag((text(route, "addressPrefix"),), tag) is None
        if _hop(route) == CLOSED:
            return are_many_dropped and not told.is_private
        return are_wide([told])

    return [route for route in routes if leads(route)]


def _in_doubt(route: Json) -> str:
    """What a route does that may keep a service in; "" where it lets it out."""
    hop = _hop(route)
    if hop in OUT:
        return ""
    if hop == CLOSED:
        return f"what goes to {text(route, 'addressPrefix')} is dropped"
    where = THROUGH.get(hop, f"goes to {hop}")
    return f"it {where} {route.get('nextHopIpAddress') or ''}".rstrip()


def _range(route: Json) -> Range | None:
    return range_of(text(route, "addressPrefix"))


def _hop(route: Json) -> str:
    return text(route, "nextHopType").casefold()


def _id_in(holder: Json, word: str) -> str:
    """The id that a subnet or a card names; "" where Azure leaves the key out: it names none."""
    return text(part(holder, word), "id") if holder.get(word) is not None else ""


CHECKS = rows_of(
    Area.OUTBOUND,
    ("PRE-067", "the source's security groups let replication out", T, T, T,
     "Add the rules named; `muster replicate PLAN --plan-only` has each as a command.",
     source_walls_let_out),
    ("PRE-068", "the source's routes let replication out", T, T, T,
     "Let the appliance pass the service tags named, or add routes for them with the next hop "
     "Internet.", source_routes_lead_out),
    ("PRE-069", "the target's security groups let replication out", N, T, N,
     "Add the rule named: without it no VM can be reprotected after a failover.",
     target_walls_let_out),
)  # fmt: skip
