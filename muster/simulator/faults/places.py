"""What the placeholders of a request mean: ids of a protected VM and of what it stands in."""

from __future__ import annotations

import re

from muster.simulator.arm.ids import name_of
from muster.simulator.json_types import Json
from muster.simulator.world import World

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
NAMES = (
    "vm", "vm_id", "nic_id", "location", "address", "subnet", "subscription", "source_group",
    "vault_id", "container_id", "item_id", "target_group", "target_location", "target_network",
    "target_network_name", "copy_id", "copy_group",
)  # fmt: skip
"""What may stand in braces."""


def places(world: World, vm: str, instead: str) -> dict[str, str]:
    """By name, for a source VM; for the one named `instead` where it is not protected.

    `{copy_group}` is the security group that the copy stands behind, once there is one.
    """
    by_name = {str(item["vm_name"]).lower(): item for item in world.items.values()}
    item = by_name.get(vm.lower()) or by_name.get(instead.lower())
    if item is None:
        return {}
    source, target = item["vm"], item["recovery_group"]
    network = str(item["recovery_network"] or "")
    copied = item["test"]["vm"] or (
        f"{target}/providers/Microsoft.Compute/virtualMachines/{item['vm_name']}-test"
    )
    return {
        "vm": item["vm_name"],
        "vm_id": source,
        "nic_id": item["nic"]["id"],
        "location": item["location"],
        "address": item["nic"]["address"],
        "subnet": item["nic"]["subnet"],
        "subscription": "/".join(source.split("/")[:3]),
        "source_group": "/".join(source.split("/")[:5]),
        "vault_id": item["vault_id"],
        "container_id": item["id"].rpartition("/replicationProtectedItems/")[0],
        "item_id": item["id"],
        "target_group": target,
        "target_location": item["recovery_location"],
        "target_network": network,
        "target_network_name": name_of(network) if network else "",
        "copy_id": copied,
        "copy_group": _group_of(world, copied),
    }


def _group_of(world: World, vm_id: str) -> str:
    """The security group of the subnet that a VM stands in; "" as long as there is none."""
    vm = world.resource(vm_id)
    for reference in vm["properties"]["networkProfile"]["networkInterfaces"] if vm else ():
        nic = world.resource(reference["id"])
        for config in nic["properties"]["ipConfigurations"] if nic else ():
            if group := _of_subnet(world, config["properties"]["subnet"]["id"]):
                return group
    return ""


def _of_subnet(world: World, subnet_id: str) -> str:
    network = world.resource(subnet_id.rpartition("/subnets/")[0])
    subnets: list[Json] = network["properties"]["subnets"] if network else []
    for subnet in subnets:
        if subnet["id"].lower() == subnet_id.lower():
            return str((subnet["properties"].get("networkSecurityGroup") or {}).get("id", ""))
    return ""
