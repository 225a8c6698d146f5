"""Enabling replication of a VM: PUT of a protected item (FACTS 4)."""

from __future__ import annotations

from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.asr import (
    item_tasks,
    items,
    jobs,
    operations,
    own_writes,
    protection_draft,
    replica_disks,
    replication,
    vault_parts,
)
from muster.simulator.asr.item_jobs import (
    begun_for,
    demand_a2a,
    hold,
    holds,
    planned_fault,
    refused,
    release,
)
from muster.simulator.asr.protection_input import Unfit, required
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

PREPARING = 1  # number of the task that prepares the target
REPLICAS_APPEAR = 0.8  # of the job; guessed
_ACTION = "Correct the input and try again."


def enable(call: Call) -> Answer:
    """PUT …/replicationProtectedItems/{item}."""
    world, container_id = call.world, call.target.owner
    container = vault_parts.entry(world, container_id)
    if container is None:
        raise site_recovery_not_found(call.target.names[2])
    given = call.properties()
    asked = demand_a2a(given)
    for part, key in (
        (asked, "fabricObjectId"),
        (asked, "recoveryContainerId"),
        (given, "policyId"),
    ):
        required(part, key)
    try:
        item = protection_draft.drafted(call, container, given)
    except Unfit as reason:
        return refused(call, _hopeless(call, asked), str(reason), action=_ACTION)
    return begin(call, item)


def _hopeless(call: Call, asked: Json) -> Json:
    """The job of a request that is refused: there is no item that it could be about."""
    name = str(asked["fabricObjectId"]).rpartition("/")[2]
    entity = call.world.guid("entity", call.target.name, call.world.now)
    return jobs.begin(
        call.world,
        items.vault_of(call.world, call.target),
        "EnableDr",
        jobs.Subject("ProtectionEntity", entity, name),
        resource=call.target.path,
        takes=call.world.spans["enable"].low,
        client_request_id=call.client_request_id,
        tasks=item_tasks.ENABLE_TASKS,
    )


def begin(call: Call, item: Json) -> Answer:
    """Let a request that may be followed go its way."""
    world = call.world
    takes = world.takes("enable", by=("enable", world.seed, item["name"]))
    job = begun_for(call, item, "EnableDr", item_tasks.ENABLE_TASKS, takes)
    job["client"] = call.client_request_id
    world.items[item["id"].lower()] = item
    hold(world, item, job)
    machine = world.machines.get(item["vm"].lower(), {})
    machine["enabled"] = machine.get("enabled", 0) + 1
    if planned_fault(world, item, "enable", job, work=(0.5, 1), count=machine["enabled"]) is None:
        appear = job["starts"] + REPLICAS_APPEAR * takes
        world.later(appear - world.now, "replicas_appear", job=job["id"])
    world.later(job["ends"] - world.now, "enable_ends", job=job["id"])
    return operations.accepted(call, job)


def replicas_appear(world: World, args: Json) -> None:
    """The disks that are replicated to lie in the recovery group; if they may not, it fails."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    try:
        replica_disks.appear(world, item, item["disks"])
    except own_writes.Barred as reason:
        jobs.fail(job, world.now, PREPARING, reason.fault())
        items.forget(world, item)


def enable_ends(world: World, args: Json) -> None:
    """The job is over: the first copy begins. After a failed one nothing is left (inferred)."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return None
    if job["fails"]:
        return items.forget(world, item)
    release(world, item)
    whole = world.takes("first_copy", by=("copy", world.seed, item["name"]))
    return replication.begin(world, item, whole - (world.now - job["accepted"]), job["client"])


EFFECTS: dict[str, Effect] = {
    "replicas_appear": replicas_appear,
    "enable_ends": enable_ends,
    **replication.EFFECTS,
}
_NOTE = (
    "Request, job and states are recorded. Tasks of the job, what an item shows while it runs "
    "(`item_while_enabling`), and how bad input is refused: inferred."
)
ROUTES: Routes = {(items.TYPE, "put"): Route(enable, "recorded", _NOTE)}
