"""The forms of what is sent about items, plans and intents: wrong types are refused in words.

Refused before a handler looks at them, as Azure's own reader does; its words here are ARM's, what
Site Recovery says is UNCERTAIN. Keys that no form names are free.
"""

from __future__ import annotations

from muster.simulator.arm import forms
from muster.simulator.arm.forms import TEXTS, Form
from muster.simulator.asr.update_input import FLAGS, LISTS, WORDS
from muster.simulator.call import Call


def _texts(*words: str) -> Form:
    return dict.fromkeys(words, str)


_DISK: Form = _texts(
    "diskId",
    "primaryStagingAzureStorageAccountId",
    "recoveryResourceGroupId",
    "recoveryReplicaDiskAccountType",
    "recoveryTargetDiskAccountType",
    "recoveryDiskEncryptionSetId",
    "failoverDiskName",
    "tfoDiskName",
)
_CONFIGURATION: Form = (
    dict.fromkeys(WORDS, str)
    | dict.fromkeys(FLAGS, bool)
    | dict.fromkeys(LISTS, TEXTS)
    | _texts("ipConfigName", "nicId")
)
_NIC: Form = _CONFIGURATION | {"ipConfigs": [_CONFIGURATION]}
_DETAILS: Form = dict.fromkeys(WORDS, str) | {
    **_texts(
        "instanceType",
        "recoveryPointId",
        "fabricObjectId",
        "recoveryContainerId",
        "recoveryResourceGroupId",
        "recoveryAzureNetworkId",
        "recoverySubnetName",
        "policyId",
        "multiVmGroupId",
        "multiVmGroupName",
        "autoProtectionOfDataDisk",
        "recoveryAvailabilitySetId",
        "recoveryAvailabilityZone",
    ),
    "vmManagedDisks": [_DISK],
    "vmManagedDisksIds": TEXTS,
    "managedDiskUpdateDetails": [_DISK],
}
_ITEM: Form = dict.fromkeys(WORDS, str) | {
    **_texts(
        "failoverDirection",
        "networkType",
        "networkId",
        "comments",
        "recoveryPointId",
        "sourceSiteOperations",
        "policyId",
        "protectableItemId",
        "disableProtectionReason",
        "replicationProtectedItemName",
        "selectedRecoveryAzureNetworkId",
        "selectedTfoAzureNetworkId",
    ),
    "vmNics": [_NIC],
    "providerSpecificDetails": _DETAILS,
}
_ACTION: Form = {
    "actionName": str,
    "failoverTypes": TEXTS,
    "failoverDirections": TEXTS,
    "customDetails": _texts(
        "instanceType", "description", "runbookId", "fabricLocation", "timeout"
    ),
}
_GROUP: Form = {
    "groupType": str,
    "replicationProtectedItems": [_texts("id", "virtualMachineId")],
    "startGroupActions": [_ACTION],
    "endGroupActions": [_ACTION],
}
_PLAN: Form = {
    **_texts(
        "primaryFabricId",
        "recoveryFabricId",
        "failoverDeploymentModel",
        "failoverDirection",
        "networkType",
        "networkId",
        "sourceSiteOperations",
        "comments",
    ),
    "groups": [_GROUP],
    "providerSpecificDetails": [_texts("instanceType", "recoveryPointType")],
}
_INTENT: Form = {
    "providerSpecificDetails": {
        **_texts("instanceType", "autoProtectionOfDataDisk", "recoveryAvailabilityType"),
        "vmManagedDisks": [_DISK],
        "recoveryVirtualNetworkCustomInput": _texts(
            "resourceType", "recoveryVirtualNetworkId", "recoverySubnetName"
        ),
        "primaryStagingStorageAccountCustomInput": _texts("resourceType", "azureStorageAccountId"),
    }
}
_FORMS = {
    "replicationrecoveryplans": _PLAN,
    "replicationprotectionintents": _INTENT,
    "replicationfabrics/replicationprotectioncontainers/replicationprotecteditems": _ITEM,
    "replicationfabrics/replicationprotectioncontainers/switchprotection": _ITEM,
}


def check(call: Call) -> None:
    """Refuse a body about an item, a plan or an intent that has a wrong type. Raises: AzureError.

    GETs and what else a vault holds have no form here.
    """
    inside = call.target.kind.partition("/vaults/")[2]
    for kind, form in _FORMS.items():
        if (inside + "/").startswith(kind + "/") and isinstance(call.body, dict):
            forms.check(form, call.body.get("properties"))
