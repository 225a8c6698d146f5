"""Where a machine lands: network, subnet and address, as Site Recovery chooses (FACTS 7)."""

from __future__ import annotations

from dataclasses import dataclass

from muster.simulator.arm import addresses
from muster.simulator.arm.ids import name_of, same
from muster.simulator.arm.networks import NETWORK
from muster.simulator.asr import item_nics
from muster.simulator.json_types import Json
from muster.simulator.world import World


class NoPlace(Exception):
    """The machine cannot be placed; the text says why."""

    def fault(self) -> Json:
        """As a job tells it. That the job fails is inferred, the code is ours: UNCERTAIN."""
        return {
            "code": "990001",
            "message": str(self),
            "causes": "The network or what stands in it changed.",
            "action": "Clean up, mend the network and try again.",
        }


@dataclass(frozen=True, slots=True)
class Place:
    """A subnet, and an address in it."""

    network: Json
    subnet: Json
    address: str
    static: bool


def network_for(item: Json, asked: str | None) -> str:
    """A test's network: the item's own setting wins over the one in the call."""
    return str(item["own"]["network"] or asked or "")


def place_of_test(world: World, item: Json, asked: str | None, vm_id: str) -> Place:
    """Choose for the test copy of an item: its own test settings, else as its target's say.

    Subnet and address are those "in the Compute and Network settings of the VM"
    [DOC:site-recovery-test-failover-to-azure]; where those say nothing, the source's.

    Raises: NoPlace.
    """
    own = item["own"]
    subnet = own["subnet"] or item_nics.recovery_subnet(item)
    address = own["address"] or item_nics.address_for_test(item)
    return _place(world, item, network_for(item, asked), vm_id, _Wish(subnet, address))


def place_of_recovery(world: World, item: Json, vm_id: str) -> Place:
    """Choose for the recovered VM of an item. Raises: NoPlace."""
    subnet, address = item_nics.recovery_subnet(item), item_nics.recovery_address(item)
    network = str(item["landing"]["network"] or item["recovery_network"] or "")
    return _place(world, item, network, vm_id, _Wish(subnet, address))


@dataclass(frozen=True, slots=True)
class _Wish:
    """The subnet and the address a machine would like; "" for any."""

    subnet: str
    address: str


def _place(world: World, item: Json, network_id: str, vm_id: str, wish: _Wish) -> Place:
    if world.resource(vm_id):
        raise NoPlace(f"A virtual machine '{name_of(vm_id)}' is there already.")
    network = world.resource(network_id)
    if network is None or not same(network["type"], NETWORK):
        raise NoPlace(f"The network '{network_id}' was not found.")
    if not same(network["location"], item["recovery_location"]):
        raise NoPlace(f"The network '{network_id}' is not in {item['recovery_location']}.")
    subnet = _subnet(network, wish.subnet)
    address, static = _address(world, subnet, wish.address)
    return Place(network, subnet, address, static)


def _subnet(network: Json, wanted: str) -> Json:
    """The subnet of the wanted name, else the alphabetically first."""
    subnets: list[Json] = sorted(
        network["properties"]["subnets"], key=lambda entry: str(entry["name"])
    )
    if not subnets:
        raise NoPlace(f"The network '{network['id']}' has no subnet.")
    return next((entry for entry in subnets if same(entry["name"], wanted)), subnets[0])


def _address(world: World, subnet: Json, wanted: str) -> tuple[str, bool]:
    """The wanted address if it is free and inside, else the next free one."""
    free = wanted and wanted not in addresses.taken(world, subnet)
    if free and addresses.is_usable(subnet, wanted):
        return wanted, True
    found = addresses.next_free(world, subnet)
    if found is None:
        raise NoPlace(f"Subnet '{subnet['id']}' has no free address.")
    return found, False
