"""Tasks of the jobs on protected items, with the share of the job's time that each takes.

[PS-NIC] A2AVMNicConfig.json, [PS-RPR] A2AReprotectTest.json, [PS-NEW]
A2ANewAsrReplicationProtectedItem.json, [PS-DISK] A2ARemoveReplicationProtectedItemDisk.json: test
recordings in Azure/azure-powershell, found under AsrA2ATests.
"""

from __future__ import annotations

from muster.simulator import durations
from muster.simulator.durations import Share

Task = tuple[str, str, str, float]


def _twice(task_id: str, friendly: str, seconds: float) -> Task:
    """A task whose name is its id."""
    return task_id, task_id, friendly, seconds


def _shares(*tasks: Task) -> tuple[Share, ...]:
    """(id, name, name for people, seconds) of tasks that follow each other."""
    whole = sum(task[3] for task in tasks)
    return tuple(Share(*task[:3], task[3] / whole) for task in tasks)


CHECKS = (
    "UnplannedFailoverPreflightChecksTask",
    "VmUfoPrerequisitesCheck",
    "Prerequisites check for failover",
    durations.FAILOVER_CHECKS,
)
SHUTDOWN = (
    "ShutdownVmOnPrimaryForUFO",
    "VmShutdownVmOnPrimary",
    "Shut down the virtual machine",
    durations.SHUTDOWN,
)
SYNCHRONIZE = (  # skipped in every recording
    "PrepareForUnPlannedFailoverTask",
    "VmPrepareForUnPlannedFailover",
    "Synchronizing the latest changes",
    0.5,
)
FAILOVER = ("FailoverTask", "VmFailover", "Start failover", durations.FAILOVER_STEP)
START = (
    "StartVmOnSecondary",
    "VmFoStartVmOnSecondary",
    "Start the replica virtual machine",
    durations.REPLICA_START,
)
_UNHURRIED = (*SHUTDOWN[:3], 0.0)  # skipped: takes no time

# [PS-NIC]: a failover of one item, asked for with sourceSiteOperations Required.
FAILOVER_TASKS = _shares(CHECKS, SHUTDOWN, SYNCHRONIZE, FAILOVER, START)
FAILOVER_TASKS_NO_SHUTDOWN = _shares(CHECKS, _UNHURRIED, SYNCHRONIZE, FAILOVER, START)
# What a plan's jobs for one VM hold is UNCERTAIN: no recording opens them. Failover and start of
# a plan take as long as the one step of an item: so the VM is made in a plan's start (inferred).
PART_TASKS = {
    "shutdown": _shares(CHECKS, SHUTDOWN),
    "failover": _shares(SYNCHRONIZE, (*FAILOVER[:3], durations.FAILOVER_SHORTER)),
    "start": _shares((*START[:3], durations.BOOT_SHORTER)),
}
# Friendly names [DOC:azure-to-azure-powershell]; the second id and name [PS-RPR]; rest UNCERTAIN.
COMMIT_TASKS = _shares(
    ("CommitFailoverPreflightChecksTask", "VmCommitPrerequisitesCheck", "Prerequisite check", 1),
    ("CommitFailoverTask", "VmCommitFailover", "Commit", 3),
)
# Of the following two nothing is recorded: UNCERTAIN.
CANCEL_TASKS = _shares(
    ("CancelFailoverPreflightChecksTask", "VmCancelFailoverCheck", "Prerequisite check", 1),
    ("CancelFailoverTask", "VmCancelFailover", "Cancelling failover", 9),
)
CHANGE_POINT_TASKS = _shares(
    ("ChangePitPreflightChecksTask", "VmChangePitCheck", "Prerequisite check", 1),
    ("ChangePitTask", "VmChangePit", "Change recovery point", 70),
    START,
)
# [PS-RPR]; the second is skipped, for the failover is committed already.
SWITCH_TASKS = _shares(
    _twice("SwitchReplicationGroupProtectionPreflightTask", "Prerequisite check", 1.9),
    ("CommitFailoverTask", "VmCommitFailover", "Committing failover", 0.0),
    _twice("DiscoverReplicaTask", "Discovering replica virtual machine", 0.4),
    _twice("GetSwitchProtectionRequirementsTask", "Getting reprotection requirements", 0.6),
    _twice("ProtectReplicaTask", "Reprotecting virtual machine (1)", 539.0),
)
# The job is recorded, its tasks are not: names as people see them in the portal, ids UNCERTAIN.
ENABLE_TASKS = _shares(
    (
        "EnableProtectionPreflightChecksTask",
        "EnableDrPreflightChecks",
        "Prerequisites check for enabling protection",
        10,
    ),
    (
        "InstallMobilityServiceTask",
        "InstallMobilityService",
        "Installing Mobility Service and preparing target",
        330,
    ),
    ("EnableReplicationTask", "EnableReplication", "Enable replication", 60),
    ("StartInitialReplicationTask", "StartInitialReplication", "Starting initial replication", 20),
    ("UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 1),
)
IR_COMPLETION_TASKS = _shares(  # [PS-NEW]
    (
        "CompleteInitialReplicationTask",
        "CompleteInitialReplication",
        "Complete initial replication",
        0.2,
    ),
    (
        "ReplicaConfigurationPreflightChecksTask",
        "FailWorkflowOnIRFailureTask",
        "Finalizing initial replication",
        0.1,
    ),
    (
        "ReplicaConfigurationTask",
        "ReplicaConfiguration",
        "Complete network and post-replication configuration",
        4.5,
    ),
    ("UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 0.3),
)
DISABLE_TASKS = _shares(  # UNCERTAIN
    ("DisableProtectionTask", "DisableProtection", "Disable replication", 1),
)
UPDATE_TASKS = _shares(  # [PS-NIC], where the id is a GUID
    _twice("UpdateVmPropertiesTask", "Update the virtual machine properties", 1),
)
ADD_DISKS_TASKS = _shares(  # [PS-DISK]
    _twice("AddDisksPreflightTask", "Prerequisites check to add disk(s) for protection", 0.2),
    _twice("AddDisksTask", "Adding disk(s) for protection", 38.3),
    _twice("StartDisksReplicationTask", "Starting disk(s) initial replication", 244.7),
)
ADDED_DISKS_TASKS = _shares(  # [PS-DISK]
    _twice("AddDisksCompleteIrTask", "Completing initial replication for add disks", 1),
)
REMOVE_DISKS_TASKS = _shares(  # UNCERTAIN
    _twice("RemoveDisksTask", "Removing disk(s) from protection", 1),
)
