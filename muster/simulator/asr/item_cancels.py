"""What becomes of an item when the job that works on it is cancelled (inferred, none is recorded).

The job's own plans are dropped by whoever cancels it; this leaves an item that is whole.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from muster.simulator.asr import (
    commits,
    copies,
    item_states,
    items,
    recovered_vms,
    replication,
)
from muster.simulator.asr.item_jobs import release
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def cancelled(world: World, args: Json) -> None:
    """A job about an item was cancelled."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    running = item_states.running(item) if item else None
    if item is None or running is None or running["job"] != job["id"]:
        return
    clear_up = _CLEAR_UP.get(job["scenario"])
    if clear_up is None:
        release(world, item)
    else:
        clear_up(world, item, job)
    world.changed = True


def _test(world: World, item: Json, _: Json) -> None:
    """A copy that is there waits for its cleanup, without power."""
    if item["test"]["vm"] is None:
        item["test"] = copy.deepcopy(item_states.IDLE)
        return
    item["test"]["phase"] = "waiting"
    copies.created(world, item["test"]["vm"], power=False)


def _cleanup(_: World, item: Json, job: Json) -> None:
    """What is left of the copy waits for another cleanup."""
    item["test"] |= {"phase": "waiting", "job": job["began_as"], "since": job["began_at"]}


def _failover(world: World, item: Json, _: Json) -> None:
    """A recovered VM that is there stays, without power; else nothing replicates any more."""
    recovered_vms.stopped_for_good(world, item)


def _cancel(world: World, item: Json, _: Json) -> None:
    """A failover that was being taken back stays, unless its VM is gone already."""
    if item["failover"]["vm"] is None:
        commits.taken_back(world, item)
    else:
        release(world, item)


def _change(world: World, item: Json, _: Json) -> None:
    """The VM that is there now gets power."""
    if vm_id := item["failover"]["vm"]:
        copies.created(world, vm_id, power=True)
    release(world, item)


def _enable(world: World, item: Json, _: Json) -> None:
    """Nothing is left."""
    items.forget(world, item)


def _switch(world: World, item: Json, job: Json) -> None:
    """The item stays where it is; the job that this one holds is cancelled with it."""
    for inner in world.table("jobs").values():
        if inner.get("within") == job["id"] and inner["cancelled"] is None:
            inner |= {"cancelled": world.now, "ends": None}
    release(world, item)


def _first_copy(world: World, item: Json, job: Json) -> None:
    """The first copy is finalized a little later, by another job."""
    release(world, item)
    told = {"item": job["item"], "until": item["replicating"]["until"], "client": job["client"]}
    world.later(replication.LATER, "first_copy_ends", **told)


def _added_disks(world: World, item: Json, job: Json) -> None:
    """So is the first copy of disks that were added."""
    release(world, item)
    told = {key: job[key] for key in ("item", "disks", "client")}
    world.later(replication.LATER, "added_disks_copied", **told)


_CLEAR_UP: dict[str, Callable[[World, Json, Json], None]] = {
    "TestFailover": _test,
    "TestFailoverCleanup": _cleanup,
    "UnplannedFailover": _failover,
    "CancelFailover": _cancel,
    "ChangePit": _change,
    "EnableDr": _enable,
    "SwitchReplicationGroupProtection": _switch,
    "SecondaryIrCompletion": _first_copy,
    "AddDisksIrCompletion": _added_disks,
}
EFFECTS: dict[str, Effect] = {"item_job_cancelled": cancelled}
