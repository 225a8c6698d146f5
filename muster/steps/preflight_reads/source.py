"""The source: its VMs, their network cards and disks, and the rules on their way out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from muster.gateway.ids import key_of, parse_id
from muster.gateway.parse import mapping, parse_resource, rows, text_of
from muster.gateway.values import Json, Resource, VirtualMachine
from muster.steps.copies import networks_of_card
from muster.steps.items import source_vm_id
from muster.steps.preflight_reads.reader import Reader

CARDS = "Microsoft.Network/networkInterfaces"
DISKS = "Microsoft.Compute/disks"
WALLS = "Microsoft.Network/networkSecurityGroups"
ROUTES = "Microsoft.Network/routeTables"
OF_SOURCE = ("sources", "source_networks", "source_disks", "source_network", "walls", "routes")


async def read_source(reader: Reader) -> None:
    """Lists of the source's group, not a read for each VM; then what they refer to elsewhere."""
    facts, gateway, scene = reader.facts, reader.gateway, reader.scene
    group, within = scene.source_group_id, f"{scene.source_group_id}/providers"
    vms, cards, disks, facts.source_network = await asyncio.gather(
        reader.rows("sources", lambda: gateway.vms(group)),
        reader.rows("source_networks", lambda: gateway.collection(f"{within}/{CARDS}")),
        reader.rows("source_disks", lambda: gateway.collection(f"{within}/{DISKS}")),
        reader.read("source_network", lambda: gateway.resource(facts.source_network_id), None),
    )
    by_id = {key_of(vm.id): vm for vm in vms}
    facts.sources = {
        vm.name: by_id.get(key_of(source_vm_id(scene, vm.name))) for vm in scene.plan.all_vms
    }
    facts.source_disks = by_key(disks)
    if "sources" in facts.unread:
        for name in ("source_networks", "walls"):
            facts.unread[name] = facts.unread["sources"]
    else:
        await reader.whole(("source_networks", "walls"), _cards(reader, by_key(cards)))
    await reader.whole(("walls", "routes"), _rules(reader))


async def _cards(reader: Reader, listed: Mapping[str, Json]) -> None:
    """Each VM's cards: from the list, or singly where one stands in another group."""
    facts = reader.facts
    found = {vm: source for vm, source in facts.sources.items() if source is not None}
    ids = [card for source in found.values() for card in source.nic_ids]
    known = {one: parse_resource(listed[key_of(one)]) for one in ids if key_of(one) in listed}
    elsewhere = [one for one in ids if one not in known]
    read = await reader.each("source_networks", elsewhere, reader.gateway.resource, None)
    for one in (one for one in elsewhere if read.get(one) is None):
        facts.unread.setdefault("source_networks", f"there is no network card {one}")
    cards = known | {one: card for one, card in read.items() if card is not None}
    facts.source_cards = {vm: _of(source, cards) for vm, source in found.items()}
    facts.source_networks = {
        vm: tuple(dict.fromkeys(one for card in of_vm for one in networks_of_card(card)))
        for vm, of_vm in facts.source_cards.items()
    }


def _of(source: VirtualMachine, cards: Mapping[str, Resource]) -> tuple[Resource, ...]:
    return tuple(cards[one] for one in source.nic_ids if one in cards)


async def _rules(reader: Reader) -> None:
    """Security groups and route tables that the subnets and the cards name."""
    facts = reader.facts
    subnets = subnets_of(facts.source_network)
    cards = [card for of_vm in facts.source_cards.values() for card in of_vm]
    walls = [*_named(subnets, "networkSecurityGroup"),
             *_named((card.properties for card in cards), "networkSecurityGroup")]  # fmt: skip
    facts.walls, facts.routes = await asyncio.gather(
        bodies_of(reader, "walls", walls, WALLS),
        bodies_of(reader, "routes", _named(subnets, "routeTable"), ROUTES),
    )


async def bodies_of(
    reader: Reader, name: str, ids: Iterable[str], arm_type: str
) -> dict[str, Json]:
    """The bodies of resources, by key of id: one list for each group that they stand in."""
    wanted = {key_of(one): one for one in ids}
    groups = dict.fromkeys(parse_id(one).group_id for one in wanted.values())
    found: dict[str, Json] = {}
    for group in groups:
        path = f"{group}/providers/{arm_type}"
        listed = await reader.rows(name, lambda path=path: reader.gateway.collection(path))  # type: ignore[misc]
        found |= by_key(listed)
    return {key: body for key, body in found.items() if key in wanted}


def subnets_of(network: Resource | None) -> list[Json]:
    """The properties of a network's subnets, each with its name."""
    listed = rows(network.properties.get("subnets")) if network else []
    return [{**mapping(row.get("properties")), "name": row.get("name")} for row in listed]


def by_key(listed: Iterable[Json]) -> dict[str, Json]:
    """Rows of a list by the keys of their ids."""
    return {key_of(text_of(row.get("id"))): row for row in listed}


def _named(holders: Iterable[Json], word: str) -> list[str]:
    return [text_of(one) for holder in holders if (one := mapping(holder.get(word)).get("id"))]
