"""The tasks of jobs that set a vault up, as recorded; how a job's time is shared out is inferred.

[PS-NC]: azure-powershell `…AsrA2ATests/A2ATestNewContainer.json`; [PS-RP]: FACTS; [PS-E2E]: same
repository, `…AsrE2ETests/TestRemove….json` and [PS-V2A] `…AsrV2ATests/V2AUpdatePolicy.json` (other
providers, same names). What nobody recorded has one task of our own.
"""

from __future__ import annotations

from dataclasses import dataclass

from muster.simulator.durations import Share


@dataclass(frozen=True, slots=True)
class SetupKind:
    """One kind of set-up job: Azure's word, what it is about, its tasks in order."""

    scenario: str
    about: str  # targetInstanceType
    tasks: tuple[Share, ...]
    skipped: tuple[str, str] | None = None  # (name, friendly name) of a group without members


def _own(name: str, friendly: str) -> tuple[Share, ...]:
    return (Share(name, name, friendly, 1.0),)


CREATE_FABRIC = SetupKind(
    "CreateSite",
    "Server",
    (Share("RegisterVMMTask", "RegisterVmmTask", "Registering the server", 1.0),),
)
REMOVE_FABRIC = SetupKind(
    "UnregisterFabric",
    "Server",
    (
        Share(
            "UnregisterFabricPreflightChecksTask",
            "UnregisterFabricPreflightCheckTask",
            "Prerequisites check for deleting the server",
            0.12,
        ),
        Share("CleanupFabricTask", "CleanupFabricTask", "Cleaning up the provider settings", 0.80),
        Share("UnregisterFabricTask", "UnregisterFabricTask", "Deleting the server", 0.08),
    ),
)
CREATE_CONTAINER = SetupKind(
    "CreateCloud",
    "ProtectionContainer",
    (
        Share(
            "CreateCloudPreflightChecksTask",
            "CreateCloudPreflightChecksTask",
            "Prerequisites check for protection container creation",
            0.9,
        ),
        Share("CreateCloudTask", "CreateCloudTask", "Creating protection container", 0.1),
    ),
)
REMOVE_CONTAINER = SetupKind(
    "RemoveCloud",
    "ProtectionContainer",
    _own("RemoveCloudTask", "Removing protection container"),
)
CREATE_POLICY = SetupKind(
    "AddProtectionProfile",
    "ProtectionProfile",
    (
        Share(
            "AddProtectionProfilePreflightsCheckTask",
            "AddProtectionProfilePreflightsCheckTask",
            "Prerequisites check for creating the replication policy",
            0.5,
        ),
        Share(
            "AddProtectionProfileTask",
            "AddProtectionProfileTask",
            "Creating the replication policy",
            0.5,
        ),
    ),
)
UPDATE_POLICY = SetupKind(
    "ModifyProtectionProfile",
    "ProtectionProfile",
    (
        Share(
            "ModifyProtectionProfilePreflightChecksTask",
            "ModifyProtectionProfilePreflightChecksTask",
            "Prerequisites check for updating the replication policy",
            0.3,
        ),
        Share(
            "ModifyProtectionProfileTask",
            "ModifyProtectionProfileTask",
            "Updating the replication policy settings",
            0.7,
        ),
    ),
)
REMOVE_POLICY = SetupKind(
    "RemoveProtectionProfile",
    "ProtectionProfile",
    (
        Share(
            "RemoveProtectionProfilePreflightsCheckTask",
            "RemoveProtectionProfilePreflightsCheckTask",
            "Checking prerequisites for replication policy removal",
            0.5,
        ),
        Share(
            "RemoveProtectionProfileTask",
            "RemoveProtectionProfileTask",
            "Removing the replication policy",
            0.5,
        ),
    ),
)
CREATE_MAPPING = SetupKind(
    "AssociateProtectionProfile",
    "ProtectionProfile",
    (
        Share(
            "CloudPairingWfPreflightChecksTask",
            "CloudPairingPrerequisitesCheck",
            "Check protection prerequisites",
            0.0025,
        ),
        Share(
            "CloudPairingWfPrepareSiteTask",
            "CloudPairingPrepareSite",
            "Prepare the server",
            0.0015,
        ),
        Share(
            "CloudPairingWfPrepareCloudForPairingTask",
            "CloudPairingPrepareCloud",
            "Prepare for configuring protection",
            0.95,
        ),
        Share(
            "CloudPairingWfPairCloudsTask",
            "CloudPairingPairClouds",
            "Configure the protection settings",
            0.046,
        ),
    ),
)
UPDATE_MAPPING = SetupKind(
    "UpdateProtectionProfileAssociation",
    "ProtectionProfile",
    _own("UpdateCloudPairingTask", "Updating the protection settings"),
)
REMOVE_MAPPING = SetupKind(
    "DissociateProtectionProfile",
    "ProtectionProfile",
    (
        Share(
            "CloudUnpairingWfPreflightChecksTask",
            "CloudUnpairingPrerequisitesCheck",
            "Prerequisites check for dissociating the replication policy",
            0.4,
        ),
        Share(
            "CloudUnpairingWfUnpairCloudsTask",
            "CloudUnpairingUnpairClouds",
            "Remove the protection configuration",
            0.3,
        ),
        Share(
            "CloudUnpairingWfCleanupCloudsTask",
            "CloudUnpairingCleanupClouds",
            "Clean up the protection configuration",
            0.2,
        ),
        Share(
            "CloudUnpairingWfCleanupSiteTask",
            "CloudUnpairingCleanupSite",
            "Clean up the configuration",
            0.1,
        ),
    ),
)
MAP_NETWORKS = SetupKind(
    "NetworkPairing",
    "Network",
    (Share("", "ModifyVMNetworksPairingStatusTask", "Map network", 1.0),),
    skipped=("VMNetworksUpdateVMNicsTask", "Attach network (0)"),
)
UNMAP_NETWORKS = SetupKind(
    "NetworkUnPairing",
    "Network",
    (Share("", "ModifyVMNetworksUnPairingStatusTask", "Unmap network", 1.0),),
    skipped=("VMNetworksUpdateVMNicsTaskDetach", "Detach network (0)"),
)
CHECK_FABRIC = SetupKind(
    "RefreshFabric", "Server", _own("RefreshFabricTask", "Refreshing the server")
)
REFRESH_HEALTH = SetupKind(
    "RefreshVaultHealth", "Vault", _own("RefreshVaultHealthTask", "Refreshing the vault's health")
)
