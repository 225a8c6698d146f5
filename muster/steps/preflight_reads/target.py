"""The target: its group, networks, who holds which address there, and its DNS."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from muster.gateway.ids import key_of, parse_id
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import Json, Resource
from muster.steps.items import source_vm_id
from muster.steps.preflight_checks.not_set_up import no_group
from muster.steps.preflight_reads.lists import bodies_of
from muster.steps.preflight_reads.reader import Reader
from muster.steps.preflight_reads.source import CARDS, WALLS, subnets_of

ZONES = "Microsoft.Network/privateDnsZones"
OF_TARGET = (
    *("target_group", "in_target_group", "target_network", "drill_network"),
    *("peers", "target_addresses", "target_walls", "zones"),
)


async def read_target(reader: Reader) -> None:
    """Group and networks at once, then what they refer to."""
    facts, gateway = reader.facts, reader.gateway
    (
        facts.target_group,
        facts.in_target_group,
        facts.target_network,
        facts.drill_network,
    ) = await asyncio.gather(
        reader.read("target_group", lambda: gateway.resource(facts.target_group_id), None),
        reader.rows("in_target_group", lambda: gateway.resources_of_group(facts.target_group_id)),
        reader.read("target_network", lambda: gateway.resource(facts.target_network_id), None),
        reader.read("drill_network", lambda: gateway.resource(facts.drill_network_id), None),
    )
    if facts.target_group is None and "target_group" not in facts.unread:
        facts.unread["in_target_group"] = no_group(facts)  # in these words, not in Azure's
    await asyncio.gather(
        reader.whole(("peers",), _peers(reader)),
        reader.whole(("target_addresses",), _addresses(reader)),
        reader.whole(("target_walls",), _walls(reader)),
        reader.whole(("zones",), _zones(reader)),
    )


async def _peers(reader: Reader) -> None:
    network = reader.facts.target_network
    peerings = rows(network.properties.get("virtualNetworkPeerings")) if network else []
    remote = [
        text_of(mapping(mapping(peering.get("properties")).get("remoteVirtualNetwork")).get("id"))
        for peering in peerings
    ]
    reader.facts.peers = await reader.each(
        "peers", filter(None, remote), reader.gateway.resource, None
    )


async def _addresses(reader: Reader) -> None:
    """Who holds which address where copies come up: cards stand in that subscription only."""
    facts = reader.facts
    path = f"/subscriptions/{parse_id(facts.landing_id).subscription}/providers/{CARDS}"
    cards = await reader.rows("target_addresses", lambda: reader.gateway.collection(path))
    inside = key_of(facts.landing_id) + "/subnets/"
    facts.target_addresses = {
        address: text_of(card.get("name"))
        for card in cards
        for address, subnet in _held(card)
        if key_of(subnet).startswith(inside)
    }


def _held(card: Json) -> Iterator[tuple[str, str]]:
    """Addresses of a card, each with the id of its subnet."""
    for config in rows(mapping(card.get("properties")).get("ipConfigurations")):
        properties = mapping(config.get("properties"))
        subnet = text_of(mapping(properties.get("subnet")).get("id"))
        if subnet and properties.get("privateIPAddress"):
            yield text_of(properties.get("privateIPAddress")), subnet


async def _walls(reader: Reader) -> None:
    named = [
        text_of(mapping(subnet.get("networkSecurityGroup")).get("id"))
        for subnet in subnets_of(reader.facts.target_network)
    ]
    reader.facts.target_walls = await bodies_of(reader, "target_walls", filter(None, named), WALLS)


async def _zones(reader: Reader) -> None:
    """Private DNS zones, and which networks they are linked to.

    A zone may stand in any subscription, and Azure does not tell a network's links from the
    network's side: every subscription is looked in that the caller sees, the source's first.
    """
    facts, gateway, scene = reader.facts, reader.gateway, reader.scene
    sources = (source_vm_id(scene, vm.name) for vm in scene.plan.all_vms)
    named = {parse_id(one).subscription or "" for one in (*sources, facts.source_network_id)}

    async def of(subscription: str) -> tuple[Resource, ...]:
        return await gateway.resources_of_type(subscription, ZONES)

    none: tuple[Resource, ...] = ()
    seen = await reader.rows("zones", gateway.subscriptions)
    by_subscription = {one.casefold(): one for one in (*sorted(named), *sorted(seen))}
    listed = await reader.each("zones", by_subscription.values(), of, none)
    facts.zones_looked_in = tuple(listed)
    ids = [zone.id for zones in listed.values() for zone in zones]

    async def links(zone: str) -> tuple[Json, ...]:
        return await gateway.collection(f"{zone}/virtualNetworkLinks")

    unread: tuple[Json, ...] = ()
    found = await reader.each("zones", ids, links, unread)
    facts.zones = {zone: tuple(map(_linked, rows_)) for zone, rows_ in found.items()}


def _linked(link: Json) -> str:
    network = mapping(mapping(link.get("properties")).get("virtualNetwork"))
    return key_of(text_of(network.get("id")))
