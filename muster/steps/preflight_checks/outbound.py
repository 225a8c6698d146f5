"""Is replication let out: to Storage, Entra, Site Recovery and Event Hubs, past rules and routes?

https://learn.microsoft.com/azure/site-recovery/azure-to-azure-about-networking
"""

from __future__ import annotations

from collections.abc import Mapping

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping
from muster.gateway.values import Json, Resource
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
    facts.need("source_network", "sources", "source_networks", "walls")
    cards: dict[str, Json | None] = {}
    for vm, source in facts.sources.items():
        of_vm = facts.source_cards.get(vm, ())
        for number, card in enumerate(of_vm, start=1):
            cards[f"{vm}'s card {number}"] = part(card.raw, "properties")
        if source is None or not source.nic_ids or len(of_vm) < len(source.nic_ids):
            cards[vm] = None
    return _let_out(facts, facts.source_network, facts.walls, cards)


def target_walls_let_out(facts: Facts) -> Verdict:
    facts.need("target_network", "target_walls")
    return _let_out(facts, facts.target_network, facts.target_walls, {})


def _let_out(
    facts: Facts,
    network: Resource | None,
    walls: Mapping[str, Json],
    cards: Mapping[str, Json | None],
) -> Verdict:
    """Whether the groups at a network's subnets, and at cards, let replication out.

    Args:
        facts: What was read.
        network: Its subnets are judged; None: it was not found.
        walls: Security groups, by key of id.
        cards: Properties of network cards, by name; None for one that was not read.
    """
    if network is None:
        return unknown("the network was not found")
    regions = (facts.plan.source.region, facts.plan.target.region)
    subnets = subnets_of(network)

    def problem(holder: Json | None) -> str | None:
        if holder is None:
            raise NotRead("its network cards were not found")
        wall_id = _id_in(holder, "networkSecurityGroup")
        if not wall_id:
            return None
        wall = walls.get(key_of(wall_id))
        if wall is None:
            raise NotRead(f"the group {wall_id.rpartition('/')[2]} was not found")
        return _said(wall, ranges_of(holder), regions)

    what = "source" if network is facts.source_network else "target"
    fine = f"no security group of the {what} keeps replication in"
    return each({**subnets, **cards}, problem, fine)


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
    facts.need("source_network", "routes")
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
    return each(subnets_of(facts.source_network), problem, fine)


def _said(wall: Json, at: list[str], regions: tuple[str, ...]) -> str | None:
    """What a group keeps in, and the rule that would let it out."""
    kept = {
        service: rule
        for service in SERVICES
        if (rule := refuses(wall, service, at=at, regions=regions))
    }
    if not kept:
        return None
    rules = ", ".join(sorted(set(kept.values())))
    return (
        f"{wall.get('name')} refuses {', '.join(kept)} by {rules}; add before it: Outbound, "
        f"Allow, TCP, source VirtualNetwork, destination {', '.join(kept)}, port 443"
    )


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
    for service in map(str.casefold, SERVICES):
        if BY_ENDPOINT.get(service) in endpoints:
            continue
        own = [route for route in routes if _leads(route, service)]
        for route in own or wide:
            hop = text(route, "nextHopType").casefold()
            if hop == CLOSED:
                return f"a route of {table.get('name')} drops it"
            if hop not in OUT:
                where = (
                    f"{THROUGH.get(hop, f'goes to {hop}')} {route.get('nextHopIpAddress') or ''}"
                )
                doubts.append(f"it {where}".rstrip())
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
     "Add the rule named, with a priority before the one that refuses.", source_walls_let_out),
    ("PRE-068", "the source's routes let replication out", T, T,
     "Let the appliance pass the service tags named, or add routes for them with the next hop "
     "Internet.", source_routes_lead_out),
    ("PRE-069", "the target's security groups let replication out", N, T,
     "Add the rule named: without it no VM can be reprotected after a failover.",
     target_walls_let_out),
)  # fmt: skip
