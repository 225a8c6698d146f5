"""The life of a vault and of one item in it, from nothing to nothing, as the CLI was recorded."""

from __future__ import annotations

from typing import Any

from tests.conformance.story import Chapters, Story

A2A: dict[str, Any] = {"instanceType": "A2A"}
ITEM, PLAN, POLICY = "protected-item-1", "recovery-plan-1", "vault-policy-1"
NETWORKS = "providers/Microsoft.Network/virtualNetworks"
COMPUTE = "providers/Microsoft.Compute"
CACHE = "providers/Microsoft.Storage/storageAccounts"


def made(story: Story) -> str:
    return story.vault("made")


def fabric(story: Story, number: int) -> str:
    return f"{made(story)}/replicationFabrics/fabric-{number}"


def container(story: Story, number: int) -> str:
    return f"{fabric(story, number)}/replicationProtectionContainers/container-{number}"


def mapping(story: Story, number: int) -> str:
    return f"{container(story, number)}/replicationProtectionContainerMappings/mapping-{number}"


def network_mapping(story: Story) -> str:
    networks = f"{fabric(story, 1)}/replicationNetworks/azureNetwork"
    return f"{networks}/replicationNetworkMappings/network-mapping-1"


def item(story: Story, number: int) -> str:
    return f"{container(story, number)}/replicationProtectedItems/{ITEM}"


def plan(story: Story) -> str:
    return f"{made(story)}/replicationRecoveryPlans/{PLAN}"


def policy(story: Story) -> str:
    return f"{made(story)}/replicationPolicies/{POLICY}"


async def a_vault_is_made(story: Story) -> None:
    vault = made(story)
    body = {
        "location": "eastus2",
        "properties": {
            "monitoringSettings": {
                "azureMonitorAlertSettings": {"alertsForAllJobFailures": "Enabled"},
                "classicAlertSettings": {"alertsForCriticalOperations": "Enabled"},
            }
        },
        "sku": {"name": "Standard"},
    }
    done = "vault_operation_status_succeeded"
    await story.do("PUT", vault, body, entry="vault_create_put", done=done)
    await story.ask("GET", vault, entry="vault_get")


async def a_vault_is_told_whom_to_alert(story: Story) -> None:
    vault = made(story)
    systems = f"{vault}/replicationSupportedOperatingSystems"
    await story.ask("GET", systems, entry="supported_operating_systems_get_trimmed")
    setting = f"{vault}/replicationAlertSettings/defaultAlertSetting"
    alerts = {
        "customEmailAddresses": ["somebody@example.com"],
        "locale": "en_US",
        "sendToOwners": "Send",
    }
    await story.ask("PUT", setting, {"properties": alerts}, entry="alert_setting_put")
    await story.ask("GET", setting, entry="alert_setting_get")


async def a_vault_is_set_up(story: Story) -> None:
    for number, region in ((1, "eastus"), (2, "eastus2")):
        details = {"instanceType": "Azure", "location": region}
        entries = (
            {
                "entry": "fabric_create_put",
                "running": "operation_status_inprogress",
                "done": "operation_status_succeeded",
            }
            if number == 1
            else {}
        )
        region_of = {"properties": {"customDetails": details}}
        await story.do("PUT", fabric(story, number), region_of, **entries)
    for number in (1, 2):
        of_a2a = {"properties": {"providerSpecificInput": [A2A]}}
        entry = "container_create_put" if number == 1 else ""
        await story.do("PUT", container(story, number), of_a2a, entry=entry)
    minimal: Any = {"providerSpecificInput": A2A | {"multiVmSyncStatus": "Enable"}}
    await story.do("PUT", policy(story), {"properties": minimal})
    await story.ask("GET", policy(story), entry="policy_get_a2a_minimal")
    for number, other in ((1, 2), (2, 1)):
        entry = "container_mapping_create_put" if number == 2 else ""
        await story.do("PUT", mapping(story, number), _mapping(story, other), entry=entry)
    await story.ask("GET", mapping(story, 1), entry="container_mapping_get")
    await story.ask("GET", container(story, 1), entry="container_get_primary")
    await story.ask("GET", container(story, 2), entry="container_get_recovery")
    await _networks_are_mapped(story)
    await story.ask("GET", fabric(story, 1), entry="fabric_get")


def _mapping(story: Story, other: int) -> Any:
    return {
        "properties": {
            "policyId": _capital(policy(story)),
            "targetProtectionContainerId": _capital(container(story, other)),
            "providerSpecificInput": A2A | {"agentAutoUpdateStatus": "Disabled"},
        }
    }


async def _networks_are_mapped(story: Story) -> None:
    body = {
        "properties": {
            "recoveryFabricName": "fabric-2",
            "recoveryNetworkId": f"{story.group('VaultGroup')}/{NETWORKS}/Recovery-vnet",
            "fabricSpecificDetails": {
                "instanceType": "AzureToAzure",
                "primaryNetworkId": f"{story.group('VmGroup')}/{NETWORKS}/VmGroup-vnet",
            },
        }
    }
    path = network_mapping(story)
    await story.do("PUT", path, body, entry="network_mapping_create_put")
    await story.ask("GET", path, entry="network_mapping_get")


async def a_machine_gets_its_address_from_azure(story: Story) -> None:
    """As the recorded one's: dynamic, behind a security group, in networks of the same build."""
    group = f"{story.group('VmGroup')}/providers/Microsoft.Network"
    rules = f"{group}/networkSecurityGroups/Machine-1-rules"
    await story.bare("PUT", rules, {"location": "eastus", "properties": {}})
    nic = f"{group}/networkInterfaces/Machine-1-nic"
    body = (await story.bare("GET", nic)).body
    body["properties"]["networkSecurityGroup"] = {"id": rules}
    for config in body["properties"]["ipConfigurations"]:
        config["properties"]["privateIPAllocationMethod"] = "Dynamic"
        config["properties"].pop("privateIPAddress")
    await story.bare("PUT", nic, body)
    story.move(60)


async def a_machine_is_protected(story: Story) -> None:
    here, there = story.group("VmGroup"), story.group("VaultGroup")
    network = f"{there}/{NETWORKS}/Recovery-vnet"
    details = A2A | {
        "fabricObjectId": f"{here}/{COMPUTE}/virtualMachines/Machine-1",
        "recoveryContainerId": _capital(container(story, 2)),
        "recoveryResourceGroupId": there,
        "recoveryAzureNetworkId": network,
        "recoverySubnetName": f"{network}/subnets/MySubnet",
        "vmManagedDisks": [await _os_disk(story, here, f"{there}/{CACHE}/cachesource", there)],
    }
    body = {
        "properties": {
            "policyId": _capital(policy(story)),
            "providerSpecificDetails": details,
        }
    }
    path = item(story, 1)
    await story.do("PUT", path, body, entry="protected_item_create_put")
    await story.ask("GET", path, entry="protected_item_get_ir_in_progress")
    await story.ask("GET", f"{made(story)}/replicationJobs", entry="jobs_list")
    await story.until(path, is_protected, entry="protected_item_get_protected")


async def _os_disk(story: Story, group: str, cache: str, recovery_group: str) -> Any:
    """A replication input for the OS disk of the machine as it stands in a group."""
    vm = (await story.ask("GET", f"{group}/{COMPUTE}/virtualMachines/Machine-1")).body
    return {
        "diskId": vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"],
        "primaryStagingAzureStorageAccountId": cache,
        "recoveryResourceGroupId": recovery_group,
    }


async def a_plan_is_made_and_deleted(story: Story) -> None:
    plans = f"{made(story)}/replicationRecoveryPlans"
    member = {
        "id": _capital(item(story, 1)),
        "virtualMachineId": f"{story.group('VmGroup')}/{COMPUTE}/virtualMachines/Machine-1",
    }
    body = {
        "properties": {
            "primaryFabricId": _capital(fabric(story, 1)),
            "recoveryFabricId": _capital(fabric(story, 2)),
            "failoverDeploymentModel": "ResourceManager",
            "groups": [{"groupType": "Boot", "replicationProtectedItems": [member]}],
        }
    }
    await story.do("PUT", plan(story), body, entry="recovery_plan_create_put")
    await story.ask("GET", plan(story), entry="recovery_plan_get")
    await story.ask("GET", plans, entry="recovery_plan_list")
    await story.do("DELETE", plan(story), entry="recovery_plan_delete")
    await story.ask("GET", plans, entry="recovery_plan_list_empty")


async def a_machine_fails_over(story: Story) -> None:
    body = failover()
    await story.do(
        "POST",
        f"{item(story, 1)}/unplannedFailover",
        body,
        entry="protected_item_unplanned_failover_post",
        done="protected_item_unplanned_failover_opstatus",
        result="spec_protected_item_unplanned_failover_state",
    )
    await story.do(
        "POST",
        f"{item(story, 1)}/failoverCommit",
        entry="protected_item_failover_commit_post",
        done="protected_item_failover_commit_opstatus",
        result="spec_protected_item_failover_commit_state",
    )
    vm = f"{story.group('VaultGroup')}/{COMPUTE}/virtualMachines/Machine-1"
    await story.ask("GET", vm, entry="compute_vm_get_after_failover")


async def a_machine_is_protected_back(story: Story) -> None:
    here, home = story.group("VaultGroup"), story.group("VmGroup")
    details = A2A | {
        "policyId": _capital(policy(story)),
        "recoveryContainerId": _capital(container(story, 1)),
        "recoveryResourceGroupId": home,
        "vmManagedDisks": [await _os_disk(story, here, f"{home}/{CACHE}/cachetarget", home)],
    }
    body = {
        "properties": {
            "replicationProtectedItemName": ITEM,
            "providerSpecificDetails": details,
        }
    }
    await story.do(
        "POST",
        f"{container(story, 1)}/switchprotection",
        body,
        entry="switch_protection_post",
        done="switch_protection_opstatus",
    )
    path = item(story, 2)
    await story.until(path, _is_43_percent, entry="protected_item_get_reprotect_ir_43pct")
    await story.until(path, is_protected)


async def a_machine_fails_back_and_is_purged(story: Story) -> None:
    path = item(story, 2)
    entry = "failback_unplanned_failover_post"
    await story.do("POST", f"{path}/unplannedFailover", failover(), entry=entry)
    done = "protected_item_purge_opstatus"
    await story.do("DELETE", path, entry="protected_item_purge_delete", done=done)


async def a_vault_is_torn_down(story: Story) -> None:
    await story.do("DELETE", network_mapping(story))
    for number in (1, 2):
        entry = "container_mapping_delete_purge" if number == 1 else ""
        await story.do("DELETE", mapping(story, number), entry=entry)
    for number in (1, 2):
        entry = "container_remove_post" if number == 1 else ""
        await story.do("POST", f"{container(story, number)}/remove", entry=entry)
    await story.do("DELETE", policy(story), entry="policy_delete")
    for number in (1, 2):
        entry = "fabric_delete_purge" if number == 1 else ""
        await story.do("DELETE", fabric(story, number), entry=entry)


LIFE: Chapters = {
    a_vault_is_made: None,
    a_vault_is_told_whom_to_alert: a_vault_is_made,
    a_vault_is_set_up: a_vault_is_made,
    a_machine_gets_its_address_from_azure: None,
    a_machine_is_protected: a_vault_is_set_up,
    a_plan_is_made_and_deleted: a_machine_is_protected,
    a_machine_fails_over: a_machine_is_protected,
    a_machine_is_protected_back: a_machine_fails_over,
    a_machine_fails_back_and_is_purged: a_machine_is_protected_back,
    a_vault_is_torn_down: a_machine_fails_back_and_is_purged,
}


def is_protected(body: Any) -> bool:
    return bool(body["properties"]["protectionState"] == "Protected")


def _is_43_percent(body: Any) -> bool:
    """In the midst of the first copy, as recorded; any percentage will do."""
    details = body["properties"]["providerSpecificDetails"]
    return bool(details["monitoringPercentageCompletion"])


def failover() -> Any:
    return {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "NotRequired",
            "providerSpecificDetails": A2A,
        }
    }


def _capital(path: str) -> str:
    """An id as the service told it, which is how the recorded clients sent it on."""
    return "/S" + path[2:]
