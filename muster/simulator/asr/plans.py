"""Recovery plans of Site Recovery: finding them, what may be asked of one, its items."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import Target
from muster.simulator.asr import item_states, jobs
from muster.simulator.asr import items as asr_items
from muster.simulator.json_types import Json
from muster.simulator.world import World

TYPE = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
WAITS_FOR_CLEANUP = ("Suspended", "WaitingForStopTestFailover")  # [SPEC]
# Of a plan -> of its items. As recorded where it has a value [CLI]; the order of the rest is ours.
OPERATIONS = {
    "UnplannedFailover": ("UnplannedFailover",),
    "TestFailover": ("TestFailover",),
    "Commit": ("Commit",),
    "CancelFailover": ("CancelFailover",),
    # UNCERTAIN which of the two words A2A says; a plan's verb is reProtect either way.
    "ReverseReplicate": ("ReverseReplicate", "SwitchProtection"),
}


def find(world: World, target: Target) -> Json:
    """The plan a path names. Raises: AzureError, Site Recovery's own 404."""
    plan = world.table("plans").get(key_of(target))
    if plan is None:
        raise site_recovery_not_found(target.names[1])
    return plan


def key_of(target: Target) -> str:
    """Under what a plan is kept: its id in small letters."""
    return "/".join(target.path.split("/")[:11]).lower()


def in_vault(world: World, target: Target) -> list[Json]:
    """All plans of the vault a path lies in, in the order they were made (UNCERTAIN)."""
    vault = "/".join(target.path.split("/")[:9]).lower()
    return [plan for key, plan in world.table("plans").items() if key.startswith(vault + "/")]


def members(world: World, plan: Json) -> Iterator[tuple[Json, Json]]:
    """(entry of a group, its item) of every item that is still there."""
    for group in plan["groups"]:
        for entry in group["replicationProtectedItems"]:
            item = item_of(world, entry)
            if item is not None:
                yield entry, item


def item_of(world: World, entry: Json) -> Json | None:
    """The item an entry of a group stands for, wherever it lies now.

    Reverse replication gives an item another id and GUID [CLI]; its lifecycle stays its own, also
    against another item that is made under its old id.
    """
    item = asr_items.now_at(world, entry["id"])
    return item if item and item["ids"]["lifecycle"] == entry["lifecycle"] else None


def is_busy(world: World, plan: Json) -> bool:
    """Whether one of its jobs runs, or waits in the middle."""
    job = world.table("jobs").get(plan["job"] or "")
    return job is not None and jobs.is_running(world, job)


def brought_up(world: World, plan: Json) -> set[str]:
    """Keys of the items whose copies its last test failover made and that are still there."""
    job = world.table("jobs").get(plan["test"] or "")
    if job is None:
        return set()
    tried = {one["item"] for one in job["run"]["machines"] if not one["skipped"]}
    return {key for key in tried if key in world.items and world.items[key]["test"]["vm"]}


def waits_for_cleanup(world: World, plan: Json) -> bool:
    """Whether copies of its last test failover are still there."""
    return bool(brought_up(world, plan))


def allowed_operations(world: World, plan: Json) -> list[str]:
    """What may be asked of a plan now: what one of its items allows at least.

    A later plan skips what another has brought up [DOC:recovery-plan-overview], so one is enough.
    While a job of it or of an item runs: nothing (UNCERTAIN, as for items).
    """
    settings = world.settings
    told = [asr_items.allowed_operations(item, settings) for _, item in members(world, plan)]
    if is_busy(world, plan) or not all(told):
        return []
    if waits_for_cleanup(world, plan):
        return ["TestFailoverCleanup"]
    every = {operation for each in told for operation in each}
    return [name for name, of_items in OPERATIONS.items() if every & set(of_items)]


def item_accepts(world: World, item: Json, operation: str) -> bool:
    """Whether an item would take what a plan asks of all its items."""
    words = OPERATIONS.get(operation, (operation,))
    return any(item_states.accepts(item, word, world.settings) for word in words)


def accepts(world: World, plan: Json, operation: str) -> bool:
    """Whether a request would be taken: listed, or known to work though it is not listed."""
    if operation in allowed_operations(world, plan):
        return True
    if operation != "CancelFailover" or is_busy(world, plan):
        return False
    found = [item for _, item in members(world, plan)]
    free = not any(item_states.running(item) for item in found)
    return free and any(item_accepts(world, item, operation) for item in found)


def status(world: World, plan: Json) -> tuple[str, str] | None:
    """(currentScenarioStatus, its description); None before its first job."""
    job = world.table("jobs").get(plan["job"] or "")
    if job is None:
        return None
    told = jobs.state(world, job)
    if told[0] == "Succeeded" and plan["test"] == job["id"] and waits_for_cleanup(world, plan):
        return WAITS_FOR_CLEANUP
    return told
