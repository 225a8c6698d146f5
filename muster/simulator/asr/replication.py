"""The first copy of an item's disks, from the job before it to the job that ends it (FACTS 4).

No ARM operation covers it: the job that enabled the protection has ended long before. At its end a
job of its own runs for some seconds; none is listed before [PS-NEW].
"""

from __future__ import annotations

from muster.simulator.asr import item_jobs, item_states, item_tasks, items
from muster.simulator.durations import IR_COMPLETION
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

COPIED = 0.85  # of the time; then the item waits for its first recovery point; guessed
LATER = 30.0  # a copy that is done while another job has the item waits so long; guessed


def begin(world: World, item: Json, seconds: float, client_request_id: str) -> None:
    """Let the first copy begin now; the item is protected after so many Azure seconds."""
    until = world.now + seconds
    item["protection_state"] = item_states.REPLICATING
    item["replicating"] = {"since": world.now, "until": until}
    told = {"item": item["id"].lower(), "until": until}
    world.later(COPIED * seconds, "first_copy_made", **told)
    ends = seconds - IR_COMPLETION
    world.later(ends, "first_copy_ends", client=client_request_id, **told)
    world.changed = True


def first_copy_made(world: World, args: Json) -> None:
    """All data is there; a recovery point is not yet [CLI]."""
    if item := _copied(world, args):
        item["protection_state"] = item_states.COMPLETING
        world.changed = True


def first_copy_ends(world: World, args: Json) -> None:
    """The job that finalizes protection begins, under the request that enabled it [PS-NEW]."""
    item = _copied(world, args)
    if item is None:
        return None
    if item_states.running(item):
        return world.later(LATER, "first_copy_ends", **args)
    asking = item_jobs.Later(world, args["client"])
    tasks = item_tasks.IR_COMPLETION_TASKS
    job = item_jobs.begun_for(
        asking, item, "SecondaryIrCompletion", tasks, IR_COMPLETION, client=args["client"]
    )
    item_jobs.hold(world, item, job)
    return world.later(job["ends"] - world.now, "first_copy_done", job=job["id"])


def first_copy_done(world: World, args: Json) -> None:
    """The item is protected."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not item_jobs.holds(item, job):
        return
    item |= {
        "protection_state": item_states.PROTECTED,
        "protected_since": world.now,
        "replicating": None,
    }
    item_jobs.release(world, item)


def _copied(world: World, args: Json) -> Json | None:
    """The item, if it still makes that copy."""
    item = items.now_at(world, args["item"])
    span = item["replicating"] if item else None
    return item if span and span["until"] == args["until"] else None


EFFECTS: dict[str, Effect] = {
    "first_copy_made": first_copy_made,
    "first_copy_ends": first_copy_ends,
    "first_copy_done": first_copy_done,
}
