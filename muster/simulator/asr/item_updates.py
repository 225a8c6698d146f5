"""PATCH of an item: name, size, networks, NIC settings, disks, placement (FACTS 4; [PS-NIC])."""

from __future__ import annotations

from muster.simulator.asr import item_states, item_tasks, items, operations
from muster.simulator.asr.item_faces import others
from muster.simulator.asr.item_jobs import (
    begun_for,
    hold,
    holds,
    input_of,
    refused,
    release,
    wrong_state,
)
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.asr.update_input import changes
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def update(call: Call) -> Answer:
    """PATCH …/replicationProtectedItems/{item}: of a protected one that no job has (inferred)."""
    world, item = call.world, items.find(call.world, call.target)
    given = call.properties()
    takes = world.takes("update_item", item["id"])
    # No `undo`: the recorded job allowed no cancel while it ran.
    tasks = item_tasks.UPDATE_TASKS
    job = begun_for(call, item, "UpdateVmProperties", tasks, takes, undo=None)
    if item_states.running(item) or item["protection_state"] != item_states.PROTECTED:
        return wrong_state(call, item, job)
    try:
        with input_of(world, job):
            job["changes"] = changes(world, item, given)
    except Unfit as reason:
        return refused(call, job, str(reason), action="Correct the input and try again.")
    hold(world, item, job)
    world.later(job["ends"] - world.now, "item_updated", job=job["id"])
    return operations.accepted(call, job)


def item_updated(world: World, args: Json) -> None:
    """What was asked for holds from now on."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    asked = job["changes"]
    for part in ("target", "landing", "own"):
        item[part] |= asked[part]
    for other in others(item):
        of_nic = asked["nics"].get(other["nic"]["id"].lower(), {})
        other |= {part: other[part] | chosen for part, chosen in of_nic.items()}
    item["disks"] = [disk | asked["disks"].get(disk["id"].lower(), {}) for disk in item["disks"]]
    item |= asked["item"]
    release(world, item)


EFFECTS: dict[str, Effect] = {"item_updated": item_updated}
_NOTE = (
    "Request and job are recorded. Which states allow it, which input is bad, and how it is "
    "refused: inferred. Kept and told, without further effect: scale sets, proximity and capacity "
    "groups, load balancers' pools, accelerated networking, NICs to be reused, the licence."
)
ROUTES: Routes = {(items.TYPE, "patch"): Route(update, "recorded", _NOTE)}
