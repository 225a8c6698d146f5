"""The raw body of a protected item, as far as anything asks for more than the port's fields."""

from __future__ import annotations

from typing import Any

from muster.gateway.values import ItemNic, Json


def item_body(nic: ItemNic, disk: str, replica: str, cache: str, policy: str) -> Json:
    """Site Recovery's body of an item with one card and one disk: every key, null for nothing."""
    details = {
        "multiVmGroupCreateOption": "AutoCreated",
        "multiVmGroupName": "",
        "protectedManagedDisks": [_disk(disk, replica, cache)],
        "vmNics": [_card(nic)],
        "selectedTfoAzureNetworkId": None,
        "recoveryAzureVMName": disk.rpartition("/")[2].removesuffix("-os"),
        "tfoAzureVMName": disk.rpartition("/")[2].removesuffix("-os") + "-test",
        "agentExpiryDate": "9999-12-31T23:59:59.9999999Z",
        "agentCertificateExpiryDate": "9999-12-31T23:59:59.9999999Z",
        "isReplicationAgentUpdateRequired": False,
        "isReplicationAgentCertificateUpdateRequired": False,
        "recoveryAvailabilityZone": None,
        "recoveryCapacityReservationGroupId": None,
        "recoveryAvailabilitySet": None,
        "recoveryProximityPlacementGroupId": None,
        "recoveryVirtualMachineScaleSetId": None,
        "recoveryBootDiagStorageAccountId": None,
    }
    idle = {"scenarioName": "None", "jobId": f"{policy.partition('/replication')[0]}/None"}
    properties = {
        "friendlyName": disk.rpartition("/")[2].removesuffix("-os"),
        "allowedOperations": [],
        "testFailoverState": "None",
        "currentScenario": idle,
        "healthErrors": [],
        "policyId": policy,
        "providerSpecificDetails": details,
    }
    return {"properties": properties}


def vm_body(disk: str) -> Json:
    """A VM's body: one disk, made from an image."""
    storage = {"osDisk": {"createOption": "FromImage", "managedDisk": {"id": disk}}}
    return {
        "properties": {
            "osProfile": {"allowExtensionOperations": True},
            "storageProfile": {**storage, "dataDisks": []},
        }
    }


def _disk(disk: str, replica: str, cache: str) -> dict[str, Any]:
    name = disk.rpartition("/")[2]
    return {
        "diskId": disk,
        "diskName": name,
        "diskCapacityInBytes": 127 * 1024**3,
        "recoveryReplicaDiskId": replica,
        "primaryStagingAzureStorageAccountId": cache,
        "recoveryDiskEncryptionSetId": None,
        "resyncRequired": False,
        "tfoDiskName": f"{name}-ASRtest",
    }


def _card(nic: ItemNic) -> dict[str, Any]:
    config = nic.ip_configs[0]
    return {
        "sourceNicArmId": nic.source_nic_id,
        "tfoVMNetworkId": None,
        "recoveryNetworkSecurityGroupId": None,
        "tfoNetworkSecurityGroupId": None,
        "tfoRecoveryNicName": None,
        "tfoRecoveryNicResourceGroupName": None,
        "tfoReuseExistingNic": False,
        "ipConfigs": [
            {
                "isPrimary": True,
                "tfoPublicIPAddressId": None,
                "recoveryPublicIPAddressId": None,
                "recoveryLBBackendAddressPoolIds": None,
                "tfoStaticIPAddress": None,
                "tfoLBBackendAddressPoolIds": None,
                "tfoSubnetName": None,
                "recoverySubnetName": config.subnet,
                "recoveryStaticIPAddress": config.static_ip,
            }
        ],
    }
