"""Protected items: finding them, what may be done to them, and the body that GET answers."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import Target, same
from muster.simulator.asr.item_details import details
from muster.simulator.json_types import Json
from muster.simulator.world import World

TYPE = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems"
)
DISPLAY = {
    "eastus": "East US",
    "eastus2": "East US 2",
    "westus": "West US",
    "westus2": "West US 2",
    "centralus": "Central US",
    "northeurope": "North Europe",
    "westeurope": "West Europe",
}

# (testFailoverState, its description, description of protectionState). `waiting` and `settling` as
# in [SPEC]; what A2A shows while a test failover or its cleanup runs is UNCERTAIN.
_PHASES = {
    "none": ("None", "None", "Protected"),
    "starting": ("InProgress", "Test failover in progress", "Protected"),
    "waiting": ("WaitingForCompletion", "Waiting for user input", "Cleanup test failover pending"),
    "cleaning": (
        "InProgress",
        "Test failover cleanup in progress",
        "Cleanup test failover pending",
    ),
    "settling": ("MarkedForDeletion", "Cleaning up test environment", "Protected"),
}
_INITIAL = "InitialReplicationInProgress"


def find(world: World, target: Target) -> Json:
    """The item a path names; its container may be named or be the internal GUID.

    Raises: AzureError, Site Recovery's own 404.
    """
    if len(target.names) < 4:
        raise site_recovery_not_found(target.name)
    _, fabric, container, name = target.names[:4]
    for item in in_vault(world, target):
        if (
            same(item["name"], name)
            and same(item["fabric"], fabric)
            and container.lower() in (item["container"].lower(), item["container_guid"])
        ):
            return item
    raise site_recovery_not_found(name)


def in_vault(world: World, target: Target) -> list[Json]:
    """All items of the vault a path lies in."""
    vault = "/".join(target.path.split("/")[:9]).lower()
    return [item for key, item in world.items.items() if key.startswith(vault + "/")]


def allowed_operations(item: Json) -> list[str]:
    """What may be asked of an item now."""
    if item.get("busy"):
        return []  # UNCERTAIN; a recovery plan's job works on it
    if item["protection_state"] != "Protected":
        return ["DisableProtection"]
    phase = item["test"]["phase"]
    if phase == "waiting":
        return ["TestFailoverCleanup"]
    if phase in ("starting", "cleaning"):
        return []  # UNCERTAIN
    return ["UnplannedFailover", "DisableProtection", "TestFailover"]


def body(world: World, item: Json) -> Json:
    """The whole item."""
    state, description, protection = _PHASES[item["test"]["phase"]]
    initial = item["protection_state"] == _INITIAL
    properties: Json = {
        "friendlyName": item["vm_name"],
        "protectedItemType": "",
        "protectableItemId": None,
        "recoveryServicesProviderId": f"{item['vault_id']}/replicationFabrics/{item['fabric']}"
        f"/replicationRecoveryServicesProviders/{world.guid('provider', item['fabric'])}",
        "primaryFabricFriendlyName": display(item["location"]),
        "primaryFabricProvider": "AzureFabric",
        "recoveryFabricFriendlyName": display(item["recovery_location"]),
        "recoveryFabricId": f"{item['vault_id']}/replicationFabrics/{item['recovery_fabric']}",
        "primaryProtectionContainerFriendlyName": item["container"],
        "recoveryProtectionContainerFriendlyName": item["recovery_container"],
        "protectionState": item["protection_state"],
        "protectionStateDescription": "Initial replication is in progress"
        if initial
        else protection,
        "activeLocation": "Primary",
        "testFailoverState": state,
        "testFailoverStateDescription": description,
        "switchProviderState": "None",
        "switchProviderStateDescription": None,
        "allowedOperations": allowed_operations(item),
        "replicationHealth": item["replication_health"],
        "failoverHealth": "Normal" if item["tested"] else "Warning",
        "healthErrors": [] if item["tested"] else [_never_tested(item)],
        "policyId": f"{item['vault_id']}/replicationPolicies/{item['policy']}",
        "policyFriendlyName": item["policy"],
        "currentScenario": _scenario(item),
        "failoverRecoveryPointId": item["test"]["point"],
        "providerSpecificDetails": details(world, item, initial=initial),
        "recoveryContainerId": f"{item['vault_id']}/replicationFabrics/{item['recovery_fabric']}"
        f"/replicationProtectionContainers/{item['recovery_container']}",
        "eventCorrelationId": world.guid("event", item["name"]),
    }
    if item["tested"]:  # the key is missing before the first one
        properties["lastSuccessfulTestFailoverTime"] = dates.ticks(item["tested"])
    return {"id": item["id"], "name": item["name"], "type": TYPE, "properties": properties}


def display(location: str) -> str:
    """A region's name for people; fabrics are called so, not by their own names [CLI]."""
    return DISPLAY.get(location, location)


def _never_tested(item: Json) -> Json:
    return {
        "innerHealthErrors": [],
        "errorSource": "ReplicationUnitFailoverValidatorError",
        "errorType": "8010",
        "errorLevel": "Warning",
        "errorCategory": "TestFailover",
        "errorCode": "161011",
        "summaryMessage": "",
        "errorMessage": "No successful test failover has been done on the virtual machine "
        f"'{item['vm_name']}'.",
        "possibleCauses": "No successful test failover has been done on the virtual machine after "
        "it was replicated.",
        "recommendedAction": "Do a test failover on the virtual machine.",
        "creationTimeUtc": dates.ticks(item["protected_since"] + 1),
        "recoveryProviderErrorMessage": None,
        "entityId": item["entity"],
        "errorId": "6:8010",
        "customerResolvability": "NotAllowed",
    }


def _scenario(item: Json) -> Json:
    test = item["test"]
    jobs = f"{item['vault_id']}/replicationJobs"
    if test["phase"] in ("none", "settling"):
        return {"scenarioName": "None", "jobId": f"{jobs}/None", "startTime": dates.NO_SCENARIO}
    name = "TestFailoverCleanup" if test["phase"] == "cleaning" else "TestFailover"
    return {
        "scenarioName": name,
        "jobId": f"{jobs}/{test['job']}",
        "startTime": dates.ticks(test["since"]),
    }
