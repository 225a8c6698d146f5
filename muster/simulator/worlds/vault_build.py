"""From a vault's facts to the vault, its set-up, its protected items and their replica disks."""

from __future__ import annotations

from muster.simulator.arm import bodies, networks
from muster.simulator.asr import item_making
from muster.simulator.asr import setup as asr_setup
from muster.simulator.asr.item_nics import LANDING
from muster.simulator.json_types import Json
from muster.simulator.worlds.model import ItemFacts, VaultFacts, VmFacts
from muster.simulator.worlds.places import Places

STORAGE = "Microsoft.Storage/storageAccounts"
DISK = "Microsoft.Compute/disks"


def build(places: Places, vault: VaultFacts, protected_since: float) -> None:
    """Make one vault with all that is in it."""
    world = places.world
    arm_id = places.arm_id(vault.group, asr_setup.BASE, vault.name)
    properties: Json = {
        "privateEndpointStateForBackup": "None",
        "privateEndpointStateForSiteRecovery": "None",
        "publicNetworkAccess": "Enabled",
    }
    location = places.locations[vault.group]
    sku = {"name": "Standard"}
    world.put(
        bodies.resource(
            world, arm_id, asr_setup.BASE, location, properties, sku=sku, etag=world.etag()
        )
    )
    cache = world.guid("cache", vault.name).replace("-", "")[:12] + "asrcache"
    storage = places.arm_id(vault.source.group, STORAGE, cache)
    sku = {"name": "Standard_LRS", "tier": "Standard"}
    world.put(
        bodies.resource(
            world, storage, STORAGE, vault.source.location, {}, kind="StorageV2", sku=sku
        )
    )
    vault_id = "/Subscriptions" + arm_id[len("/subscriptions") :]
    for entry in asr_setup.entries(world, vault, vault_id, places.network_ids):
        world.table("asr")[entry["id"].lower()] = entry
    for facts in vault.items:
        vm = places.vm(facts.vm)
        item = _item(places, vault, vault_id, facts, vm) | {"protected_since": protected_since}
        group = item["recovery_group"]
        item["disks"] = [
            item_making.kept_disk(disk["id"], disk["gb"], group, storage, os=disk["os"])
            for disk in places.disks(vm)
        ]
        world.items[item["id"].lower()] = item
        _replicas(places, vault, vm)


def _item(places: Places, vault: VaultFacts, vault_id: str, facts: ItemFacts, vm: VmFacts) -> Json:
    here, there = vault.source, vault.target
    fabric, container = (
        asr_setup.fabric_name(here.location),
        asr_setup.container_name(here.location),
    )
    return item_making.untouched(here.location, there.location) | {
        "id": f"{vault_id}/replicationFabrics/{fabric}/replicationProtectionContainers/{container}"
        f"/replicationProtectedItems/{facts.name}",
        "name": facts.name,
        "vault_id": vault_id,
        "fabric": fabric,
        "container": container,
        "container_guid": asr_setup.container_guid(places.world, vault_id, here.location),
        "recovery_container_guid": asr_setup.container_guid(
            places.world, vault_id, there.location
        ),
        "recovery_fabric": asr_setup.fabric_name(there.location),
        "recovery_container": asr_setup.container_name(there.location),
        "location": here.location,
        "recovery_location": there.location,
        "policy": vault.policy.name,
        "app_every": vault.policy.app_consistent_every,
        "keep": vault.policy.keep_recovery_points,
        "recovery_group": places.group_ids[there.group],
        "recovery_network": places.network_ids[there.network],
        "rpo": facts.rpo,
        "protection_state": facts.protection_state,
        "replication_health": facts.replication_health,
        "multi_vm_group": facts.multi_vm_group,
        "own": LANDING | facts.own_test_settings.model_dump(mode="json"),
        "ids": item_making.identifiers(places.world, facts.name, facts.multi_vm_group),
        **_source(places, facts, vm),
    }


def _source(places: Places, facts: ItemFacts, vm: VmFacts) -> Json:
    """What an item knows of the VM it protects."""
    return {
        "vm": places.arm_id(vm.group, "Microsoft.Compute/virtualMachines", vm.name),
        "vm_name": vm.name,
        "os": vm.os,
        "size": vm.size,
        "tags": vm.tags,
        "entity": places.world.guid("entity", facts.name),
        "nic": {
            "id": places.arm_id(vm.group, networks.NIC, f"{vm.name}-nic"),
            "name": f"{vm.name}-nic",
            "config": f"ipconfig-{vm.name}",
            "subnet": vm.subnet,
            "address": str(vm.address),
            "static": True,
            "network": places.network_ids[vm.network],
            "security_group": None,
        },
        "faults": vm.faults.model_dump(mode="json"),
        "guest": places.guest(vm),
    }


def _replicas(places: Places, vault: VaultFacts, vm: VmFacts) -> None:
    for disk in places.disks(vm):
        replica = places.arm_id(vault.target.group, DISK, f"{disk['name']}-ASRReplica")
        os = vm.os if disk["os"] else None
        body = bodies.disk(places.world, replica, vault.target.location, disk["gb"], os)
        body["properties"]["diskState"] = "ActiveUpload"  # UNCERTAIN for replica disks
        places.world.put(body)
