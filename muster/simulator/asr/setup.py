"""The set-up of a vault as the portal makes it, written once when a world begins."""

from __future__ import annotations

from muster.simulator.asr.items import display
from muster.simulator.json_types import Json
from muster.simulator.world import World
from muster.simulator.worlds.model import VaultFacts

BASE = "Microsoft.RecoveryServices/vaults"
CONTAINERS = "replicationFabrics/replicationProtectionContainers"
MAPPINGS = f"{CONTAINERS}/replicationProtectionContainerMappings"


def entries(
    world: World, vault: VaultFacts, vault_id: str, networks: dict[str, str]
) -> list[Json]:
    """All set-up of one vault as the portal makes it: one fabric and container for each region."""
    sides = [(vault.source, vault.target, "Primary"), (vault.target, vault.source, "Recovery")]
    found = [_policy(vault, vault_id)]
    for here, there, role in sides:
        mine, other = fabric_name(here.location), fabric_name(there.location)
        found.append(_fabric(world, vault_id, here.location))
        found.append(_container(vault_id, here.location, role))
        found.append(_container_mapping(vault, vault_id, here.location, there.location))
        found.append(
            _entry(
                f"{vault_id}/replicationFabrics/{mine}/replicationNetworks/azureNetwork"
                f"/replicationNetworkMappings/{here.network}-{there.network}",
                "replicationFabrics/replicationNetworks/replicationNetworkMappings",
                {
                    "state": "Paired",
                    "primaryNetworkFriendlyName": here.network.lower(),
                    "primaryNetworkId": networks[here.network].lower(),
                    "primaryFabricFriendlyName": display(here.location),
                    "recoveryNetworkFriendlyName": there.network.lower(),
                    "recoveryNetworkId": networks[there.network].lower(),
                    "recoveryFabricArmId": f"{vault_id}/replicationFabrics/{other}",
                    "recoveryFabricFriendlyName": display(there.location),
                    "fabricSpecificSettings": {
                        "instanceType": "AzureToAzure",
                        "primaryFabricLocation": here.location,
                        "recoveryFabricLocation": there.location,
                    },
                },
            )
        )
    return found


def fabric_name(location: str) -> str:
    """As the portal names fabrics [PS-CL]."""
    return f"asr-a2a-default-{location}"


def container_name(location: str) -> str:
    return f"{fabric_name(location)}-container"


def _entry(entry_id: str, kind: str, properties: Json) -> Json:
    return {
        "id": entry_id,
        "name": entry_id.rpartition("/")[2],
        "type": f"{BASE}/{kind}",
        "properties": properties,
    }


def _policy(vault: VaultFacts, vault_id: str) -> Json:
    policy = vault.policy
    return _entry(
        f"{vault_id}/replicationPolicies/{policy.name}",
        "replicationPolicies",
        {
            "friendlyName": policy.name,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointThresholdInMinutes": 0,
                "recoveryPointHistory": int(policy.keep_recovery_points // 60),
                "appConsistentFrequencyInMinutes": int(policy.app_consistent_every // 60),
                "multiVmSyncStatus": "Enabled",  # goes in as Enable
                "crashConsistentFrequencyInMinutes": 5,
            },
        },
    )


def _fabric(world: World, vault_id: str, location: str) -> Json:
    fabric_id = f"{vault_id}/replicationFabrics/{fabric_name(location)}"
    container = container_guid(world, vault_id, location)
    nothing = {"kekState": "None", "kekCertThumbprint": None}
    return _entry(
        fabric_id,
        "replicationFabrics",
        {
            "friendlyName": display(location),
            "encryptionDetails": nothing,
            "rolloverEncryptionDetails": nothing,
            "internalIdentifier": world.guid("fabric", fabric_name(location)),
            "bcdrState": "Valid",
            "customDetails": {
                "instanceType": "Azure",
                "location": location,
                "containerIds": [f"{fabric_id}/replicationProtectionContainers/{container}"],
                "zones": [],
            },
            "healthErrorDetails": [],
            "health": "Normal",
        },
    )


def container_guid(world: World, vault_id: str, location: str) -> str:
    """The internal name of a region's container."""
    return world.guid("container", vault_id, location)


def _container(vault_id: str, location: str, role: str) -> Json:
    name = container_name(location)
    return _entry(
        f"{vault_id}/replicationFabrics/{fabric_name(location)}/replicationProtectionContainers/{name}",
        CONTAINERS,
        {
            "fabricFriendlyName": display(location),
            "friendlyName": name,
            "fabricType": "Azure",
            "protectedItemCount": 0,
            "pairingStatus": "Paired",
            "role": role,
            "fabricSpecificDetails": None,
        },
    )


def _container_mapping(vault: VaultFacts, vault_id: str, here: str, there: str) -> Json:
    containers = [
        f"{vault_id}/replicationFabrics/{fabric_name(place)}/replicationProtectionContainers"
        f"/{container_name(place)}"
        for place in (here, there)
    ]
    return _entry(
        f"{containers[0]}/replicationProtectionContainerMappings/{here}-{there}-{vault.policy.name}",
        MAPPINGS,
        {
            "targetProtectionContainerId": containers[1],
            "targetProtectionContainerFriendlyName": container_name(there),
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "agentAutoUpdateStatus": "Disabled",
                "automationAccountAuthenticationType": "SystemAssignedIdentity",
                "automationAccountArmId": None,
                "scheduleName": None,
                "jobScheduleName": None,
            },
            "health": "Normal",
            "healthErrorDetails": [],
            "policyId": f"{vault_id}/replicationPolicies/{vault.policy.name}",
            "state": "Paired",
            "sourceProtectionContainerFriendlyName": container_name(here),
            "sourceFabricFriendlyName": display(here),
            "targetFabricFriendlyName": display(there),
            "policyFriendlyName": vault.policy.name,
        },
    )
