"""What was under way when an effect failed inside the simulator ends too, and says why."""

from __future__ import annotations

from muster.simulator.arm import operations
from muster.simulator.asr import jobs
from muster.simulator.json_types import Json
from muster.simulator.world import World

FAULT: Json = {
    "code": "SimulatorMishap",
    "message": "The simulator failed inside. This is a bug of the simulator, not a word of Azure.",
    "causes": "Its control port tells at /health what went wrong.",
    "action": "Please report it.",
}
_SAME_INSTANT = 0.001  # an event planned for a job's end is due then, but for rounding


def close(world: World, args: Json) -> None:
    """End what an event was part of, by its arguments: a job, an operation, a resource's change.

    The job fails, with `undo` as after a cancel, so that its item is whole and free again; nothing
    more of what was planned for it happens.
    """
    job = world.table("jobs").get(str(args.get("job") or args.get("of")))
    if job is not None:
        _close_job(world, job)
    operation = str(args.get("operation"))
    if operation in world.table("operations"):
        error = {"code": FAULT["code"], "message": FAULT["message"]}
        operations.finish(world, operation, error)
        resource = world.resource(str(args.get("id")))
        if resource is not None and "provisioningState" in resource["properties"]:
            resource["properties"]["provisioningState"] = "Failed"
    world.changed = True


def _close_job(world: World, job: Json) -> None:
    over = job["ends"] is not None and job["ends"] < world.now - _SAME_INSTANT
    if over or job["fails"] or job["cancelled"] is not None:
        return
    for part in [each for each in world.table("jobs").values() if each["parent"] == job["id"]]:
        _close_job(world, part)
    world.forget([job["id"]])
    job |= {"waits": None, "suspends": False, "again": None}
    begun = [n for n, task in enumerate(job["tasks"]) if (task["start"] or world.now) <= world.now]
    jobs.fail(job, world.now, begun[-1] if begun else 0, FAULT)
    if job["undo"]:
        world.effects[job["undo"]](world, {"job": job["id"]})
