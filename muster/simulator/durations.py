"""How long things take in Azure time: recorded where there are figures, else guessed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

JOB_QUEUED = 0.9  # below 1 s a job reads NotStarted [PS-RP]
TEST_FAILOVER = 203.0  # 3 min 23 s [DOC:azure-to-azure-powershell]
TEST_FAILOVER_SPREAD = 0.12  # our choice: one figure only was recorded
CLEANUP_SHORTEST, CLEANUP_LONGEST = 82.0, 143.0  # [PS-CL]
CLEANUP_SETTLES = 20.0  # MarkedForDeletion after a cleanup; length UNCERTAIN
REFUSED_JOB = 1.2  # a job that fails in its pre-check: within a second or so [PS-JOB]

NETWORK_PUT, NETWORK_DELETE = 3.0, 8.0  # guessed
GATEWAY_PUT = 1800.0  # gateways, firewalls and bastions, made or deleted; guessed
RESOURCE_PUT, RESOURCE_DELETE = 5.0, 10.0  # guessed
GROUP_DELETE = 60.0  # guessed
REGISTERS = 30.0  # a resource provider; guessed
VM_START, VM_STOP, VM_DELETE = 30.0, 40.0, 30.0  # guessed
VM_CREATE, VM_UPDATE = 60.0, 15.0  # guessed
RUN_COMMAND_REFUSED = 20.0  # until Compute gives up on a silent agent; guessed, really minutes
AUTOMATION_NEW = 2.0  # guessed
AUTOMATION_TURNS = 5.0  # stopping, suspending, resuming a job; guessed

ARM_RETRY_AFTER = 10.0  # Network and Compute
ASR_RETRY_AFTER = 30.0  # [PS-RP][PS-CL]


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


def cleanup_takes(*parts: object) -> float:
    """Azure seconds of one cleanup job."""
    return CLEANUP_SHORTEST + (CLEANUP_LONGEST - CLEANUP_SHORTEST) * spread("cleanup", *parts)
