"""The source: its VMs, their network cards and disks, and the rules on their way out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from muster.gateway.ids import key_of, parse_id
from muster.gateway.parse import mapping, parse_resource, rows, text_of
from muster.gateway.parse_compute import parse_vm
from muster.gateway.values import Json, Resource, VirtualMachine
from muster.replication.selecting import selecting_scopes, selects
from muster.steps.copies import networks_of_card, subnets_of_card
from muster.steps.items import source_vm_id
from muster.steps.preflight_reads.lists import bodies_of, listed_around
from muster.steps.preflight_reads.reader import Reader

MACHINES = "Microsoft.Compute/virtualMachines"
CARDS = "Microsoft.Network/networkInterfaces"
DISKS = "Microsoft.Compute/disks"
WALLS = "Microsoft.Network/networkSecurityGroups"
ROUTES = "Microsoft.Network/routeTables"
OTHERS = "other_source_subnets"
OF_SOURCE = (
    *("sources", "source_networks", "source_disks", "source_network"),
    *(OTHERS, "walls", "routes", "powers"),
)


async def read_source(reader: Reader) -> None:
    """Lists of the groups that the VMs stand in, not a read for each VM; then what they name."""
    facts, gateway, scene = reader.facts, reader.gateway, reader.scene
    ids = {vm.name: source_vm_id(scene, vm.name) for vm in scene.plan.all_vms}
    vms, facts.selected, facts.source_network = await asyncio.gather(
        listed_around(reader, "sources", ids.values(), gateway.vms),
        _selected(reader),
        reader.read("source_network", lambda: gateway.resource(facts.source_network_id), None),
    )
    facts.source_ids = ids
    by_id = {key_of(vm.id): vm for vm in vms}
    facts.sources = {name: by_id.get(key_of(one)) for name, one in ids.items()}
    if "sources" in facts.unread:
        for name in ("source_networks", "source_disks", "walls"):
            facts.unread.setdefault(name, facts.unread["sources"])
    else:
        await asyncio.gather(
            reader.whole(("source_networks", "walls"), _cards(reader)),
            reader.whole(("source_disks",), _disks(reader)),
        )
        await reader.whole((OTHERS, "walls", "routes"), _networks(reader))
    await reader.whole(("walls", "routes"), _rules(reader))
    await reader.whole(("powers",), _powers(reader))


async def _powers(reader: Reader) -> None:
    """Whether VMs run: only a subscription's list tells it of all at once (`statusOnly`).

    https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all
    """
    facts, gateway = reader.facts, reader.gateway
    scopes = {f"/subscriptions/{parse_id(one).subscription}" for one in facts.source_ids.values()}
    nothing: tuple[Json, ...] = ()
    listed = await reader.each(
        "powers",
        [f"{scope}/providers/{MACHINES}?statusOnly=true" for scope in sorted(scopes)],
        gateway.collection,
        nothing,
    )
    vms = (parse_vm(row, instance_view=True) for rows in listed.values() for row in rows)
    facts.powers = {key_of(vm.id): vm.power_state for vm in vms}


async def _selected(reader: Reader) -> tuple[VirtualMachine, ...]:
    """VMs that `replication.select` means: of its groups, or of the whole subscription by tags."""
    plan, subscription = reader.scene.plan, reader.scene.subscription
    nobody: tuple[VirtualMachine, ...] = ()
    scopes = selecting_scopes(plan, subscription)
    listed = await reader.each("selected", scopes, reader.gateway.vms, nobody)
    found = {key_of(vm.id): vm for vms in listed.values() for vm in vms}
    return tuple(
        vm
        for vm in found.values()
        if selects(plan, subscription, vm.id, vm.location.replace(" ", ""), vm.tags)
    )


async def _disks(reader: Reader) -> None:
    """Of the VMs, and those that their items replicate."""
    facts = reader.facts
    ids = [disk for vm in facts.sources.values() if vm for disk in vm.disk_ids]
    ids += [disk for item in facts.items.values() for disk in item.source_disk_ids]
    facts.source_disks = await bodies_of(reader, "source_disks", ids, DISKS)


async def _cards(reader: Reader) -> None:
    """Each VM's cards: from lists, or singly where no list shows one."""
    facts = reader.facts
    found = {vm: source for vm, source in facts.sources.items() if source is not None}
    ids = [card for source in found.values() for card in source.nic_ids]
    listed = await bodies_of(reader, "source_networks", ids, CARDS)
    known = {one: parse_resource(listed[key_of(one)]) for one in ids if key_of(one) in listed}
    unlisted = [one for one in ids if one not in known]
    read = await reader.each("source_networks", unlisted, reader.gateway.resource, None)
    for one in (one for one in unlisted if read.get(one) is None):
        facts.unread.setdefault("source_networks", f"there is no network card {one}")
    cards = known | {one: card for one, card in read.items() if card is not None}
    facts.source_cards = {vm: _of(source, cards) for vm, source in found.items()}
    facts.source_networks = {
        vm: tuple(dict.fromkeys(one for card in of_vm for one in networks_of_card(card)))
        for vm, of_vm in facts.source_cards.items()
    }


def _of(source: VirtualMachine, cards: Mapping[str, Resource]) -> tuple[Resource, ...]:
    return tuple(cards[one] for one in source.nic_ids if one in cards)


async def _networks(reader: Reader) -> None:
    """Subnets of other networks than the plan's that cards of the VMs stand in."""
    facts = reader.facts
    cards = [card for of_vm in facts.source_cards.values() for card in of_vm]
    stood_in = {key_of(one) for card in cards for one in subnets_of_card(card)}
    ids = {key_of(one): one for of_vm in facts.source_networks.values() for one in of_vm}
    ids.pop(key_of(facts.source_network_id), None)
    read = await reader.each(OTHERS, ids.values(), reader.gateway.resource, None)
    facts.other_source_subnets = tuple(
        {**subnet, "name": f"{network.name}/{subnet['name']}"}
        for network in read.values()
        if network is not None
        for subnet in subnets_of(network)
        if key_of(f"{network.id}/subnets/{subnet['name']}") in stood_in
    )


async def _rules(reader: Reader) -> None:
    """Security groups and route tables that the subnets and the cards name."""
    facts = reader.facts
    subnets = [*subnets_of(facts.source_network), *facts.other_source_subnets]
    cards = [card for of_vm in facts.source_cards.values() for card in of_vm]
    walls = [*_named(subnets, "networkSecurityGroup"),
             *_named((card.properties for card in cards), "networkSecurityGroup")]  # fmt: skip
    facts.walls, facts.routes = await asyncio.gather(
        bodies_of(reader, "walls", walls, WALLS),
        bodies_of(reader, "routes", _named(subnets, "routeTable"), ROUTES),
    )


def subnets_of(network: Resource | None) -> list[Json]:
    """The properties of a network's subnets, each with its name."""
    listed = rows(network.properties.get("subnets")) if network else []
    return [{**mapping(row.get("properties")), "name": row.get("name")} for row in listed]


def _named(holders: Iterable[Json], word: str) -> list[str]:
    return [text_of(one) for holder in holders if (one := mapping(holder.get(word)).get("id"))]
