"""From a vault's facts to the vault, its set-up, its protected items and their replica disks."""

from __future__ import annotations

from muster.simulator.arm import bodies, networks
from muster.simulator.asr import events, item_making, portal, setup, vaults
from muster.simulator.asr.item_nics import LANDING
from muster.simulator.asr.vault_ids import capital
from muster.simulator.durations import DAY
from muster.simulator.json_types import Json
from muster.simulator.worlds.model import ItemFacts, VaultFacts, VmFacts
from muster.simulator.worlds.places import Places

STORAGE = "Microsoft.Storage/storageAccounts"
DISK = "Microsoft.Compute/disks"
PROTECTED_FOR = 30 * DAY  # before the world's first day
_PORTAL_MONITORING = {
    "azureMonitorAlertSettings": {"alertsForAllJobFailures": "Enabled"},
    "classicAlertSettings": {"alertsForCriticalOperations": "Enabled"},
}


def build(places: Places, vault: VaultFacts, protected_since: float) -> None:
    """Make one vault with all that is in it."""
    world = places.world
    arm_id = places.arm_id(vault.group, setup.BASE, vault.name)
    asked: Json = {"properties": {"monitoringSettings": _PORTAL_MONITORING}}
    made = vaults.new_body(world, arm_id, places.locations[vault.group], asked)
    made["properties"]["provisioningState"] = "Succeeded"
    world.put(made)
    cache = world.guid("cache", vault.name).replace("-", "")[:12] + "asrcache"
    storage = places.arm_id(vault.source.group, STORAGE, cache)
    sku = {"name": "Standard_LRS", "tier": "Standard"}
    world.put(
        bodies.resource(
            world, storage, STORAGE, vault.source.location, {}, kind="StorageV2", sku=sku
        )
    )
    vault_id = capital(arm_id)
    _set_up(places, vault, vault_id)
    for facts in vault.items:
        vm = places.vm(facts.vm)
        item = _item(places, vault, vault_id, facts, vm) | {"protected_since": protected_since}
        item["agent"] = _agent(facts, protected_since + PROTECTED_FOR)
        group = item["recovery_group"]
        item["disks"] = [
            item_making.kept_disk(disk["id"], disk["gb"], group, storage, os=disk["os"])
            for disk in places.disks(vm)
        ]
        for disk in item["disks"]:
            disk["resync"] = facts.resync
        world.items[item["id"].lower()] = item
        if item["replication_health"] != "Normal":
            events.note_health(world, item, protected_since)
        _replicas(places, vault, vm)


def _set_up(places: Places, vault: VaultFacts, vault_id: str) -> None:
    """As the portal makes it, and network mappings both ways."""
    world, policy = places.world, vault.policy
    terms = setup.PolicyTerms(
        history=int(policy.keep_recovery_points // 60),
        app_every=int(policy.app_consistent_every // 60),
    )
    here, there = vault.source, vault.target
    kept = setup.policy(vault_id, policy.name, terms)
    portal.prepare(world, vault_id, kept, here.location, there.location)
    for mine, theirs in ((here, there), (there, here)):
        inside, other = (
            world.table("asr")[_fabric_id(vault_id, side.location).lower()]
            for side in (mine, theirs)
        )
        name = f"{mine.network}-{theirs.network}"
        networks = places.network_ids[mine.network], places.network_ids[theirs.network]
        setup.keep(world, setup.network_mapping(name, inside, other, *networks))


def _fabric_id(vault_id: str, location: str) -> str:
    return f"{vault_id}/replicationFabrics/{portal.fabric_name(location)}"


def _item(places: Places, vault: VaultFacts, vault_id: str, facts: ItemFacts, vm: VmFacts) -> Json:
    here, there = vault.source, vault.target
    fabric, container = portal.fabric_name(here.location), portal.container_name(here.location)
    container_id = (
        f"{_fabric_id(vault_id, here.location)}/replicationProtectionContainers/{container}"
    )
    return item_making.untouched(here.location, there.location) | {
        "id": f"{container_id}/replicationProtectedItems/{facts.name}",
        "name": facts.name,
        "vault_id": vault_id,
        "fabric": fabric,
        "container": container,
        "container_guid": setup.container_guid(places.world, container_id),
        "recovery_container_guid": setup.container_guid(
            places.world,
            f"{_fabric_id(vault_id, there.location)}/replicationProtectionContainers"
            f"/{portal.container_name(there.location)}",
        ),
        "recovery_fabric": portal.fabric_name(there.location),
        "recovery_container": portal.container_name(there.location),
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


def _agent(facts: ItemFacts, first_day: float) -> Json:
    """When agent and certificate end, as instants, and whether an update is due."""
    told = facts.agent
    ends = {"expires": told.expires, "certificate_expires": told.certificate_expires}
    return {
        **{key: None if span is None else first_day + span for key, span in ends.items()},
        "update_required": told.update_required,
    }


def _source(places: Places, facts: ItemFacts, vm: VmFacts) -> Json:
    """What an item knows of the VM it protects."""
    return {
        "vm": places.arm_id(vm.group, "Microsoft.Compute/virtualMachines", vm.name),
        "vm_name": vm.name,
        "os": vm.os,
        "size": vm.size,
        "zone": vm.zone,
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
        "more_nics": [],  # a VM of a world's file has one
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
