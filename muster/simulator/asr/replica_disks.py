"""The disks that an item is replicated to: they lie in the recovery group until a commit."""

from __future__ import annotations

from muster.simulator.arm import bodies, locks
from muster.simulator.asr import item_disks, own_writes
from muster.simulator.json_types import Json
from muster.simulator.world import World


def appear(world: World, item: Json, disks: list[Json]) -> None:
    """Make the replicas of some of an item's disks. Raises: Barred, and makes none."""
    made = []
    for disk in disks:
        os = item["os"] if disk["os"] else None
        arm_id = item_disks.replica_id(disk)
        body = bodies.disk(world, arm_id, item["recovery_location"], disk["gb"], os)
        body["properties"]["diskState"] = "ActiveUpload"  # UNCERTAIN for replica disks
        if zone := item["target"]["zone"]:
            bodies.stand_in_zone(zone, body)
        made.append(body)
    own_writes.demand_disks_allowed(world, made)
    for body in made:
        world.put(body)


def vanish(world: World, disks: list[Json]) -> None:
    """Take the replicas of some disks away; what a lock keeps is left behind (inferred)."""
    for disk in disks:
        arm_id = item_disks.replica_id(disk)
        if not locks.locked_scopes(world, arm_id, "delete"):
            world.remove(arm_id)
