"""Disabling replication of a VM: `remove`, and the purge that DELETE is (FACTS 4)."""

from __future__ import annotations

from muster.simulator.asr import item_states, item_tasks, items, operations
from muster.simulator.asr.item_jobs import begun_for, demand_word, hold, holds, wrong_state
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

REASONS = ("NotSpecified", "MigrationComplete")


def remove(call: Call) -> Answer:
    """POST …/remove: also how a migration is completed."""
    item = items.find(call.world, call.target)
    demand_word(call.properties(), "disableProtectionReason", REASONS)
    job = _begun(call, item)
    if not item_states.accepts(item, "DisableProtection", call.world.settings):
        return wrong_state(call, item, job)
    return _begin(call, item, job)


def purge(call: Call) -> Answer:
    """DELETE: also of an item whose failover is not committed [CLI].

    Not while a job has the item or test copies wait for their cleanup (inferred). Of one that is
    not there it is a 204, as everywhere in a vault (ARM's rule; Site Recovery's is not known).
    """
    item = items.known(call.world, call.target)
    if item is None:
        return Answer(204)
    job = _begun(call, item)
    if item_states.running(item) or item["test"]["phase"] == "waiting":
        return wrong_state(call, item, job)
    return _begin(call, item, job)


def _begun(call: Call, item: Json) -> Json:
    takes = call.world.takes("disable", by=("disable", call.world.seed, item["name"]))
    tasks = item_tasks.DISABLE_TASKS
    return begun_for(call, item, "DisableDr", tasks, takes, answers=False)


def _begin(call: Call, item: Json, job: Json) -> Answer:
    hold(call.world, item, job)
    call.world.later(job["ends"] - call.world.now, "disable_ends", job=job["id"])
    return operations.accepted(call, job)


def disable_ends(world: World, args: Json) -> None:
    """The item and its replicas are gone; source and recovered VM stay as they are."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is not None and holds(item, job):
        items.forget(world, item)


EFFECTS: dict[str, Effect] = {"disable_ends": disable_ends}
_REMOVE = "Name, tasks and duration of the job: inferred (the job's name is Microsoft's)."
_PURGE = "Request and duration are recorded, the job's name and tasks are not."
ROUTES: Routes = {
    (f"{items.TYPE}/remove", "post"): Route(remove, "specified", _REMOVE),
    (items.TYPE, "delete"): Route(purge, "recorded", _PURGE),
}
