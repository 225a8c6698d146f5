"""The table of FACTS 7, told a second time: states of an item, verbs, and what they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS, SUBSCRIPTION
from .life import A2A, POLICY, RECOVERY_ID, SOURCE, TARGET, VM, failover_body
from .still_world import StillWorld

DISK = "Microsoft.Compute/disks"
UNPROTECTED = ("InitialReplicationInProgress", "InitialReplicationRecoveryCompletionPending")

ALLOWED: dict[str, tuple[str, ...]] = {
    "busy": (),
    "copying": ("DisableProtection", "Purge"),
    "protected": (
        "UnplannedFailover",
        "DisableProtection",
        "TestFailover",
        "Update",
        "Purge",
    ),
    "stopped": ("UnplannedFailover", "DisableProtection", "Update", "Purge"),
    "waiting": ("TestFailoverCleanup", "Update"),
    "failed over": (
        "CompleteMigration",
        "Commit",
        "DisableProtection",
        "ChangePit",
        "CancelFailover",
        "Purge",
    ),
    "committed": ("CompleteMigration", "DisableProtection", "SwitchProtection", "Purge"),
}
"""What each state allows; Update and Purge are no operations of Azure's list, but requests."""


def state_of(item: Any) -> str:
    """The table's word for an item as the world keeps it."""
    if item["busy"] or item["test"]["phase"] in ("starting", "cleaning"):
        return "busy"
    if item["test"]["phase"] == "waiting":
        return "waiting"
    if item["protection_state"] in UNPROTECTED:
        return "copying"
    if item["protection_state"] == "Protected" and [1 for _, end in item["pauses"] if end is None]:
        return "stopped"  # a failover was cancelled
    return {
        "Protected": "protected",
        "UnplannedFailoverCommitPendingStatesBegin": "failed over",
        "UnplannedFailoverCommitted": "committed",
    }[item["protection_state"]]


def path_of(item: Any) -> str:
    return "/subscriptions/" + str(item["id"]).split("/", 2)[2]


def point_input(still: StillWorld, item: Any) -> Any:
    answer = still.ask("GET", f"{path_of(item)}/recoveryPoints")
    points = answer.body["value"] if answer.body and answer.status == 200 else []
    point = points[0]["id"] if points else f"{item['id']}/recoveryPoints/none"
    return {"recoveryPointId": point, "providerSpecificDetails": A2A}


Body = Callable[[StillWorld, Any], Any]
BODIES: dict[str, tuple[str, Body]] = {
    "testFailover": (
        "TestFailover",
        lambda _, item: {
            "networkType": "VmNetworkAsInput",
            "networkId": DRILL_NETWORK if item["recovery_location"] == "westus2" else HOME,
            "providerSpecificDetails": A2A,
        },
    ),
    "testFailoverCleanup": ("TestFailoverCleanup", lambda *_: {"comments": ""}),
    "unplannedFailover": ("UnplannedFailover", lambda *_: failover_body()),
    "failoverCommit": ("Commit", lambda *_: None),
    "failoverCancel": ("CancelFailover", lambda *_: None),
    "applyRecoveryPoint": ("ChangePit", point_input),
    "remove": ("DisableProtection", lambda *_: {"disableProtectionReason": "NotSpecified"}),
    "delete": ("Purge", lambda *_: None),
    "switchprotection": (
        "SwitchProtection",
        lambda still, item: {
            "replicationProtectedItemName": item["name"],
            "providerSpecificDetails": switch_details(still, item),
        },
    ),
    "patch": ("Update", lambda *_: {"recoveryAzureVMSize": "Standard_D4s_v5"}),
}
"""verb -> (operation, how its body is made)."""
VERBS = tuple(BODIES)
HOME = f"{SOURCE}/Microsoft.Network/virtualNetworks/vnet"


def answer_of(still: StillWorld, vm: str, verb: str, body: Any) -> bool:
    """Whether a request is followed: accepted, and its job does not fail at once."""
    item = next(item for item in still.world.items.values() if item["name"] == ITEMS[vm])
    path = path_of(item)
    if verb == "switchprotection":
        path = path.partition("/replicationProtectedItems/")[0]
    methods = {"delete": "DELETE", "patch": "PATCH"}
    asked = path if verb in methods else f"{path}/{verb}"
    answer = still.ask(methods.get(verb, "POST"), asked, body)
    if answer.status != 202:
        assert answer.status in (400, 404, 409), answer.body
        return False
    job = still.job_of(answer)
    return not (job["fails"] and job["ends"] - job["starts"] < 1.5)


def switch_details(still: StillWorld, item: Any) -> Any:
    """The way back for an item, as an operator names it."""
    world, away = still.world, item["recovery_location"] == "westus2"
    recovered = world.resource(str(item["failover"]["vm"]))
    profile = recovered["properties"]["storageProfile"] if recovered else None
    held = [profile["osDisk"], *profile["dataDisks"]] if profile else []
    disks = [disk["managedDisk"]["id"] for disk in held]
    group = f"{SUBSCRIPTION}/resourceGroups/{'rg-app' if away else 'rg-asr'}"
    return A2A | {
        "policyId": POLICY,
        "recoveryContainerId": CONTAINER_ID if away else RECOVERY_ID,
        "recoveryResourceGroupId": group,
        "vmManagedDisks": [disk_input(d, cache(still, away=away), group) for d in disks],
    }


def switch_input(still: StillWorld, vm: str, *, back: bool) -> Any:
    """The input that protects a VM of the small world at first."""
    group = f"{SUBSCRIPTION}/resourceGroups/rg-asr"
    names = [f"{vm}-osdisk", *(["Sql1-data"] if vm == "Sql1" else [])]
    disks = [f"{SOURCE}/{DISK}/{name}" for name in names]
    return {
        "policyId": POLICY,
        "providerSpecificDetails": A2A
        | {
            "fabricObjectId": f"{SOURCE}/Microsoft.Compute/virtualMachines/{vm}",
            "recoveryContainerId": RECOVERY_ID,
            "recoveryResourceGroupId": group,
            "vmManagedDisks": [disk_input(d, cache(still, away=False), group) for d in disks],
        },
    }


def disk_input(disk_id: str, account: str, group: str) -> Any:
    return {
        "diskId": disk_id,
        "primaryStagingAzureStorageAccountId": account,
        "recoveryResourceGroupId": group,
    }


def cache(still: StillWorld, *, away: bool) -> str:
    """A cache account in the region where the VM runs."""
    group, location = (TARGET, "westus2") if away else (SOURCE, "eastus")
    account = f"{group}/Microsoft.Storage/storageAccounts/cacheof{location}"
    if still.world.resource(account) is None:
        still.world.put(
            {
                "id": account,
                "name": account.rpartition("/")[2],
                "type": "Microsoft.Storage/storageAccounts",
                "location": location,
                "tags": {},
                "properties": {"provisioningState": "Succeeded"},
                "_created": still.world.now,
            }
        )
    return account


WEB = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
RECOVERED = f"{TARGET}/{VM}/web1"


def kept(still: StillWorld, vm: str = "web1") -> Any:
    """An item as the world keeps it."""
    return next(one for one in still.world.items.values() if one["name"] == ITEMS[vm])


def enabled(still: StillWorld) -> Any:
    """Purge an item and protect its VM anew; answers the job."""
    still.ask("DELETE", WEB)
    still.settle()
    return still.job_of(still.ask("PUT", WEB, switch_input(still, "web1", back=False)))
