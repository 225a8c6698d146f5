"""Roles that every tenant has, as Microsoft publishes them: data.

Every list was read in MicrosoftDocs/azure-docs, articles/role-based-access-control/built-in-roles
(general.md of 2026-02-23, privileged.md of 2026-07-01, networking.md and
management-and-governance.md of 2024-03-01, compute.md in a later edition) and is complete; the
order within a role is ours. Site Recovery Contributor was the same in two editions, the newer
one undated. None of these roles has actions on data.
"""

from __future__ import annotations

from collections.abc import Mapping

from muster.simulator.identity import site_recovery_roles
from muster.simulator.identity.definitions import Definition

_READ_ROLES = "Microsoft.Authorization/*/read"
_COMMON = (
    _READ_ROLES,
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
_HEALTH = "Microsoft.ResourceHealth/availabilityStatuses/read"
_JOBS = "Microsoft.Automation/automationAccounts/"
_COMPUTE = "Microsoft.Compute/"
_NETWORK = "Microsoft.Network/"
_BACKUP = "Microsoft.RecoveryServices/Vaults/"

_OWNER = Definition(
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Owner",
    "Grants full access to manage all resources, including the ability to assign roles in Azure "
    "RBAC.",
    ("*",),
)
_CONTRIBUTOR = Definition(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    "Grants full access to manage all resources, but does not allow you to assign roles in Azure "
    "RBAC, manage assignments in Azure Blueprints, or share image galleries.",
    ("*",),
    (
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Blueprint/blueprintAssignments/delete",
        "Microsoft.Compute/galleries/share/action",
        "Microsoft.Purview/consents/write",
        "Microsoft.Purview/consents/delete",
        "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
        "Microsoft.Subscription/cancel/action",
        "Microsoft.Subscription/enable/action",
    ),
)
_READER = Definition(
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Reader",
    "View all resources, but does not allow you to make any changes.",
    ("*/read",),
)
_USER_ACCESS_ADMINISTRATOR = Definition(
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "User Access Administrator",
    "Lets you manage user access to Azure resources.",
    ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
)
_NETWORK_CONTRIBUTOR = Definition(
    "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Network Contributor",
    "Lets you manage networks, but not access to them.",
    (*_COMMON, _HEALTH, "Microsoft.Network/*"),
)
_VM_CONTRIBUTOR = Definition(
    "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
    "Virtual Machine Contributor",
    "Lets you manage virtual machines, but not access to them, and not the virtual network or "
    "storage account they're connected to.",
    (
        *_COMMON,
        _HEALTH,
        *(
            _COMPUTE + what
            for what in (
                "availabilitySets/*",
                "locations/*",
                "virtualMachines/*",
                "virtualMachineScaleSets/*",
                "cloudServices/*",
                "disks/write",
                "disks/read",
                "disks/delete",
                "hostgroups/write",
                "hostgroups/hosts/write",
            )
        ),
        "Microsoft.DevTestLab/schedules/*",
        *(
            _NETWORK + what
            for what in (
                "applicationGateways/backendAddressPools/join/action",
                "loadBalancers/backendAddressPools/join/action",
                "loadBalancers/inboundNatPools/join/action",
                "loadBalancers/inboundNatRules/join/action",
                "loadBalancers/probes/join/action",
                "loadBalancers/read",
                "locations/*",
                "networkInterfaces/*",
                "networkSecurityGroups/join/action",
                "networkSecurityGroups/read",
                "publicIPAddresses/join/action",
                "publicIPAddresses/read",
                "virtualNetworks/read",
                "virtualNetworks/subnets/join/action",
            )
        ),
        "Microsoft.RecoveryServices/locations/*",
        *(
            _BACKUP + what
            for what in (
                "backupFabrics/backupProtectionIntent/write",
                "backupFabrics/protectionContainers/protectedItems/*/read",
                "backupFabrics/protectionContainers/protectedItems/read",
                "backupFabrics/protectionContainers/protectedItems/write",
                "backupPolicies/read",
                "backupPolicies/write",
                "read",
                "usages/read",
                "write",
            )
        ),
        "Microsoft.SerialConsole/serialPorts/connect/action",
        "Microsoft.SqlVirtualMachine/*",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "Microsoft.Storage/storageAccounts/read",
    ),
)
_AUTOMATION_OPERATOR = Definition(
    "d3881f73-407a-4167-8283-e981cbba0404",
    "Automation Operator",
    "Automation Operators are able to start, stop, suspend, and resume jobs",
    (
        *_COMMON,
        _HEALTH,
        *(
            _JOBS + what
            for what in (
                "hybridRunbookWorkerGroups/read",
                "jobs/read",
                "jobs/resume/action",
                "jobs/stop/action",
                "jobs/streams/read",
                "jobs/suspend/action",
                "jobs/write",
                "jobs/output/read",
                "jobSchedules/read",
                "jobSchedules/write",
                "linkedWorkspace/read",
                "read",
                "runbooks/read",
                "schedules/read",
                "schedules/write",
            )
        ),
    ),
)
_AUTOMATION_CONTRIBUTOR = Definition(
    "f353d9bd-d4a6-484e-a77a-8050b599b867",
    "Automation Contributor",
    "Manage azure automation resources and other resources using azure automation.",
    (
        "Microsoft.Automation/automationAccounts/*",
        _READ_ROLES,
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Support/*",
        "Microsoft.Insights/ActionGroups/*",
        "Microsoft.Insights/ActivityLogAlerts/*",
        "Microsoft.Insights/MetricAlerts/*",
        "Microsoft.Insights/ScheduledQueryRules/*",
        "Microsoft.Insights/diagnosticSettings/*",
        "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    ),
)

BUILT_IN: Mapping[str, Definition] = {
    definition.guid: definition
    for definition in (
        _OWNER,
        _CONTRIBUTOR,
        _READER,
        _USER_ACCESS_ADMINISTRATOR,
        site_recovery_roles.CONTRIBUTOR,
        site_recovery_roles.OPERATOR,
        site_recovery_roles.READER,
        _VM_CONTRIBUTOR,
        _NETWORK_CONTRIBUTOR,
        _AUTOMATION_OPERATOR,
        _AUTOMATION_CONTRIBUTOR,
    )
}
"""By GUID. Azure has several hundred; a world that needs another one defines it."""
BY_NAME: Mapping[str, Definition] = {
    definition.role_name: definition for definition in BUILT_IN.values()
}
