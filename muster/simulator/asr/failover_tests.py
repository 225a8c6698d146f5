"""Test failover and its cleanup, asked of one item (FACTS 7)."""

from __future__ import annotations

from muster.simulator import durations
from muster.simulator.arm.ids import name_of
from muster.simulator.asr import item_details, items, operations, points
from muster.simulator.asr.failover_details import affected
from muster.simulator.asr.item_jobs import (
    DIRECTIONS,
    Asking,
    begun_for,
    counted,
    demand_a2a,
    demand_word,
    planned_fault,
    refused,
    wrong_state,
    wrong_way,
)
from muster.simulator.asr.placement import network_for
from muster.simulator.asr.test_copies import EFFECTS
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

__all__ = ["EFFECTS", "ROUTES", "begun_for", "demand_a2a", "wrong_state"]

NETWORK_TYPES = ("VmNetworkAsInput", "NoNetworkAttachAsInput")  # [SDK]
_NO_NETWORK = (  # what A2A makes of NoNetworkAttachAsInput is UNCERTAIN
    "The test failover needs a network: 'networkId', or the item's own test settings.",
)
NO_SUCH_POINT = "990003"  # ours: the real code is not known


def start_failover_test(call: Call) -> Answer:
    """POST …/testFailover."""
    item = items.find(call.world, call.target)
    given = call.properties()
    asked = demand_a2a(given)
    demand_word(given, "networkType", NETWORK_TYPES)
    direction = demand_word(given, "failoverDirection", DIRECTIONS) or DIRECTIONS[0]
    job = _begun_test(call, item, given)
    if "TestFailover" not in items.allowed_operations(item, call.world.settings):
        return wrong_state(call, item, job)
    if direction != DIRECTIONS[0]:
        return wrong_way(call, item, job, direction)
    if not job["network"]:
        return refused(call, job, *_NO_NETWORK)
    if wrong_point := choose_point(call, item, job, asked.get("recoveryPointId")):
        return operations.fails_at_once(call, job, wrong_point)
    begin_test(call.world, item, job)
    return operations.accepted(call, job)


def start_cleanup(call: Call) -> Answer:
    """POST …/testFailoverCleanup."""
    item = items.find(call.world, call.target)
    job = begun_cleanup(call, item, str(call.properties().get("comments") or ""))
    if "TestFailoverCleanup" not in items.allowed_operations(item, call.world.settings):
        return wrong_state(call, item, job)
    begin_cleanup(call.world, item, job)
    return operations.accepted(call, job)


# -- shared with recovery plans ---------------------------------------------------------------


def _begun_test(call: Call, item: Json, given: Json) -> Json:
    network = network_for(item, given.get("networkId")) or None
    return begun_test(call, item, network, given.get("networkType"))


def test_takes(world: World, item: Json, count: int) -> float:
    """Azure seconds of the n-th test failover of an item."""
    return world.takes("test_failover", by=("tfo", world.seed, item["name"], count))


def cleanup_takes(world: World, item: Json, count: int) -> float:
    """Azure seconds of its n-th cleanup."""
    return world.takes("cleanup", by=("cleanup", world.seed, item["name"], count))


def begun_test(asking: Asking, item: Json, network: str | None, network_type: str | None) -> Json:
    """The job of a test failover, whatever becomes of it."""
    world, count = asking.world, counted(item, "failover_test")
    job = begun_for(
        asking,
        item,
        "TestFailover",
        durations.TEST_FAILOVER_TASKS,
        test_takes(world, item, count),
        details=copy_details(world, item, network, network_type, ""),
        network=network,
        point=None,
        point_time=None,
        again="failover_test_again",
    )
    job["suspends"] = world.settings.failover_test_job_ends == "suspended"
    return job


def begin_test(world: World, item: Json, job: Json) -> None:
    """Let a test failover that may start go its way."""
    item["counts"]["failover_test"] = counted(item, "failover_test")
    item["test"] = {
        "phase": "starting",
        "job": job["id"],
        "since": job["starts"],
        "point": points.point_id(item, job["point"]),
        "vm": None,
        "parts": [],
    }
    takes = job["ends"] - job["starts"]
    at = planned_fault(world, item, "failover_test", job, work=(durations.COPY_APPEARS, 1))
    if at in (None, "end"):
        appears = job["starts"] + durations.COPY_APPEARS * takes
        world.later(appears - world.now, "copy_appears", job=job["id"])
    world.later(job["ends"] - world.now, "failover_test_ends", job=job["id"])


def begun_cleanup(asking: Asking, item: Json, comments: str) -> Json:
    """The job of a cleanup, whatever becomes of it."""
    world, count = asking.world, counted(item, "cleanup")
    return begun_for(
        asking,
        item,
        "TestFailoverCleanup",
        durations.CLEANUP_TASKS,
        cleanup_takes(world, item, count),
        details=copy_details(world, item, None, None, comments),
        began_as=item["test"]["job"],
        began_at=item["test"]["since"],
        again="cleanup_again",
        leaves=[],  # what stays behind although the job reads Succeeded: a fault's
    )


def begin_cleanup(world: World, item: Json, job: Json) -> None:
    """Let a cleanup that may start go its way."""
    item["counts"]["cleanup"] = counted(item, "cleanup")
    item["test"] |= {"phase": "cleaning", "job": job["id"], "since": job["starts"]}
    said = world.faults.meet("cleanup", "test", vm=item["vm_name"])
    job["leaves"] = [kind for do in said for kind in do.leave]
    takes = job["ends"] - job["starts"]
    at = planned_fault(world, item, "cleanup", job, work=(0.5, 2))
    if at in (None, "end"):
        vanishes = job["starts"] + durations.COPY_VANISHES * takes
        world.later(vanishes - world.now, "copy_vanishes", job=job["id"])
    world.later(job["ends"] - world.now, "cleanup_ends", job=job["id"])


def choose_point(asking: Asking, item: Json, job: Json, asked: str | None) -> Json | None:
    """Set the job's recovery point; answers the fault if the one asked for is not there.

    asked: id of a recovery point, or None for the latest.
    """
    world = asking.world
    if asked:
        point = points.find(world, item, asked)
        if point is None:
            return {
                "code": NO_SUCH_POINT,
                "message": f"The recovery point '{name_of(asked)}' was not found.",
                "causes": "It was pruned, or belongs to another item.",
                "action": "Choose one of the item's present recovery points.",
            }
        job |= {"point": point.name, "point_time": point.time}
        return None
    until = item_details.pending_until(world, item)
    job |= {"point": world.guid("latest", job["id"]), "point_time": until}
    return None


def copy_details(
    world: World, item: Json, network: str | None, network_type: str | None, comments: str
) -> Json:
    """TestFailoverJobDetails; the protected item is told only at the end, as for failovers."""
    return {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": None,
        "comments": comments,
        "networkName": name_of(network) if network else None,
        "networkFriendlyName": name_of(network) if network else None,
        "networkType": network_type,
        "protectedItemDetails": [],
        "affectedObjectDetails": affected(world, item),
    }


_TEST = (
    "No recording of an A2A test failover of a single item was found. Request and states follow "
    "the API's examples; duration and task names Microsoft's pages. Name of the copy's NIC, task "
    "ids and shares, how a job fails that quota, policy or lock keep from making its VM, what is "
    "said in a wrong state: inferred, the last one a setting."
)
_CLEANUP = (
    "Durations (A2A, a cluster) and task names (Hyper-V) are recorded. How long an item reads "
    "MarkedForDeletion, and that a cleanup fails as a whole where a lock keeps a part: inferred."
)
ROUTES: Routes = {
    (f"{items.TYPE}/testFailover", "post"): Route(start_failover_test, "specified", _TEST),
    (f"{items.TYPE}/testFailoverCleanup", "post"): Route(start_cleanup, "specified", _CLEANUP),
}
