"""Small acts on an item: repairReplication, resolveHealthErrors, updateMobilityService."""

from __future__ import annotations

from muster.simulator.arm.errors import bad_input
from muster.simulator.asr import item_health, item_states, items, operations
from muster.simulator.asr.item_jobs import begun_for, hold, holds, refused, release, wrong_state
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.durations import Share
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def repair(call: Call) -> Answer:
    """POST …/repairReplication, without a body: of an item whose replication is critical."""
    item = items.find(call.world, call.target)
    job = _begun(call, item, "RepairReplication", "Resynchronizing")
    if not item_states.accepts(item, "RepairReplication", call.world.settings):
        return wrong_state(call, item, job)
    hold(call.world, item, job)
    call.world.later(job["ends"] - call.world.now, "replication_repaired", job=job["id"])
    return operations.accepted(call, job)


def resolve(call: Call) -> Answer:
    """POST …/resolveHealthErrors: A2A's errors are not for the customer to resolve [CLI]."""
    item = items.find(call.world, call.target)
    given = call.properties().get("healthErrors")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise bad_input("healthErrors has to be a list.")
    job = _begun(call, item, "ResolveHealthErrors", "Resolving health errors")
    known = {error["errorId"] for error in item_health.errors(call.world, item)}
    for one in given:
        if one.get("healthErrorId") not in known:
            return refused(call, job, f"There is no health error '{one.get('healthErrorId')}'.")
    return refused(call, job, "The health errors cannot be resolved by the customer.")


def refuse_mobility(call: Call) -> Answer:
    """POST …/updateMobilityService: not an operation of A2A, which updates through mappings."""
    item = items.find(call.world, call.target)
    job = _begun(call, item, "UpdateMobilityService", "Updating the mobility service")
    return refused(call, job, "The operation is not supported for provider 'A2A'.")


def _begun(call: Call, item: Json, scenario: str, friendly: str) -> Json:
    task = Share(f"{scenario}Task", f"{scenario}Task", friendly, 1.0)
    return begun_for(call, item, scenario, (task,), call.world.takes("repair", item["id"]))


def replication_repaired(world: World, args: Json) -> None:
    """The item replicates again."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is not None and holds(item, job):
        item["replication_health"] = "Normal"
        release(world, item)


EFFECTS: dict[str, Effect] = {"replication_repaired": replication_repaired}
_REPAIR = "When it is allowed, and all of its job: inferred."
_REFUSED = "Refused for A2A; in which words: inferred."
ROUTES: Routes = {
    (f"{items.TYPE}/repairReplication", "post"): Route(repair, "inferred", _REPAIR),
    (f"{items.TYPE}/resolveHealthErrors", "post"): Route(resolve, "inferred", _REFUSED),
    (f"{items.TYPE}/updateMobilityService", "post"): Route(refuse_mobility, "inferred", _REFUSED),
}
