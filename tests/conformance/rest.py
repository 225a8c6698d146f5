"""What no recording shows and clients of the SDK ask all the same: lists, changes, other verbs."""

from __future__ import annotations

from typing import Any

from tests.conformance.drills import (
    FABRIC,
    comment,
    container,
    item,
    plan,
    plan_of,
    portal,
    to_test,
)
from tests.conformance.life import A2A, COMPUTE, failover
from tests.conformance.story import Chapters, Story, job_of

CACHE = "providers/Microsoft.Storage/storageAccounts/cachesource"
LISTS = """replicationFabrics replicationProtectionContainers
replicationProtectionContainerMappings replicationNetworkMappings replicationPolicies
replicationProtectedItems replicationJobs replicationRecoveryPlans replicationAlertSettings
replicationVaultSettings replicationEvents replicationProtectionIntents""".split()  # noqa: SIM905


async def everything_is_listed(story: Story) -> None:
    vault, fabric = portal(story), f"{portal(story)}/replicationFabrics/{FABRIC}"
    for word in LISTS:
        await story.ask("GET", f"{vault}/{word}")
    await story.ask("GET", f"{fabric}/replicationProtectionContainers")
    networks = f"{fabric}/replicationNetworks/azureNetwork"
    await story.ask("GET", f"{networks}/replicationNetworkMappings")
    for word in ("replicationProtectedItems", "replicationProtectionContainerMappings"):
        await story.ask("GET", f"{container(story)}/{word}")
    group = story.group("VaultGroup")
    await story.ask("GET", f"{group}/providers/Microsoft.RecoveryServices/operations")


async def one_of_each_is_read(story: Story) -> None:
    points = f"{item(story, 'Drilled')}/recoveryPoints"
    first = (await story.ask("GET", points)).body["value"][0]
    await story.ask("GET", f"{points}/{first['name']}")
    events = f"{portal(story)}/replicationEvents"
    event = (await story.ask("GET", events)).body["value"][0]
    await story.ask("GET", f"{events}/{event['name']}")
    vm = f"{story.group('VmGroup')}/{COMPUTE}/virtualMachines/Machine-1"
    results = f"{vm}/providers/Microsoft.RecoveryServices/replicationEligibilityResults"
    await story.ask("GET", results)
    await story.ask("GET", f"{results}/default")


async def the_health_is_looked_at_anew(story: Story) -> None:
    await story.do("POST", f"{portal(story)}/replicationVaultHealth/default/refresh")


async def vault_settings_are_made(story: Story) -> None:
    path = f"{portal(story)}/replicationVaultSettings/default"
    await story.do("PUT", path, {"properties": {"vmwareToAzureProviderType": "InMageRcm"}})
    await story.ask("GET", path)


async def the_set_up_is_changed(story: Story) -> None:
    vault = portal(story)
    policy = (await story.ask("GET", f"{vault}/replicationPolicies")).body["value"][0]
    change: Any = A2A | {
        "recoveryPointHistory": 1440,
        "crashConsistentFrequencyInMinutes": 5,
        "appConsistentFrequencyInMinutes": 0,
        "multiVmSyncStatus": "Enable",
    }
    await story.do(
        "PATCH", small(policy["id"]), {"properties": {"replicationProviderSettings": change}}
    )
    mappings = f"{container(story)}/replicationProtectionContainerMappings"
    mapping = (await story.ask("GET", mappings)).body["value"][0]
    await story.ask("GET", small(mapping["id"]))
    change = A2A | {"agentAutoUpdateStatus": "Disabled"}
    await story.do(
        "PATCH", small(mapping["id"]), {"properties": {"providerSpecificInput": change}}
    )
    network = (await story.ask("GET", f"{vault}/replicationNetworkMappings")).body["value"][0]
    told = network["properties"]
    change = {
        "recoveryFabricName": told["recoveryFabricArmId"].rpartition("/")[2],
        "recoveryNetworkId": told["recoveryNetworkId"],
        "fabricSpecificDetails": {
            "instanceType": "AzureToAzure",
            "primaryNetworkId": told["primaryNetworkId"],
        },
    }
    await story.do("PATCH", small(network["id"]), {"properties": change})


async def some_of_the_set_up_is_removed(story: Story) -> None:
    """In a gentle way, where recordings purge."""
    fabric = f"{portal(story)}/replicationFabrics/spare"
    region = {"customDetails": {"instanceType": "Azure", "location": "westus"}}
    await story.do("PUT", fabric, {"properties": region})
    spare = f"{fabric}/replicationProtectionContainers/spare"
    await story.do("PUT", spare, {"properties": {"providerSpecificInput": [A2A]}})
    policies = (await story.ask("GET", f"{portal(story)}/replicationPolicies")).body["value"]
    mapping = f"{spare}/replicationProtectionContainerMappings/spare"
    target = {
        "policyId": policies[0]["id"],
        "targetProtectionContainerId": container(story),
        "providerSpecificInput": A2A | {"agentAutoUpdateStatus": "Disabled"},
    }
    await story.do("PUT", mapping, {"properties": target})
    of_a2a = {"properties": {"providerSpecificInput": A2A}}
    await story.do("POST", f"{mapping}/remove", of_a2a)
    await story.do("POST", f"{spare}/remove")
    await story.do("POST", f"{fabric}/remove")


async def an_intent_is_told(story: Story) -> None:
    path = f"{portal(story)}/replicationProtectionIntents/intent"
    vm = f"{story.group('VmGroup')}/{COMPUTE}/virtualMachines/Intended"
    details: Any = A2A | {
        "fabricObjectId": vm,
        "primaryLocation": "eastus",
        "recoveryLocation": "eastus2",
        "recoverySubscriptionId": story.subscription,
        "recoveryAvailabilityType": "Single",
        "recoveryResourceGroupId": story.group("VaultGroup"),
    }
    await story.ask("PUT", path, {"properties": {"providerSpecificDetails": details}})
    await story.ask("GET", path)


async def an_item_is_changed_and_its_protection_ends(story: Story) -> None:
    path = item(story, "Changed")
    change = {"recoveryAzureVMName": "Changed-too", "providerSpecificDetails": A2A}
    await story.do("PATCH", path, {"properties": change})
    disks = (await story.ask("GET", path)).body["properties"]["providerSpecificDetails"]
    data = next(
        disk for disk in disks["protectedManagedDisks"] if disk["diskType"] != "OperatingSystem"
    )
    less = A2A | {"vmManagedDisksIds": [data["diskId"]]}
    await story.do(
        "POST", f"{path}/removeDisks", {"properties": {"providerSpecificDetails": less}}
    )
    group = story.group("VaultGroup")
    disk = {
        "diskId": data["diskId"],
        "primaryStagingAzureStorageAccountId": f"{group}/{CACHE}",
        "recoveryResourceGroupId": group,
    }
    more = A2A | {"vmManagedDisks": [disk]}
    await story.do("POST", f"{path}/addDisks", {"properties": {"providerSpecificDetails": more}})
    story.move(3600)
    reason: Any = {"disableProtectionReason": "NotSpecified", "replicationProviderInput": A2A}
    await story.do("POST", f"{path}/remove", {"properties": reason})


async def a_sick_item_is_repaired(story: Story) -> None:
    await story.do("POST", f"{item(story, 'Sick')}/repairReplication")


async def a_failover_takes_another_point_and_is_cancelled(story: Story) -> None:
    path = item(story, "Moved")
    points = (await story.ask("GET", f"{path}/recoveryPoints")).body["value"]
    await story.do("POST", f"{path}/unplannedFailover", failover())
    chosen = {"recoveryPointId": points[0]["id"], "providerSpecificDetails": A2A}
    await story.do("POST", f"{path}/applyRecoveryPoint", {"properties": chosen})
    await story.do("POST", f"{path}/failoverCancel")
    story.move(600)
    await story.do("POST", f"{path}/unplannedFailover", failover())
    await story.do("POST", f"{path}/failoverCommit")
    back: Any = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": A2A}
    await story.do("POST", f"{path}/reProtect", {"properties": back})


async def a_plan_is_committed_and_protected_back(story: Story) -> None:
    path = plan(story, "failed-over")
    await story.do("POST", f"{path}/failoverCommit")
    await story.do("POST", f"{path}/reProtect")


async def a_plan_is_cancelled(story: Story) -> None:
    path = plan(story, "cancelled")
    await story.do("PUT", path, plan_of(story, "Planned-too"))
    body: Any = failover()
    body["properties"]["providerSpecificDetails"] = [A2A | {"recoveryPointType": "Latest"}]
    await story.do("POST", f"{path}/unplannedFailover", body)
    await story.do("POST", f"{path}/failoverCancel")


async def a_job_is_cancelled(story: Story) -> None:
    path = item(story, "Waiting")
    first = await story.ask("POST", f"{path}/testFailover", to_test(story, A2A))
    story.move(30)
    await story.do("POST", f"{job_of(first)}/cancel")


async def a_job_is_restarted(story: Story) -> None:
    """One whose failure the world file plans, once."""
    first = await story.ask("POST", f"{item(story, 'Failing')}/testFailover", to_test(story, A2A))
    story.move(600)
    await story.do("POST", f"{job_of(first)}/restart")


async def a_manual_action_is_done(story: Story) -> None:
    path = plan(story, "manual")
    body = plan_of(story, "Manual")
    action = {
        "actionName": "Look",
        "failoverTypes": ["TestFailover"],
        "failoverDirections": ["PrimaryToRecovery"],
        "customDetails": {
            "instanceType": "ManualActionDetails",
            "description": "Look at the screen.",
        },
    }
    body["properties"]["groups"][0]["endGroupActions"] = [action]
    await story.do("PUT", path, body)
    test = to_test(story, [A2A | {"recoveryPointType": "Latest"}])
    first = await story.ask("POST", f"{path}/testFailover", test)
    job = job_of(first)
    await story.until(job, lambda told: told["properties"]["state"] == "Suspended", step=30)
    await story.do("POST", f"{job}/resume", comment(" "), entry="", result="spec_job_resume")
    await story.drive.finish(first)
    await story.do("POST", f"{path}/testFailoverCleanup", comment(""))


async def jobs_are_exported(story: Story) -> None:
    body = {"jobStatus": "Succeeded", "timezoneOffset": 0}
    await story.do("POST", f"{portal(story)}/replicationJobs/export", body)


REST: Chapters = {
    everything_is_listed: None,
    one_of_each_is_read: None,
    the_health_is_looked_at_anew: None,
    vault_settings_are_made: None,
    the_set_up_is_changed: None,
    some_of_the_set_up_is_removed: None,
    an_intent_is_told: None,
    an_item_is_changed_and_its_protection_ends: None,
    a_sick_item_is_repaired: None,
    a_failover_takes_another_point_and_is_cancelled: None,
    a_plan_is_committed_and_protected_back: None,
    a_plan_is_cancelled: None,
    a_job_is_cancelled: None,
    a_job_is_restarted: None,
    a_manual_action_is_done: None,
    jobs_are_exported: None,
}


def small(arm_id: str) -> str:
    """An id as clients ask with it."""
    return "/s" + arm_id[2:]
