"""Where a test copy lands: network, subnet and address, as Site Recovery chooses (FACTS 7)."""

from __future__ import annotations

from dataclasses import dataclass

from muster.simulator.arm import addresses
from muster.simulator.arm.ids import name_of, same
from muster.simulator.arm.networks import NETWORK
from muster.simulator.json_types import Json
from muster.simulator.world import World


class NoPlace(Exception):
    """The copy cannot be placed; the text says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A subnet, and an address in it."""

    network: Json
    subnet: Json
    address: str
    static: bool


def network_for(item: Json, asked: str | None) -> str:
    """The network's id: the item's own test setting wins over the one in the call."""
    return str(item["own"]["network"] or asked or "")


def place(world: World, item: Json, asked: str | None, vm_id: str) -> Place:
    """Choose for the copy of one item. Raises: NoPlace."""
    if world.resource(vm_id):
        raise NoPlace(f"A virtual machine '{name_of(vm_id)}' is there already.")
    network_id = network_for(item, asked)
    network = world.resource(network_id)
    if network is None or not same(network["type"], NETWORK):
        raise NoPlace(f"The network '{network_id}' was not found.")
    if not same(network["location"], item["recovery_location"]):
        raise NoPlace(f"The network '{network_id}' is not in {item['recovery_location']}.")
    subnet = _subnet(network, item)
    address, static = _address(world, subnet, item)
    return Place(network, subnet, address, static)


def _subnet(network: Json, item: Json) -> Json:
    """The subnet of the wanted name, else the alphabetically first."""
    subnets: list[Json] = sorted(
        network["properties"]["subnets"], key=lambda entry: str(entry["name"])
    )
    if not subnets:
        raise NoPlace(f"The network '{network['id']}' has no subnet.")
    wanted = item["own"]["subnet"] or item["nic"]["subnet"]
    return next((entry for entry in subnets if same(entry["name"], wanted)), subnets[0])


def _address(world: World, subnet: Json, item: Json) -> tuple[str, bool]:
    """The wanted address if it is free and inside, else the next free one."""
    wanted = str(item["own"]["address"] or item["nic"]["address"])
    if addresses.is_usable(subnet, wanted) and wanted not in addresses.taken(world, subnet):
        return wanted, True
    free = addresses.next_free(world, subnet)
    if free is None:
        raise NoPlace(f"Subnet '{subnet['id']}' has no free address.")
    return free, False
