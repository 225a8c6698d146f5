"""The A2A part of a protected item's body, key by key as recorded [CLI]."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.durations import DAY, spread
from muster.simulator.json_types import Json
from muster.simulator.world import World


def rpo(world: World, item: Json) -> tuple[int, float]:
    """Seconds of loss if the source went now, and when that was worked out: once a minute."""
    minute = int(world.now // 60)
    measured = minute * 60 + 20 * spread(world.seed, "rpo", item["name"])
    if measured > world.now:
        minute, measured = minute - 1, measured - 60
    return int(item["rpo"] * (0.7 + 0.6 * spread(world.seed, item["name"], minute))), measured


def details(world: World, item: Json, *, initial: bool) -> Json:
    """`providerSpecificDetails`; initial: the first copy is still being made."""
    seconds, measured = rpo(world, item)
    return {
        "instanceType": "A2A",
        "fabricObjectId": item["vm"].lower(),
        "initialPrimaryZone": "",
        "initialPrimaryFabricLocation": item["location"],
        "initialRecoveryZone": "",
        "initialPrimaryExtendedLocation": None,
        "initialRecoveryExtendedLocation": None,
        "initialRecoveryFabricLocation": item["recovery_location"],
        "multiVmGroupId": world.guid("group", item["multi_vm_group"] or item["name"]),
        "multiVmGroupName": item["multi_vm_group"],
        "multiVmGroupCreateOption": "UserSpecified" if item["multi_vm_group"] else "AutoCreated",
        "managementId": world.guid("management", item["name"]),
        "protectedDisks": None,
        "unprotectedDisks": None,
        "protectedManagedDisks": [_disk(item, disk, initial=initial) for disk in item["disks"]],
        "recoveryBootDiagStorageAccountId": None,
        "primaryFabricLocation": item["location"],
        "recoveryFabricLocation": item["recovery_location"],
        "osType": item["os"].capitalize(),
        "recoveryAzureVMSize": item["size"],
        "recoveryAzureVMName": item["vm_name"],
        "recoveryAzureResourceGroupId": item["recovery_group"],
        "recoveryCloudService": None,
        "recoveryAvailabilitySet": None,
        "selectedRecoveryAzureNetworkId": item["recovery_network"],
        "selectedTfoAzureNetworkId": item["own"]["network"],
        "vmNics": [] if initial else [_nic(world, item)],
        "vmSyncedConfigDetails": {"tags": item["tags"], "inputEndpoints": []},
        "monitoringPercentageCompletion": 43 if initial else 0,  # back to 0 when protected
        "monitoringJobType": "InitialReplication",
        "lastHeartbeat": dates.ticks(measured - 4),
        "agentVersion": "9.62.7172.1",
        "agentExpiryDate": dates.NO_EXPIRY,
        "isReplicationAgentUpdateRequired": False,
        "agentCertificateExpiryDate": dates.whole(item["protected_since"] + 3 * 365 * DAY),
        "isReplicationAgentCertificateUpdateRequired": False,
        "recoveryFabricObjectId": None,
        "vmProtectionState": "UnprotectedStatesBegin" if initial else "Protected",
        "vmProtectionStateDescription": "Enabling protection" if initial else "Protected",
        "lifecycleId": None if initial else world.guid("lifecycle", item["name"]),
        "testFailoverRecoveryFabricObjectId": item["test"]["vm"],
        "rpoInSeconds": None if initial else seconds,
        "lastRpoCalculatedTime": None if initial else dates.ticks(measured),
        "primaryAvailabilityZone": None,
        "recoveryAvailabilityZone": None,
        "primaryExtendedLocation": None,
        "recoveryExtendedLocation": None,
        "vmEncryptionType": "NotEncrypted",
        "tfoAzureVMName": f"{item['vm_name']}-test",
        "recoveryAzureGeneration": "V1",
        "recoveryProximityPlacementGroupId": None,
        "autoProtectionOfDataDisk": "Disabled",
        "recoveryVirtualMachineScaleSetId": None,
        "recoveryCapacityReservationGroupId": None,
    }


def _disk(item: Json, disk: Json, *, initial: bool) -> Json:
    return {
        "diskId": disk["id"].lower(),
        "recoveryResourceGroupId": item["recovery_group"],
        "recoveryTargetDiskId": None,
        "recoveryReplicaDiskId": f"{item['recovery_group']}/providers/Microsoft.Compute/disks"
        f"/{disk['name']}-ASRReplica",
        "recoveryOrignalTargetDiskId": None,  # Azure's spelling
        "recoveryReplicaDiskAccountType": "Premium_LRS",
        "recoveryTargetDiskAccountType": "Premium_LRS",
        "recoveryDiskEncryptionSetId": None,
        "primaryDiskEncryptionSetId": None,
        "diskName": disk["name"],
        "diskCapacityInBytes": disk["gb"] * 1024**3,
        "primaryStagingAzureStorageAccountId": item["storage"],
        "diskType": "OperatingSystem" if disk["os"] else "Data",
        "resyncRequired": False,
        "monitoringPercentageCompletion": None,
        "monitoringJobType": None,
        "dataPendingInStagingStorageAccountInMB": 0.0,
        "dataPendingAtSourceAgentInMB": 1.25,
        "diskState": "InitialReplicationPending" if initial else "Protected",
        "allowedDiskLevelOperation": [],
        "isDiskEncrypted": False,
        "secretIdentifier": None,
        "dekKeyVaultArmId": None,
        "isDiskKeyEncrypted": False,
        "keyIdentifier": None,
        "kekKeyVaultArmId": None,
        "failoverDiskName": disk["name"],
        "tfoDiskName": f"{disk['name']}-ASRtest",
    }


def _nic(world: World, item: Json) -> Json:
    nic, own = item["nic"], item["own"]
    return {
        "nicId": world.guid("nic", nic["id"]),
        "replicaNicId": None,
        "sourceNicArmId": nic["id"],
        "vMNetworkName": nic["network"],  # Azure's spelling
        "recoveryVMNetworkId": item["recovery_network"],
        "ipConfigs": [
            {
                "name": nic["config"],
                "isPrimary": True,
                "subnetName": nic["subnet"],
                "staticIPAddress": nic["address"],
                "ipAddressType": "Static",
                "isSeletedForFailover": True,  # Azure's spelling
                "recoverySubnetName": nic["subnet"],
                "recoveryStaticIPAddress": nic["address"],
                "recoveryIPAddressType": "Static",
                "recoveryPublicIPAddressId": None,
                "recoveryLBBackendAddressPoolIds": None,
                "tfoSubnetName": own["subnet"],
                "tfoStaticIPAddress": own["address"],
                "tfoPublicIPAddressId": own["public_ip"],
                "tfoLBBackendAddressPoolIds": None,
            }
        ],
        "selectionType": "SelectedByUserOverride",
        "recoveryNetworkSecurityGroupId": None,
        "enableAcceleratedNetworkingOnRecovery": False,
        "tfoVMNetworkId": own["network"],
        "tfoNetworkSecurityGroupId": own["security_group"],
        "enableAcceleratedNetworkingOnTfo": None,
        "recoveryNicName": None,
        "recoveryNicResourceGroupName": None,
        "reuseExistingNic": False,
        "tfoRecoveryNicName": None,
        "tfoRecoveryNicResourceGroupName": None,
        "tfoReuseExistingNic": False,
        "targetNicName": None,
    }
