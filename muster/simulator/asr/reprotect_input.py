"""Which way a reprotect goes: to which container and group, over which cache account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from muster.simulator.arm.ids import same
from muster.simulator.asr import protection_input
from muster.simulator.asr.item_making import disks_of, kept_disk
from muster.simulator.asr.protection_input import STORAGE, Unfit
from muster.simulator.json_types import Json
from muster.simulator.world import World


@dataclass(frozen=True, slots=True)
class Way:
    """Where an item will be replicated to. Ids of ARM; `disks` as `item_making.kept_disk`."""

    container: str
    group: str
    disks: list[Json]
    policy: str
    target: Json  # what the recovered VM shall be like: item_making.TARGET

    def kept(self) -> Json:
        """As a job keeps it."""
        return asdict(self)


def chosen_way(world: World, item: Json, asked: Mapping[str, Any]) -> Way:
    """The way that the input of switchprotection says. Raises: AzureError, Unfit."""
    here, there = _containers(item)
    container = protection_input.required(asked, "recoveryContainerId")
    protection_input.recovery_container(world, there, container)
    if not same(container, here):
        raise Unfit(f"The virtual machine came from '{here}', not from '{container}'.")
    group = protection_input.required(asked, "recoveryResourceGroupId")
    policy = asked.get("policyId") or _policy_id(item)
    protection_input.policy(world, str(policy))
    vm = recovered(world, item)
    disks = protection_input.disks(
        world, asked.get("vmManagedDisks"), disks_of(vm), item["recovery_location"]
    )
    return Way(
        container,
        protection_input.resource(world, group, "resource group")["id"],
        [_back(item, disk) for disk in disks],
        str(policy),
        {key: asked.get(word) or None for key, word in _CHOICES.items()},
    )


def way_home(world: World, item: Json) -> Way:
    """The way back to where the VM came from, all its disks, as if nobody chose. Raises: Unfit."""
    here, there = _containers(item)
    protection_input.recovery_container(world, there, here)
    vm, group = recovered(world, item), item["vm"].partition("/providers/")[0]
    accounts = [
        account["id"]
        for account in world.of_type(STORAGE)
        if same(str(account["location"]), item["recovery_location"])
    ]
    disks = []
    for disk_id, os in disks_of(vm):
        body = world.resource(disk_id)
        gb = int(body["properties"]["diskSizeGB"]) if body else 127
        account = accounts[0] if accounts else ""
        disk = kept_disk(disk_id, gb, group, account, os=os)
        disks.append(_back(item, disk))
    return Way(here, group, disks, _policy_id(item), {})


def recovered(world: World, item: Json) -> Json:
    """The VM that the failover made. Raises: Unfit if somebody took it away."""
    vm = world.resource(str(item["failover"]["vm"]))
    if vm is None:
        raise Unfit(f"The recovered virtual machine of '{item['vm_name']}' was not found.")
    return vm


def _back(item: Json, disk: Json) -> Json:
    """A disk on its way back: to where, by name, it came from; replicas in small letters [CLI]."""
    came_from = [
        known["id"]
        for known in item["disks"]
        if same(known["failover_name"] or known["name"], disk["name"])
    ]
    replica = f"{disk['name'].lower()}-ASRReplica"
    return disk | {"original": next(iter(came_from), None), "replica_name": replica}


def _containers(item: Json) -> tuple[str, str]:
    """(where the item lies, where its VM runs since the failover)."""
    fabrics = f"{item['vault_id']}/replicationFabrics"
    return (
        f"{fabrics}/{item['fabric']}/replicationProtectionContainers/{item['container']}",
        f"{fabrics}/{item['recovery_fabric']}/replicationProtectionContainers"
        f"/{item['recovery_container']}",
    )


def _policy_id(item: Json) -> str:
    return f"{item['vault_id']}/replicationPolicies/{item['policy']}"


_CHOICES = {
    "availability_set": "recoveryAvailabilitySetId",
    "zone": "recoveryAvailabilityZone",
    "proximity_group": "recoveryProximityPlacementGroupId",
    "scale_set": "recoveryVirtualMachineScaleSetId",
    "capacity_group": "recoveryCapacityReservationGroupId",
    "boot_diagnostics": "recoveryBootDiagStorageAccountId",
}
