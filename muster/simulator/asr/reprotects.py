"""Reprotect: replicate a committed item back (FACTS 7). begun_/begin_ serve recovery plans too.

`switchprotection` of the item's container is what Microsoft's clients use for A2A [CLI][PS-RPR].
`reProtect` of the item has no managed disks in its input: users report that its job fails for that
reason, and that naming them answers 400 VMDisksMissing; `item_reprotect: works` lets it work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.simulator.arm.errors import AzureError, site_recovery_not_found
from muster.simulator.asr import (
    item_states,
    item_tasks,
    items,
    jobs,
    moves,
    operations,
    reprotect_jobs,
    vault_parts,
)
from muster.simulator.asr.item_jobs import (
    Asking,
    begun_for,
    counted,
    demand_a2a,
    hold,
    input_of,
    planned_fault,
    refused,
    wrong_state,
)
from muster.simulator.asr.protection_input import Unfit, required
from muster.simulator.asr.reprotect_input import Way, chosen_way, way_home
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

__all__ = ["EFFECTS", "ROUTES", "Way", "begin_reprotect", "begun_reprotect", "way_home"]

NO_DISKS = {
    "code": "990005",  # ours: only the words are reported
    "message": "Managed disk details not provided.",
    "causes": "The input names no managed disks.",
    "action": "Use switchprotection of the protection container.",
}
PROTECT_TASK = 4  # "Reprotecting virtual machine (1)"


def start_switch(call: Call) -> Answer:
    """POST …/{container}/switchprotection: to the container where the item lies."""
    container_id = call.target.owner
    if vault_parts.entry(call.world, container_id) is None:
        raise site_recovery_not_found(call.target.names[2])
    given = call.properties()
    asked = demand_a2a(given)
    name = required(given, "replicationProtectedItemName")
    found = call.world.items.get(f"{container_id}/replicationProtectedItems/{name}".lower())
    if found is None:
        raise site_recovery_not_found(name)
    job = begun_reprotect(call, found, resource=container_id)
    return _go(call, found, job, asked)


def start_reprotect(call: Call) -> Answer:
    """POST …/{item}/reProtect."""
    item = items.find(call.world, call.target)
    asked = demand_a2a(call.properties())
    if asked.get("vmManagedDisks") and not asked.get("vmDisks"):
        raise AzureError(400, "VMDisksMissing", "The disks of the virtual machine are missing.")
    job = begun_reprotect(call, item)
    works = call.world.settings.item_reprotect == "works"
    if not works and item_states.accepts(item, "SwitchProtection", call.world.settings):
        jobs.fail(job, job["starts"] + call.world.takes("refused_job"), PROTECT_TASK, NO_DISKS)
        return operations.accepted(call, job)
    return _go(call, item, job, None)


def _go(call: Call, item: Json, job: Json, asked: Mapping[str, Any] | None) -> Answer:
    if not item_states.accepts(item, "SwitchProtection", call.world.settings):
        return wrong_state(call, item, job)
    try:
        with input_of(call.world, job):
            way = chosen_way(call.world, item, asked) if asked else way_home(call.world, item)
    except Unfit as reason:
        return refused(call, job, str(reason), action="Correct the input and try again.")
    begin_reprotect(call.world, item, job, way)
    return operations.accepted(call, job)


# -- shared with recovery plans ---------------------------------------------------------------


def begun_reprotect(asking: Asking, item: Json, *, resource: str | None = None) -> Json:
    """The job of a reprotect, whatever becomes of it; resource: where its `Location` lies."""
    by_seed = ("switch", asking.world.seed, item["name"], counted(item, "reprotect"))
    takes = asking.world.takes("reprotect", by=by_seed)
    job = begun_for(
        asking,
        item,
        "SwitchReplicationGroupProtection",
        item_tasks.SWITCH_TASKS,
        takes,
        details=reprotect_jobs.details(asking.world, item),
        resource=resource or item["id"],
        client=asking.client_request_id,
    )
    job["tasks"][1] |= {"state": jobs.SKIPPED, "start": None, "end": None}
    return job


def begin_reprotect(world: World, item: Json, job: Json, way: Way) -> None:
    """Let a reprotect that may start go its way; see `reprotect_input` for the `way`."""
    item["counts"]["reprotect"] = counted(item, "reprotect")
    hold(world, item, job)
    job["way"] = way.kept()
    fault = planned_fault(world, item, "reprotect", job, work=(0.5, PROTECT_TASK))
    child = reprotect_jobs.begun_child(world, item, job)
    job["tasks"][PROTECT_TASK] |= reprotect_jobs.group_of(world, child)
    moves.plan(world, job, early=fault == "prerequisites")


EFFECTS = moves.EFFECTS
_SWITCH = (
    "Request, job with its tasks, the item before and after, and durations are recorded. When the "
    "old source goes, and how bad input is refused: inferred."
)
_REPROTECT = (
    "That its job fails for want of managed disks is reported by users; `item_reprotect` has "
    "both forms."
)
_CONTAINER = items.TYPE.rpartition("/")[0]
ROUTES: Routes = {
    (f"{_CONTAINER}/switchprotection", "post"): Route(start_switch, "recorded", _SWITCH),
    (f"{items.TYPE}/reProtect", "post"): Route(start_reprotect, "inferred", _REPROTECT),
}
