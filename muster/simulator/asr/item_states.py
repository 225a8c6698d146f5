"""What state a protected item is in, in Azure's words, and what may then be asked (FACTS 4, 7).

Committed items are recorded (Azure/azure-powershell, A2AReprotectTest.json, 2025-04); the state
before the commit is that of the API's examples, which users report of A2A by the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.simulator.asr import pauses
from muster.simulator.json_types import Json
from muster.simulator.worlds.model import Settings

ENABLING = "UnprotectedStatesBegin"  # while EnableDr runs (users' reports, azurerm #13725)
REPLICATING = "InitialReplicationInProgress"  # [CLI]
COMPLETING = "InitialReplicationRecoveryCompletionPending"  # [CLI]
PROTECTED = "Protected"  # [CLI]
FAILED_OVER = "UnplannedFailoverCommitPendingStatesBegin"  # [SPEC]
COMMITTED = "UnplannedFailoverCommitted"  # [PS-RPR]

DESCRIPTIONS = {
    ENABLING: "Enabling protection",
    REPLICATING: "Initial replication is in progress",
    COMPLETING: "Waiting for first recovery point",
    PROTECTED: "Protected",
    FAILED_OVER: "Failover completed",
    COMMITTED: "Failover committed",
}
UNPROTECTED = (ENABLING, REPLICATING, COMPLETING)
"""States without a recovery point; `vmProtectionState` is then UnprotectedStatesBegin."""

IDLE: Json = {"phase": "none", "job": None, "since": None, "point": None, "vm": None, "parts": []}
"""`test` of an item without a test failover. Phases: none, starting, waiting, cleaning, settling.

`vm` and `parts` are the ids of what a cleanup has to take away.
"""
NOT_FAILED_OVER: Json = {
    "at": None,
    "stopped": None,
    "point": None,
    "point_time": None,
    "vm": None,
    "parts": [],
}
"""`failover` of an item whose VM runs where it was; else the recovered VM, its NIC and its disks.

`stopped`: since when nothing is replicated; `at`: when the failover was through.
"""

# (testFailoverState, its description, description of protectionState). `waiting` and `settling` as
# in [SPEC]; what A2A shows while a test failover or its cleanup runs is UNCERTAIN.
_PHASES = {
    "none": ("None", "None", None),
    "starting": ("InProgress", "Test failover in progress", None),
    "waiting": ("WaitingForCompletion", "Waiting for user input", "Cleanup test failover pending"),
    "cleaning": (
        "InProgress",
        "Test failover cleanup in progress",
        "Cleanup test failover pending",
    ),
    "settling": ("MarkedForDeletion", "Cleaning up test environment", None),
}


def protection(item: Json) -> tuple[str, str]:
    """(protectionState, its description)."""
    state = str(item["protection_state"])
    waiting = _PHASES[item["test"]["phase"]][2]
    return state, waiting or DESCRIPTIONS[state]


def failover_test(item: Json) -> tuple[str, str]:
    """(testFailoverState, its description)."""
    state, description, _ = _PHASES[item["test"]["phase"]]
    return state, description


def vm_protection(item: Json) -> tuple[str, str]:
    """(vmProtectionState, its description): as the item, without a word of test failovers."""
    state = ENABLING if item["protection_state"] in UNPROTECTED else item["protection_state"]
    return state, DESCRIPTIONS[state]


def running(item: Json) -> Json | None:
    """The work that a job does on an item now: `scenario`, `job` (its id), `since`."""
    test = item["test"]
    if test["phase"] in ("starting", "cleaning"):
        name = "TestFailover" if test["phase"] == "starting" else "TestFailoverCleanup"
        return {"scenario": name, "job": test["job"], "since": test["since"]}
    busy: Json | None = item["busy"]
    return busy


def allowed_operations(item: Json, settings: Settings | None = None) -> list[str]:
    """What may be asked of an item now; settings: the world's, else those of a new one.

    While a job runs on the item, nothing (UNCERTAIN: no recording shows one then).
    """
    if running(item):
        return []
    if item["test"]["phase"] == "waiting":
        return ["TestFailoverCleanup"]
    known = settings or Settings()
    state, more = item["protection_state"], [*_ALLOWED[item["protection_state"]]]
    if state == FAILED_OVER and known.failed_over_lists == "complete_migration":
        more.insert(0, "CompleteMigration")  # as of committed items, and of Hyper-V in [SPEC]
    if state == FAILED_OVER and known.failover_cancel == "listed":
        more.append("CancelFailover")
    if state == PROTECTED and pauses.for_good(item):
        return ["UnplannedFailover", "DisableProtection"]  # inferred: its points are still there
    if state == PROTECTED and item["replication_health"] == "Critical":
        more.append("RepairReplication")  # inferred
    return more


def accepts(item: Json, operation: str, settings: Settings) -> bool:
    """Whether a request would be taken: listed, or known to work though it is not listed."""
    unlisted = operation == "CancelFailover" and settings.failover_cancel == "unlisted"
    if unlisted and item["protection_state"] == FAILED_OVER:
        return running(item) is None
    return operation in allowed_operations(item, settings)


_ALLOWED: Mapping[str, tuple[str, ...]] = {
    ENABLING: (),
    REPLICATING: ("DisableProtection",),  # [CLI]
    COMPLETING: ("DisableProtection",),  # [CLI]
    PROTECTED: ("UnplannedFailover", "DisableProtection", "TestFailover"),  # [CLI]
    FAILED_OVER: ("Commit", "DisableProtection", "ChangePit"),  # [SPEC]
    COMMITTED: ("CompleteMigration", "DisableProtection", "SwitchProtection"),  # [PS-RPR]
}


def texts(item: Json) -> Mapping[str, Any]:
    """The five keys of a body that tell the state."""
    state, description = protection(item)
    test, test_description = failover_test(item)
    return {
        "protectionState": state,
        "protectionStateDescription": description,
        "activeLocation": "Recovery" if state in (FAILED_OVER, COMMITTED) else "Primary",
        "testFailoverState": test,
        "testFailoverStateDescription": test_description,
    }
