"""Whether what an update of an item asks for can be: names, a size, subnets, addresses, groups.

That Site Recovery refuses it with the update, not in the next failover, is inferred.
"""

from __future__ import annotations

from muster.simulator.arm import addresses
from muster.simulator.arm.ids import same
from muster.simulator.asr import item_nics, names
from muster.simulator.asr.item_faces import faces
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.compute.sizes import size_of
from muster.simulator.json_types import Json
from muster.simulator.world import World


def demand_possible(world: World, item: Json, asked: Json) -> None:
    """Refuse changes that no failover and no test could follow. Raises: Unfit.

    asked: as `update_input.changes` has read it; judged together with what the item keeps.
    """
    target = asked["target"]
    for name in _given(target, "name", "test_name"):
        names.demand_vm_name(name)
    if target.get("size") and size_of(target["size"]) is None:
        raise Unfit(f"'{target['size']}' is not a size of virtual machines.")
    for disk in asked["disks"].values():
        for name in _given(disk, "failover_name", "test_name"):
            names.demand_part_name(name)
    for face in faces(item):
        nothing: Json = {"landing": {}, "own": {}}
        of_nic = {} if face is item else asked["nics"].get(face["nic"]["id"].lower(), nothing)
        _demand_nic(world, face, asked | of_nic)


def _demand_nic(world: World, face: Json, asked: Json) -> None:
    """One NIC: names, and where it would stand."""
    for part in (asked["landing"], asked["own"]):
        for name in _given(part, "nic_name"):
            names.demand_part_name(name)
        for name in _given(part, "nic_group"):
            _demand_group(world, face, name)
    _demand_landing(world, face, asked)
    _demand_test_place(world, face, asked)


def _given(part: Json, *keys: str) -> list[str]:
    """What a part of the input says under some keys; an empty text is nothing."""
    return [part[key] for key in keys if part.get(key)]


def demand_subnet(world: World, network_id: str | None, name: str) -> Json | None:
    """The subnet of a name; None if its network is not known yet. Raises: Unfit."""
    network = world.resource(network_id) if network_id else None
    if network is None:
        return None
    for subnet in network["properties"]["subnets"]:
        if same(subnet["name"], name):
            return dict(subnet)
    raise Unfit(f"The network '{network['name']}' has no subnet '{name}'.")


def _demand_landing(world: World, item: Json, asked: Json) -> None:
    """Only what is named is judged: the source's own subnet need not be on the other side."""
    landing = item["landing"] | asked["landing"]
    network = landing["network"] or asked["item"].get("recovery_network")
    network = network or item["recovery_network"]
    chosen = asked["landing"]
    subnet = demand_subnet(world, network, landing["subnet"]) if landing["subnet"] else None
    if chosen.get("address"):
        if subnet is None and network:
            subnet = demand_subnet(world, network, item_nics.recovery_subnet(item))
        _demand_inside(subnet, chosen["address"])


def _demand_test_place(world: World, item: Json, asked: Json) -> None:
    """A test's subnet can be judged once its network is chosen; else each call brings one."""
    own, chosen = item["own"] | asked["own"], asked["own"]
    subnet = demand_subnet(world, own["network"], own["subnet"]) if own["subnet"] else None
    if chosen.get("address"):
        _demand_inside(subnet, chosen["address"])


def _demand_inside(subnet: Json | None, address: str) -> None:
    if subnet is not None and not addresses.is_usable(subnet, address):
        raise Unfit(f"The address '{address}' is not one of the subnet '{subnet['name']}'.")


def _demand_group(world: World, item: Json, name: str) -> None:
    group = f"{item['recovery_group'].rpartition('/')[0]}/{name}"
    if world.resource(group) is None:
        raise Unfit(f"The resource group '{name}' was not found.")
