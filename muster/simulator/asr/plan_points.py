"""Which moment each machine of a recovery plan goes back to (FACTS 5)."""

from __future__ import annotations

from muster.simulator.asr import item_details, points
from muster.simulator.json_types import Json
from muster.simulator.world import World

TYPES = ("Latest", "LatestApplicationConsistent", "LatestCrashConsistent", "LatestProcessed")
SYNC, PER_VM = "UseMultiVmSyncRecoveryPoint", "UsePerVmRecoveryPoint"
NO_SUCH_POINT = "990003"  # ours, as for an item


def choose(world: World, job: Json, one: Json, item: Json) -> Json | None:
    """Set a machine's recovery point by the plan's choice; answers the fault if there is none."""
    kind = job["run"]["point_type"]
    if kind == "Latest":
        name = world.guid("latest", job["id"], item["name"])
        one |= {"point": name, "point_time": _latest(world, job, item)}
        return None
    found = [
        point
        for point in points.points_of(world, item)
        if kind == "LatestProcessed"
        or point.app_consistent == (kind == "LatestApplicationConsistent")
    ]
    if not found:
        return {
            "code": NO_SUCH_POINT,
            "message": f"'{item['vm_name']}' has no recovery point for '{kind}'.",
            "causes": "No such point was made, or all have been pruned.",
            "action": "Choose another type of recovery point.",
        }
    one |= {"point": found[-1].name, "point_time": found[-1].time}
    return None


def _latest(world: World, job: Json, item: Json) -> float:
    """What is pending is processed first.

    Machines of one replication group go back to one moment, unless each is to have its own.
    """
    group = item["multi_vm_group"]
    together = [item]
    if group and job["run"]["sync"] != PER_VM:
        members = [world.items[one["item"]] for one in job["run"]["machines"]]
        together = [member for member in members if member["multi_vm_group"] == group]
    return min(item_details.pending_until(world, member) for member in together)
