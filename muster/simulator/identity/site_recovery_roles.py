"""The three built-in roles of Site Recovery: data.

Read in MicrosoftDocs/azure-docs, built-in-roles/management-and-governance.md (2024-03-01), and
complete.
As published, the Operator may start failovers, but neither cancel one nor read
`replicationOperationStatus`: a client that polls the operation, as the SDKs do, is refused there.
That polling needs a role is known of other services (azure-xplat-cli #2051); whether the signed
polling URLs of 2025 make an exception is UNCERTAIN, here they make none. None of the three may
list what lies at the vault itself (`replicationProtectedItems`, `replicationVaultHealth`).
"""

from __future__ import annotations

from muster.simulator.identity.definitions import Definition

_VAULT = "Microsoft.RecoveryServices/Vaults/"
_FABRICS = "Microsoft.RecoveryServices/vaults/replicationFabrics/"
_CONTAINERS = _FABRICS + "replicationProtectionContainers/"
_ITEMS = _CONTAINERS + "replicationProtectedItems/"
_PLANS = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/"

_EVERYONE = (
    "Microsoft.Authorization/*/read",
    "Microsoft.RecoveryServices/locations/allocatedStamp/read",
    "Microsoft.Support/*",
    *(
        _VAULT + what
        for what in (
            "monitoringConfigurations/notificationConfiguration/read",
            "read",
            "refreshContainers/read",
            "replicationEvents/read",
            "tokenInfo/read",
            "usages/read",
            "vaultTokens/read",
        )
    ),
)
_READING = (
    _VAULT + "extendedInformation/read",
    _VAULT + "registeredIdentities/operationResults/read",
    _VAULT + "registeredIdentities/read",
    _VAULT + "replicationAlertSettings/read",
    _VAULT + "replicationPolicies/read",
    _VAULT + "replicationRecoveryPlans/read",
    _VAULT + "replicationVaultSettings/read",
    _VAULT + "storageConfig/read",
    _FABRICS + "read",
    _FABRICS + "replicationNetworks/read",
    _FABRICS + "replicationNetworks/replicationNetworkMappings/read",
    _FABRICS + "replicationRecoveryServicesProviders/read",
    _FABRICS + "replicationStorageClassifications/read",
    _FABRICS + "replicationStorageClassifications/replicationStorageClassificationMappings/read",
    _FABRICS + "replicationvCenters/read",
    _CONTAINERS + "read",
    _CONTAINERS + "replicationProtectableItems/read",
    _CONTAINERS + "replicationProtectionContainerMappings/read",
    _ITEMS + "read",
    _ITEMS + "recoveryPoints/read",
)
_ACTING = (
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.RecoveryServices/locations/allocateStamp/action",
    "Microsoft.ResourceHealth/availabilityStatuses/read",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Storage/storageAccounts/read",
    _VAULT + "monitoringAlerts/*",
    _VAULT + "replicationJobs/*",
)

CONTRIBUTOR = Definition(
    "6670b86e-a3f7-4917-ac9b-5d6ab1be4567",
    "Site Recovery Contributor",
    "Lets you manage Site Recovery service except vault creation and role assignment",
    (
        *_EVERYONE,
        *_ACTING,
        _VAULT + "certificates/write",
        *(
            _VAULT + what + "/*"
            for what in (
                "extendedInformation",
                "registeredIdentities",
                "replicationAlertSettings",
                "replicationFabrics",
                "replicationPolicies",
                "replicationRecoveryPlans",
                "replicationVaultSettings",
                "storageConfig",
            )
        ),
        _VAULT + "replicationOperationStatus/read",
    ),
)
OPERATOR = Definition(
    "494ae006-db33-4328-bf46-533a6560a3ca",
    "Site Recovery Operator",
    "Lets you failover and failback but not perform other Site Recovery management operations",
    (
        *_EVERYONE,
        *_READING,
        *_ACTING,
        *(
            _FABRICS + what
            for what in (
                "checkConsistency/action",
                "reassociateGateway/action",
                "renewcertificate/action",
                "replicationRecoveryServicesProviders/refreshProvider/action",
                "replicationProtectionContainers/switchprotection/action",
            )
        ),
        *(
            _ITEMS + verb + "/action"
            for verb in (
                "applyRecoveryPoint",
                "failoverCommit",
                "plannedFailover",
                "repairReplication",
                "reProtect",
                "testFailover",
                "testFailoverCleanup",
                "unplannedFailover",
                "updateMobilityService",
            )
        ),
        *(
            _PLANS + verb + "/action"
            for verb in (
                "failoverCommit",
                "plannedFailover",
                "reProtect",
                "testFailover",
                "testFailoverCleanup",
                "unplannedFailover",
            )
        ),
    ),
)
READER = Definition(
    "dbaa88c4-0c30-4179-9fb3-46319faa6149",
    "Site Recovery Reader",
    "Lets you view Site Recovery status but not perform other management operations",
    (
        *_EVERYONE,
        *_READING,
        _VAULT + "monitoringAlerts/read",
        _VAULT + "replicationJobs/read",
    ),
)
