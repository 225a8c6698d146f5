"""From the input of a PUT to the item that it would make."""

from __future__ import annotations

from typing import Any

from muster.simulator.arm.ids import name_of, same
from muster.simulator.arm.networks import NETWORK
from muster.simulator.asr import item_states, items, protection_input, vault_parts, zonal
from muster.simulator.asr.item_making import (
    disks_of,
    identifiers,
    source_facts,
    untouched,
)
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.asr.update_checks import demand_subnet
from muster.simulator.call import Call
from muster.simulator.json_types import Json
from muster.simulator.world import World

GROUP_LIMIT = 16  # VMs of a multi-VM group (FACTS 6)
VM = "Microsoft.Compute/virtualMachines"


def drafted(call: Call, container: Json, given: Json) -> Json:
    """The item, not yet in the world. Raises: AzureError, Unfit."""
    world, asked = call.world, given["providerSpecificDetails"]
    vault_id = items.vault_of(world, call.target)
    item_id = f"{container['id']}/replicationProtectedItems/{call.target.name}"
    if item_id.lower() in world.items:
        raise Unfit(f"The protected item '{call.target.name}' is there already.")
    vm = _free_vm(world, container, str(asked["fabricObjectId"]))
    target_id = str(asked["recoveryContainerId"])
    target = protection_input.recovery_container(world, container["id"], target_id)
    policy = protection_input.policy(world, str(given["policyId"]))
    group = protection_input.resource(
        world, protection_input.required(asked, "recoveryResourceGroupId"), "resource group"
    )
    disks = protection_input.disks(
        world, asked.get("vmManagedDisks"), disks_of(vm), str(vm["location"])
    )
    sides = vault_parts.side(world, container)
    sides |= vault_parts.side(world, target, "recovery_")
    item = untouched(sides["location"], sides["recovery_location"]) | {
        "id": item_id,
        "name": call.target.name,
        "vault_id": vault_id,
        **sides,
        **vault_parts.policy_facts(policy),
        **source_facts(world, vm),
        **_identity(world, call.target.name, asked),
        "disks": disks,
        "recovery_group": group["id"],
        "rpo": 60.0,
        "protection_state": item_states.ENABLING,
        "replication_health": "Normal",
        "protected_since": world.now,
        "auto_protection": asked.get("autoProtectionOfDataDisk") or "Disabled",
    }
    item["recovery_network"] = _network(world, item, container, asked)
    item["landing"]["subnet"] = _subnet(world, item, asked)
    _place(item, asked)
    return item


def _place(item: Json, asked: Json) -> None:
    """Take over where the recovered VM shall stand. Raises: Unfit."""
    for key, word in _CHOICES.items():
        item["target"][key] = asked.get(word) or None
    item["initial"] |= {"zone": item["zone"], "recovery_zone": item["target"]["zone"]}
    if same(item["fabric"], item["recovery_fabric"]):
        zonal.demand_apart(item)


def _free_vm(world: World, container: Json, vm_id: str) -> Json:
    """The VM, which has to be in the fabric's region and not protected yet."""
    vm = protection_input.resource(world, vm_id, "virtual machine")
    if not same(vm["type"], VM):
        raise Unfit(f"'{vm_id}' is not a virtual machine.")
    region = vault_parts.location_of(world, container["id"])
    if not same(str(vm["location"]), region):
        raise Unfit(f"The virtual machine '{vm['name']}' is in {vm['location']}, not in {region}.")
    machine = world.machines.get(vm["id"].lower()) or {}
    if vm["properties"].get("provisioningState") != "Succeeded" or machine["power"] != "running":
        raise Unfit(f"The virtual machine '{vm['name']}' is not running.")  # as eligibility says
    if protector := protector_of(world, vm["id"]):
        raise Unfit(
            f"The virtual machine '{vm['name']}' is protected already, as '{protector['name']}'."
        )
    return vm


def protector_of(world: World, vm_id: str) -> Json | None:
    """The item that protects a VM, or that it was recovered by."""
    for item in world.items.values():
        if same(item["vm"], vm_id) or same(str(item["failover"]["vm"]), vm_id):
            return item
    return None


def _subnet(world: World, item: Json, asked: Json) -> str | None:
    """The name of the subnet that is asked for, by its name or its id. Raises: Unfit."""
    name = name_of(str(asked.get("recoverySubnetName") or ""))
    if name:
        demand_subnet(world, item["recovery_network"], name)
    return name or None


def _identity(world: World, name: str, asked: Json) -> Json:
    """Names and GUIDs; a multi-VM group is joined by its name or id, or made."""
    group_name = str(asked.get("multiVmGroupName") or "")
    group_id = str(asked.get("multiVmGroupId") or "")
    ids = identifiers(world, name, group_name, world.now)
    for other in world.items.values():
        if group_id and same(other["ids"]["group"], group_id):
            group_name = other["multi_vm_group"]
            ids["group"] = other["ids"]["group"]
    members = [item for item in world.items.values() if item["ids"]["group"] == ids["group"]]
    if len(members) >= GROUP_LIMIT:
        raise Unfit(f"The multi-VM group '{group_name}' has {GROUP_LIMIT} members already.")
    return {
        "ids": ids,
        "multi_vm_group": group_name,
        "entity": world.guid("entity", name, world.now),
    }


def _network(world: World, item: Json, container: Json, asked: Json) -> str | None:
    """The network named, else the one mapped to the VM's; an unmapped VM has none yet."""
    named: Any = asked.get("recoveryAzureNetworkId")
    if not named:
        fabric = vault_parts.fabric_of(container["id"])
        return vault_parts.mapped_network(world, fabric, item["nic"]["network"])
    found = protection_input.resource(world, str(named), "recovery network")
    if not same(found["type"], NETWORK) or not same(
        str(found["location"]), item["recovery_location"]
    ):
        raise Unfit(f"The network '{named}' is not in {item['recovery_location']}.")
    return str(named)


_CHOICES = {
    "availability_set": "recoveryAvailabilitySetId",
    "zone": "recoveryAvailabilityZone",
    "proximity_group": "recoveryProximityPlacementGroupId",
    "scale_set": "recoveryVirtualMachineScaleSetId",
    "capacity_group": "recoveryCapacityReservationGroupId",
    "boot_diagnostics": "recoveryBootDiagStorageAccountId",
}
