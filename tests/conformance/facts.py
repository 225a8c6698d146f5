"""Which strings are Azure's own words and stay in the catalogue; all others are somebody's values.

Decided by the key a string stands under, and for the keys that hold both by what stands beside it.
An unknown key's string is a value: nothing of a recording survives unless a rule here names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STATES = """state stateDescription status statusDetails provisioningState currentScenarioStatus
currentScenarioStatusDescription protectionState protectionStateDescription testFailoverState
testFailoverStateDescription vmProtectionState vmProtectionStateDescription activeLocation
switchProviderState switchProviderStateDescription allowedOperations allowedActions health
replicationHealth failoverHealth bcdrState kekState pairingStatus role diskState
testFailoverStatus networkConnectionStatus privateEndpointStateForBackup
privateEndpointStateForSiteRecovery monitoringJobType agentAutoUpdateStatus skippedReason
powerState healthStatus""".split()  # noqa: SIM905
KINDS = """type instanceType taskType groupType rpGroupType fabricType protectedItemType osType
diskType targetInstanceType scenarioName jobScenarioName jobFriendlyName recoveryPointType
recoveryPointSyncType multiVmSyncStatus multiVmSyncPointOption multiVmGroupCreateOption
primaryFabricProvider primaryFabricProviderId recoveryFabricProviderId PrimaryFabricProviderId
RecoveryFabricProviderId replicationProviders failoverDeploymentModel failoverDirection
networkType sourceSiteOperations ipAddressType recoveryIPAddressType selectionType
vmEncryptionType autoProtectionOfDataDisk recoveryAzureGeneration recoveryReplicaDiskAccountType
recoveryTargetDiskAccountType storageAccountType createOption deleteOption caching
automationAccountAuthenticationType alertsForAllJobFailures alertsForCriticalOperations
sendToOwners alertsForAllReplicationIssues alertsForAllFailoverIssues affectedResourceType
disableProtectionReason failoverTypes failoverDirections fabricLocation eventType severity level
""".split()  # noqa: SIM905
CODES = """code errorCode errorType errorLevel errorCategory errorSource errorId category
summaryCode customerResolvability""".split()  # noqa: SIM905
SENTENCES = "message errorMessage possibleCauses recommendedAction".split()  # noqa: SIM905
HEADERS = frozenset({"Cache-Control", "Pragma", "Expires"})
FACT_KEYS = frozenset((*STATES, *KINDS, *CODES, *SENTENCES))
NUMBERS = frozenset(
    {
        "recoveryPointHistory",
        "recoveryPointThresholdInMinutes",
        "appConsistentFrequencyInMinutes",
        "crashConsistentFrequencyInMinutes",
    }
)
"""Of a policy that was made with no numbers: what the service fills in [CLI]."""
LITERAL_NAMES = frozenset({"Default", "defaultAlertSetting"})
OF_A_MACHINE = {
    "name": frozenset({"JobTaskDetails"}),
    "friendlyName": frozenset({"VirtualMachineTaskDetails", "JobTaskDetails"}),
}
"""Types of tasks that are called as a machine is."""
FREE = frozenset({"tags", "parameters", "vmMap"})
"""Objects whose keys people choose."""


def is_fact(path: Sequence[str], value: Any, beside: Mapping[str, Any]) -> bool:
    """Whether a value is one of Azure's words, or a number that Azure fills in.

    Args:
        path: The keys that lead to it, lists left out.
        value: A string, a number, a truth or null.
        beside: The object it stands in.
    """
    key = path[-1] if path else ""
    if not isinstance(value, str):
        return key in NUMBERS
    if key == "name":
        return value in LITERAL_NAMES or path[-2:-1] == ["sku"] or _of_a_task(key, beside)
    if key in ("friendlyName", "taskId", "groupId"):
        return _of_a_task(key, beside) or (key == "friendlyName" and "scenarioName" in beside)
    return key in FACT_KEYS


def _of_a_task(key: str, beside: Mapping[str, Any]) -> bool:
    """Ids of tasks and groups are Azure's always, names of tasks unless a machine's."""
    if "rpGroupType" in beside:
        return True
    kind = beside.get("taskType")
    return kind is not None and str(kind) not in OF_A_MACHINE.get(key, ())
