"""How long things take in Azure time: recorded where there are figures, else guessed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

JOB_QUEUED = 0.9  # below 1 s a job reads NotStarted [PS-RP]
JOB_RENAMED = 5.0  # a plan's job takes its second id: between 1 s and 20 s [PS-RP]
SECOND_STARTS = 0.917  # the second id's startTime is so much later [PS-RP]
TEST_FAILOVER = 203.0  # 3 min 23 s [DOC:azure-to-azure-powershell]
TEST_FAILOVER_SPREAD = 0.12  # our choice: one figure only was recorded
CLEANUP_SHORTEST, CLEANUP_LONGEST = 82.0, 143.0  # [PS-CL]
CLEANUP_SETTLES = 20.0  # MarkedForDeletion after a cleanup; length UNCERTAIN
REFUSED_JOB = 1.2  # a job that fails in its pre-check: within a second or so [PS-JOB]
ENABLE_SHORTEST, ENABLE_LONGEST = 405.0, 611.0  # the job, before the first copy [CLI][PS-RP]
FIRST_COPY, REVERSE_COPY = 1500.0, 2820.0  # PUT to Protected; reprotected to Protected [CLI]
IR_COMPLETION = 5.3  # the job at the end of the first copy [PS-NEW]
FAILOVER_CHECKS, SHUTDOWN, FAILOVER_STEP, REPLICA_START = 1.6, 63.2, 134.8, 0.6  # [PS-NIC]
VM_CREATED = 35.0  # before the end of a failover its VM is there [CLI]
COMMIT_SHORTEST, COMMIT_LONGEST = 3.0, 8.0  # [DOC:azure-to-azure-powershell][CLI]
CANCEL_FAILOVER = 90.0  # guessed
SWITCH_SHORTEST, SWITCH_LONGEST = 505.0, 542.0  # [CLI][PS-RPR]
DISABLE = 111.0  # purge [CLI]; that `remove` takes as long is guessed
ADD_DISKS, ADDED_COPY, ADDED_END = 287.0, 640.0, 11.0  # job, copy, job at its end [PS-DISK]
REMOVE_DISKS, REPAIR, UPDATE_VM = 60.0, 60.0, 5.0  # guessed; the last is below 20 s [PS-NIC]

PLAN_SAVED = 1.2  # a plan made, changed or deleted: within a second or so [CLI]
# A plan's failover was recorded twice, in 3 min 23 s and in 8 min 41 s: its phases in the shorter
# run and in the longer one [PS-RP][PS-EZ]. The longer one shut down faster.
PLAN_FIRST, PLAN_CHECK, PLAN_GAP, PLAN_END = 1.3, 3.3, 0.14, 0.1
SHUTDOWN_SHORTER, SHUTDOWN_LONGER = 63.8, 39.7
FAILOVER_SHORTER, FAILOVER_LONGER = 95.0, 433.0
BOOT_SHORTER, BOOT_LONGER = 39.6, 45.6
RUNBOOK_LOOK = 10.0  # how often a plan's job looks at a runbook's; guessed
RESUMED_AFTER = 1.0  # from a resume to the next step; guessed
JOB_VERB = 1.0  # the operation of a cancel, resume, export; of an export [SPEC]
JOB_CANCELLED = 4.0  # from Cancelling to Cancelled; guessed

NETWORK_PUT, NETWORK_DELETE = 3.0, 8.0  # guessed
RESOURCE_PUT, RESOURCE_DELETE = 5.0, 10.0  # guessed
GROUP_DELETE = 60.0  # guessed
VM_START, VM_STOP, VM_DELETE = 30.0, 40.0, 30.0  # guessed
RUN_COMMAND_REFUSED = 20.0  # until Compute gives up on a silent agent; guessed, really minutes
AUTOMATION_NEW = 2.0  # guessed

# The set-up of a vault; shortest and longest where several were recorded.
VAULT_CREATE = 3.0  # by the two etags of [CLI-V], 2.8 s apart; the first poll came after 61 s
FABRIC_SHORTEST, FABRIC_LONGEST = 65.0, 70.0  # [CLI][PS-RP]
FABRIC_REMOVE = 13.0  # [PS-E2E: UnregisterFabric of a VMM server]
FABRIC_PURGE = 2.0  # [CLI]
FABRIC_CHECK = 20.0  # guessed
CONTAINER_SHORTEST, CONTAINER_LONGEST = 0.2, 1.0  # [CLI][PS-RP]
SETUP_QUICK = 0.6  # policies and whatever is removed: below a second [CLI][PS-RP]
MAPPING_SHORTEST, MAPPING_LONGEST = 64.0, 77.0  # [CLI][PS-RP]
NETWORK_MAPPING_SHORTEST, NETWORK_MAPPING_LONGEST = 3.0, 4.0  # [CLI][PS-RP]
NETWORK_UNMAPPING = 1.5  # [PS-E2E: NetworkUnPairing of VMM networks]
HEALTH_REFRESH = 5.0  # guessed

ARM_RETRY_AFTER = 10.0  # Network and Compute
ASR_RETRY_AFTER = 30.0  # [PS-RP][PS-CL]
VAULT_RETRY_AFTER = 60.0  # of the vault itself: by the gap between two requests of [CLI-V]


@dataclass(frozen=True, slots=True)
class Share:
    """One task of a job: its names and the share of the job's time it takes."""

    task_id: str
    name: str
    friendly: str
    share: float


# Friendly names from [DOC:azure-to-azure-powershell]; ids, names and shares UNCERTAIN.
TEST_FAILOVER_TASKS = (
    Share(
        "TestFailoverPreflightChecksTask",
        "VmTfoPreflightsCheck",
        "Prerequisites check for test failover",
        0.02,
    ),
    Share("CreateTestVmTask", "VmTfoCreateTestVm", "Create test virtual machine", 0.55),
    Share("PrepareTestVmTask", "VmTfoPrepareTestVm", "Preparing the virtual machine", 0.23),
    Share("StartTestVmTask", "VmTfoStartTestVm", "Start the virtual machine", 0.20),
)
COPY_APPEARS = 0.30  # of the whole job: in the middle of "Create test virtual machine"

# All names from [PS-TFO]; there the first two took 0.14 s and 0.16 s.
CLEANUP_TASKS = (
    Share(
        "TestFailoverCleanupPreflightChecksTask",
        "VmTfoCleanupPreflightsCheck",
        "Prerequisites check for test failover cleanup",
        0.002,
    ),
    Share("EndTestFailoverTask", "VmTfoEndFailover", "Ending test failover", 0.002),
    Share(
        "CleanupTestProtectedEntitiesTask",
        "VmTfoDeleteTestVm",
        "Clean up the test virtual machine",
        0.996,
    ),
)
COPY_VANISHES = 0.85  # of the cleanup job: the VM goes before its NIC and disks


def spread(*parts: object) -> float:
    """A number in [0, 1) that is always the same for the same parts: chance, by seed."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def failover_test_takes(*parts: object) -> float:
    """Azure seconds of one test failover job."""
    return TEST_FAILOVER * (1 + TEST_FAILOVER_SPREAD * (2 * spread("tfo", *parts) - 1))


def varied(seconds: float, *parts: object) -> float:
    """A duration of which few figures are recorded, with a spread of our choice, by seed."""
    return seconds * (1 + TEST_FAILOVER_SPREAD * (2 * spread(*parts) - 1))


def between(shortest: float, longest: float, *parts: object) -> float:
    """A duration between two recorded ones, by seed."""
    return shortest + (longest - shortest) * spread(*parts)


def cleanup_takes(*parts: object) -> float:
    """Azure seconds of one cleanup job."""
    return CLEANUP_SHORTEST + (CLEANUP_LONGEST - CLEANUP_SHORTEST) * spread("cleanup", *parts)
