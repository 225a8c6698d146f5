"""How jobs share out their time, how often is looked, and chance by seed.

How long whole things take stands in `durations.yaml`, read by `spans.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

JOB_QUEUED = 0.9  # below 1 s a job reads NotStarted [PS-RP]
JOB_RENAMED = 5.0  # a plan's job takes its second id: between 1 s and 20 s [PS-RP]
SECOND_STARTS = 0.917  # the second id's startTime is so much later [PS-RP]
IR_COMPLETION = 5.3  # the job at the end of the first copy [PS-NEW]
FAILOVER_CHECKS, SHUTDOWN, FAILOVER_STEP, REPLICA_START = 1.6, 63.2, 134.8, 0.6  # [PS-NIC]
VM_CREATED = 35.0  # before the end of a failover its VM is there [CLI]

# A plan's failover was recorded twice, in 3 min 23 s and in 8 min 41 s: its phases in the shorter
# run and in the longer one [PS-RP][PS-EZ]. The longer one shut down faster.
PLAN_FIRST, PLAN_CHECK, PLAN_GAP, PLAN_END = 1.3, 3.3, 0.14, 0.1
FAILOVER_SHORTER, FAILOVER_LONGER = 95.0, 433.0
BOOT_SHORTER, BOOT_LONGER = 39.6, 45.6
RUNBOOK_LOOK = 10.0  # how often a plan's job looks at a runbook's; guessed
RESUMED_AFTER = 1.0  # from a resume to the next step; guessed
JOB_VERB = 1.0  # the operation of a cancel, resume, export; of an export [SPEC]
JOB_CANCELLED = 4.0  # from Cancelling to Cancelled; guessed


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
