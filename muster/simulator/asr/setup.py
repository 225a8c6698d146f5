"""A vault's set-up as it is kept: ARM bodies, made in one way for world files and for the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from muster.simulator.arm.ids import name_of
from muster.simulator.json_types import Json
from muster.simulator.regions import display
from muster.simulator.world import World

BASE = "Microsoft.RecoveryServices/vaults"
FABRICS = "replicationFabrics"
CONTAINERS = "replicationFabrics/replicationProtectionContainers"
MAPPINGS = f"{CONTAINERS}/replicationProtectionContainerMappings"
POLICIES = "replicationPolicies"
NETWORKS = "replicationFabrics/replicationNetworks"
NETWORK_MAPPINGS = f"{NETWORKS}/replicationNetworkMappings"
AZURE_NETWORK = "azureNetwork"  # the one network of every Azure fabric, literally so [CLI]


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What an A2A policy says, in minutes; these are the defaults of the API [CLI]."""

    history: int = 0
    app_every: int = 0
    crash_every: int = 5
    multi_vm_sync: bool = True


@dataclass(frozen=True, slots=True)
class AgentUpdates:
    """The automation account that keeps the agents of a mapping up to date."""

    status: str = "Disabled"
    authentication: str = "RunAsAccount"  # told even where there is no account [CLI]
    account: str | None = None


# -- bodies -----------------------------------------------------------------------------------


def fabric(world: World, vault_id: str, name: str, location: str) -> Json:
    """A region as a fabric; its containerIds are told from its containers (`configuration`)."""
    no_key = {"kekState": "None", "kekCertThumbprint": None}
    return _entry(
        f"{vault_id}/replicationFabrics/{name}",
        FABRICS,
        {
            "friendlyName": display(location),
            "encryptionDetails": no_key,
            "rolloverEncryptionDetails": dict(no_key),
            # Jobs name the fabric by it too [PS-RP].
            "internalIdentifier": world.guid("fabric", name),
            "bcdrState": "Valid",
            "customDetails": {
                "instanceType": "Azure",
                "location": location,
                "containerIds": [],
                "zones": [],
            },
            "healthErrorDetails": [],
            "health": "Normal",
        },
    )


def container(world: World, inside: Json, name: str) -> Json:
    """A container of a fabric; role, pairing and count are told from mappings and items."""
    arm_id = f"{inside['id']}/replicationProtectionContainers/{name}"
    properties: Json = {
        "fabricFriendlyName": inside["properties"]["friendlyName"],
        "friendlyName": name,
        "fabricType": "Azure",
        "protectedItemCount": 0,
        "pairingStatus": "NotPaired",
        "role": "",
        "fabricSpecificDetails": None,
    }
    return _entry(arm_id, CONTAINERS, properties, _guid=container_guid(world, arm_id))


def policy(vault_id: str, name: str, terms: PolicyTerms) -> Json:
    """A replication policy; multiVmSyncStatus goes in as Enable and comes out as Enabled."""
    return _entry(
        f"{vault_id}/replicationPolicies/{name}",
        POLICIES,
        {"friendlyName": name, "providerSpecificDetails": policy_details(terms)},
    )


def policy_details(terms: PolicyTerms) -> Json:
    """The A2A part of a policy."""
    return {
        "instanceType": "A2A",
        "recoveryPointThresholdInMinutes": 0,
        "recoveryPointHistory": terms.history,
        "appConsistentFrequencyInMinutes": terms.app_every,
        "multiVmSyncStatus": "Enabled" if terms.multi_vm_sync else "Disabled",
        "crashConsistentFrequencyInMinutes": terms.crash_every,
    }


def mapping(
    world: World, name: str, source: Json, target: Json, terms: Json, updates: AgentUpdates
) -> Json:
    """A container mapping from one container to another by a policy: one direction."""
    arm_id = f"{source['id']}/replicationProtectionContainerMappings/{name}"
    return _entry(
        arm_id,
        MAPPINGS,
        {
            "targetProtectionContainerId": target["id"],
            "targetProtectionContainerFriendlyName": target["name"],
            "providerSpecificDetails": mapping_details(world, arm_id, updates),
            "health": "Normal",
            "healthErrorDetails": [],
            "policyId": terms["id"],
            "state": "Paired",
            "sourceProtectionContainerFriendlyName": source["name"],
            "sourceFabricFriendlyName": source["properties"]["fabricFriendlyName"],
            "targetFabricFriendlyName": target["properties"]["fabricFriendlyName"],
            "policyFriendlyName": terms["name"],
        },
    )


def mapping_details(world: World, arm_id: str, updates: AgentUpdates) -> Json:
    """The A2A part of a mapping. What the schedules are called: inferred."""
    scheduled = updates.status == "Enabled" and updates.account is not None
    return {
        "instanceType": "A2A",
        "agentAutoUpdateStatus": updates.status,
        "automationAccountAuthenticationType": updates.authentication,
        "automationAccountArmId": updates.account,
        "scheduleName": world.guid("schedule", arm_id) if scheduled else None,
        "jobScheduleName": world.guid("job schedule", arm_id) if scheduled else None,
    }


def network_mapping(
    name: str, inside: Json, other: Json, primary_network: str, recovery_network: str
) -> Json:
    """A network mapping of a fabric to another; network ids and names in small letters [CLI]."""
    primary, recovery = primary_network.lower(), recovery_network.lower()
    return _entry(
        f"{inside['id']}/replicationNetworks/{AZURE_NETWORK}/replicationNetworkMappings/{name}",
        NETWORK_MAPPINGS,
        {
            "state": "Paired",
            "primaryNetworkFriendlyName": name_of(primary),
            "primaryNetworkId": primary,
            "primaryFabricFriendlyName": inside["properties"]["friendlyName"],
            "recoveryNetworkFriendlyName": name_of(recovery),
            "recoveryNetworkId": recovery,
            "recoveryFabricArmId": other["id"],
            "recoveryFabricFriendlyName": other["properties"]["friendlyName"],
            "fabricSpecificSettings": {
                "instanceType": "AzureToAzure",
                "primaryFabricLocation": location_of(inside),
                "recoveryFabricLocation": location_of(other),
            },
        },
    )


def _entry(entry_id: str, kind: str, properties: Json, **ours: Any) -> Json:
    """A body; keys with an underscore are ours and never told."""
    return {
        "id": entry_id,
        "name": name_of(entry_id),
        "type": f"{BASE}/{kind}",
        "properties": properties,
        **ours,
    }


# -- where they are kept ----------------------------------------------------------------------


def keep(world: World, *entries: Json) -> None:
    """Store set-up under its ids."""
    for entry in entries:
        world.table("asr")[entry["id"].lower()] = entry
    world.changed = True


def drop(world: World, arm_id: str) -> None:
    """Forget a piece of set-up and everything that lies in it."""
    table, key = world.table("asr"), arm_id.lower()
    for known in [k for k in table if k == key or k.startswith(key + "/")]:
        del table[known]
    world.changed = True


def find(world: World, arm_id: str, kind: str) -> Json | None:
    """The piece of set-up of a kind that an id names, whatever its casing."""
    entry = world.table("asr").get(arm_id.rstrip("/").lower())
    return entry if entry is not None and entry["type"] == f"{BASE}/{kind}" else None


def under(world: World, arm_id: str, kind: str) -> Iterator[Json]:
    """All set-up of a kind below an id (a vault, a fabric, a container), oldest first."""
    prefix = arm_id.rstrip("/").lower() + "/"
    for key, entry in world.table("asr").items():
        if key.startswith(prefix) and entry["type"] == f"{BASE}/{kind}":
            yield entry


# -- what is known of an entry ----------------------------------------------------------------


def location_of(fabric_entry: Json) -> str:
    """The region of a fabric."""
    return str(fabric_entry["properties"]["customDetails"]["location"])


def container_guid(world: World, container_id: str) -> str:
    """The internal name of a container: in recovery points, containerIds and jobs [CLI][PS-RP]."""
    return world.guid("container", container_id)


def policy_guid(world: World, policy_id: str) -> str:
    """The internal name of a policy, as jobs call it [PS-RP]."""
    return world.guid("policy", policy_id)


def above(entry: Json, levels: int = 1) -> str:
    """The id of what a piece of set-up lies in."""
    return str(entry["id"]).rsplit("/", 2 * levels)[0]
