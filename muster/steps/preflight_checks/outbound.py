"""Is replication let out: to Storage, Entra, Site Recovery and Event Hubs, past rules and routes?

https://learn.microsoft.com/azure/site-recovery/azure-to-azure-about-networking
"""

from __future__ import annotations

from collections.abc import Mapping

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping
from muster.gateway.values import Json
from muster.replication.outbound_of_group import rules_to_add, shown_rule
from muster.steps.isolation.egress import prefixes, range_of
from muster.steps.preflight_checks.check import Area, N, T, each, rows_of, unknown
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import subnets_of
from muster.steps.preflight_checks.told import listed, listed_or_none, part, text
from muster.steps.preflight_checks.walls import WIDER, refuses
from muster.steps.preflight_checks.wide import is_everywhere, is_wide

SERVICES = ("Storage", "AzureActiveDirectory", "AzureSiteRecovery", "EventHub")
"""Service tags that an agent sends to, all over TCP 443."""
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
        return _led_astray(table, subnet)

    fine = "no route of the source keeps replication in"
    return each(_source_subnets(facts), problem, fine)


def _said(wall: Json, at: list[str], way: tuple[str, str]) -> str | None:
    """What a group keeps in, and the rules that would let it out: those of `--plan-only`."""
    kept = {
        service: rule
        for service in SERVICES
        if (rule := refuses(wall, service, at=at, regions=way))
    }
    if not kept:
        return None
    rules = ", ".join(sorted(set(kept.values())))
    said = f"{wall.get('name')} refuses {', '.join(kept)} by {rules}"
    added = ", ".join(shown_rule(rule) for rule in rules_to_add(wall, *way))
    return f"{said}; add {added}" if added else said


def _led_astray(table: Json, subnet: Json) -> str | None:
    """How a table keeps a service in, by its tag's route or else by the widest ranges'.

    Raises:
        NotRead: Something goes to where nobody here knows whether it is let through.
    """
    routes = [part(route, "properties") for route in listed(part(table, "properties"), "routes")]
    wide = [route for route in routes if _leads_everything(route)]
    endpoints = {
        text(one, "service").casefold() for one in listed_or_none(subnet, "serviceEndpoints")
    }
    doubts: list[str] = []
    dropped: list[str] = []
    for service in SERVICES:
        if BY_ENDPOINT.get(service.casefold()) in endpoints:
            continue
        own = [route for route in routes if _leads(route, service.casefold())]
        for route in own or wide:
            hop = text(route, "nextHopType").casefold()
            if hop == CLOSED:
                dropped.append(service)
            if hop not in OUT:
                where = (
                    f"{THROUGH.get(hop, f'goes to {hop}')} {route.get('nextHopIpAddress') or ''}"
                )
                doubts.append(f"it {where}".rstrip())
    if dropped:
        return f"routes of {table.get('name')} drop {', '.join(dict.fromkeys(dropped))}"
    if doubts:
        raise NotRead(f"{doubts[0]}, which has to let {', '.join(SERVICES)} through")
    return None


def _leads(route: Json, service: str) -> bool:
    return text(route, "addressPrefix").partition(".")[0].casefold() in {service, WIDER}


def _leads_everything(route: Json) -> bool:
    told = range_of(text(route, "addressPrefix"))
    return told is not None and (is_everywhere([told]) or is_wide(told))


def _id_in(holder: Json, word: str) -> str:
    """The id that a subnet or a card names; "" where Azure leaves the key out: it names none."""
    return text(part(holder, word), "id") if holder.get(word) is not None else ""


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
