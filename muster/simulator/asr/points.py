"""Recovery points: worked out from the clock and the seed, so they need no state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muster.simulator import dates
from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import item_states, pauses
from muster.simulator.asr.items import TYPE as ITEM_TYPE
from muster.simulator.call import Answer, Call, listed
from muster.simulator.compute import outages
from muster.simulator.durations import HOUR, spread
from muster.simulator.json_types import Json
from muster.simulator.world import World

CRASH_EVERY = 300.0  # 5 min, fixed [DOC:azure-to-azure-common-questions]
CLOSE_FOR = 2 * HOUR  # then one an hour
JITTER = 40.0  # recorded points lie 4:40 to 5:12 apart [PS-CL]
PROCESSED_AFTER = 30.0  # until a point can be used; guessed
FIRST_POINT = 35.0  # an item is protected so long after its first point; guessed


@dataclass(frozen=True, slots=True)
class Point:
    """One moment that can be restored."""

    name: str
    time: float  # Azure seconds
    app_consistent: bool = False


def points_of(world: World, item: Json) -> list[Point]:
    """The points that exist now, oldest first."""
    if item["protection_state"] not in (item_states.PROTECTED, item_states.FAILED_OVER):
        return []  # none before the first copy is made, none after a commit [DOC]
    whose = item["multi_vm_group"] or item["name"]
    now = _until(world, item)
    without = pauses.of(world, item)
    phase = (CRASH_EVERY - JITTER) * spread(world.seed, "phase", whose)
    hourly = round(HOUR / CRASH_EVERY)
    app_each = round(item["app_every"] / CRASH_EVERY)
    began = item["protected_since"]  # with its first point
    found = [Point(world.guid("point", whose, "first", began), began - FIRST_POINT)]
    if now - began > CLOSE_FOR:
        found.clear()
    first = int((now - item["keep"]) // CRASH_EVERY) - 1
    for k in range(first, int(now // CRASH_EVERY) + 1):
        time = k * CRASH_EVERY + phase + JITTER * spread(world.seed, "jitter", whose, k)
        age = now - time
        if age < PROCESSED_AFTER or time < began or _in_any(without, time):
            continue
        if age > CLOSE_FOR and k % hourly:
            continue
        app = app_each > 0 and k % app_each == 0
        # Members of a group share their points: inferred from a cluster's, which do [PS-CL].
        found.append(Point(world.guid("point", whose, k), time, app))
    for do in world.faults.meet("replication", "*", vm=item["vm_name"]):
        if do.replication.newest_point is not None:
            found = [p for p in found if now - p.time >= do.replication.newest_point]
    kept = [point for point in found if now - point.time <= item["keep"]]
    return kept or found[-1:]  # 0 days of history: the latest only [DOC]


def _until(world: World, item: Json) -> float:
    """The moment the points are counted back from: now, or when the last of them was made.

    No new ones come after a failover, or while nothing is replicated; the old ones are then kept
    past their time [DOC:azure-to-azure-common-questions].
    """
    paused = pauses.since(world, item)
    stopped = item["failover"]["stopped"] or world.now
    # A point made just before is processed in its time all the same.
    return stopped if paused is None else min(stopped, paused + PROCESSED_AFTER)


def _in_any(spans: Iterable[outages.Span], time: float) -> bool:
    return any(since < time and (until is None or time < until) for since, until in spans)


def find(world: World, item: Json, point_id: str) -> Point | None:
    """The point of an id; whatever container the id names."""
    name = name_of(point_id)
    return next((point for point in points_of(world, item) if same(point.name, name)), None)


def list_points(call: Call, item: Json) -> Answer:
    """GET …/recoveryPoints: one page, oldest first."""
    return listed([_body(item, point) for point in points_of(call.world, item)])


def get_point(call: Call, item: Json) -> Answer:
    """GET …/recoveryPoints/{name}."""
    point = find(call.world, item, call.target.name)
    if point is None:
        raise site_recovery_not_found(call.target.name)
    return Answer(200, _body(item, point))


def point_id(item: Json, name: str) -> str:
    """A point's id; its container segment is the internal GUID, not the name [PS-CL]."""
    head, _, _ = item["id"].rpartition("/replicationProtectionContainers/")
    return (
        f"{head}/replicationProtectionContainers/{item['container_guid']}"
        f"/replicationProtectedItems/{item['name']}/recoveryPoints/{name}"
    )


def _body(item: Json, point: Point) -> Json:
    sync = "MultiVmSyncRecoveryPoint" if item["multi_vm_group"] else "PerVmRecoveryPoint"
    return {
        "id": point_id(item, point.name),
        "name": point.name,
        "type": f"{ITEM_TYPE}/recoveryPoints",
        "properties": {
            "recoveryPointTime": dates.ticks(point.time),
            # The spelling of the second is UNCERTAIN in lists of A2A.
            "recoveryPointType": "AppConsistent" if point.app_consistent else "CrashConsistent",
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointSyncType": sync,
                "disks": [disk["id"].lower() for disk in item["disks"]],
            },
        },
    }
