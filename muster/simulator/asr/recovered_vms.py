"""What a failover does to the world while its job runs: source off, recovered VM up (FACTS 7)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from muster.simulator.arm.ids import name_of
from muster.simulator.asr import (
    copies,
    item_disks,
    item_states,
    item_tasks,
    items,
    jobs,
    own_writes,
    pauses,
    sources,
)
from muster.simulator.asr.failover_details import protected_details
from muster.simulator.asr.item_jobs import holds, release
from muster.simulator.asr.nics_of_copies import of_copy
from muster.simulator.asr.placement import NoPlace, Place, place_of_recovery
from muster.simulator.compute import vms
from muster.simulator.faults import copied
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

NIC = "Microsoft.Network/networkInterfaces"
_NO_SHUTDOWN = {
    "code": "990004",  # ours: what a failed shutdown says is UNCERTAIN
    "message": "The virtual machine could not be shut down.",
    "causes": "It is gone, does not answer, or is locked.",
    "action": "The failover went on. Make sure that the source does no harm.",
}


def source_settled(world: World, args: Json) -> None:
    """The source was stopped, if that was wanted; if it could not be, the failover goes on."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    shutdown = _task(job, item_tasks.SHUTDOWN[0])
    if not job["shutdown"]:
        shutdown |= {"state": jobs.SKIPPED, "start": None, "end": None}
    elif fault := _stop(world, item):
        error = jobs.error_body(job, world.now, shutdown["taskId"], fault)
        failed = {"state": "Failed", "description": "Failed"}
        shutdown |= {"state": failed, "errors": [error]}
    if job["part"] == "whole":  # skipped in every recording, with a start and no end
        _task(job, item_tasks.SYNCHRONIZE[0]).update(state=jobs.SKIPPED, end=None)
    world.changed = True


def _stop(world: World, item: Json) -> Json | None:
    """Stop the source; answers why not."""
    fault: dict[str, Any] | None = item["faults"].get("shutdown")
    if fault and item["counts"].get("failover", 1) <= fault["times"]:
        return fault
    if said := own_writes.lock_on(world, item["vm"]):
        return _NO_SHUTDOWN | {"provider": {"code": 0, "message": said}}
    return None if sources.stop(world, item["vm"]) else dict(_NO_SHUTDOWN)


def recovered_appears(world: World, args: Json) -> None:
    """Some time before the end: NIC, disks and VM are there, still being created [CLI]."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    try:
        make(world, item, job)
    except NoPlace as reason:
        jobs.fail(job, world.now, len(job["tasks"]) - 1, reason.fault())
        give_up(world, item)


def make(world: World, item: Json, job: Json) -> None:
    """Make the recovered VM from the chosen point. Raises: NoPlace, also as Barred."""
    chosen = item["failover"]
    name = item["target"]["name"] or item["vm_name"]
    vm_id = f"{item['recovery_group']}/providers/{vms.VM}/{name}"
    bends = copied.met(world, "failover", item)
    where = copied.landing(world, place_of_recovery(world, item, vm_id), bends)
    plan = copies.Plan(
        vm_id=vm_id,
        nic_id=_nic_id(item),
        disks=[
            (disk, item_disks.recovered_id(disk)) for disk in item["disks"] if not disk["pending"]
        ],
        landing=item["landing"],
        size=item["target"]["size"] or item["size"],
        data_as_of=chosen["point_time"],
        more=tuple(of_copy(world, item, where, _more(world, vm_id))),
    )
    parts = copies.make(world, item, job, where, copied.plan(plan, bends))
    copied.guest(world, vm_id, bends)
    chosen |= {"vm": vm_id, "parts": parts}
    _placed(world, item)
    known = job | {"point": name_of(chosen["point"]), "point_time": chosen["point_time"]}
    network, subnet = where.network["id"], where.subnet["name"]
    told = protected_details(item, known, None, network, subnet)
    job["at_end"] = {"protectedItemDetails": [told]}


def _more(world: World, vm_id: str) -> Callable[[Json], tuple[str, Json, Place]]:
    """How the other NICs of a recovered VM are called, and where they stand."""
    return lambda face: (_nic_id(face), face["landing"], place_of_recovery(world, face, vm_id))


def _nic_id(item: Json) -> str:
    """The NIC keeps its name [CLI], unless another was chosen."""
    landing, group = item["landing"], item["recovery_group"]
    if landing["nic_group"]:
        group = f"{group.rpartition('/')[0]}/{landing['nic_group']}"
    return f"{group}/providers/{NIC}/{landing['nic_name'] or item['nic']['name']}"


def _placed(world: World, item: Json) -> None:
    """Its availability set, where one was chosen."""
    vm, target = world.resources[item["failover"]["vm"].lower()], item["target"]
    if target["availability_set"]:
        vm["properties"]["availabilitySet"] = {"id": target["availability_set"]}


def failover_ends(world: World, args: Json) -> None:
    """The job, or the part of one, is over."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    if job["part"] in ("whole", "start") or job["fails"]:
        failed_over(world, item, power=not job["fails"])
    elif item["busy"]["under"]:
        release(world, item)  # the plan, which holds the item, goes on with its next part


def failed_over(world: World, item: Json, *, power: bool) -> None:
    """The item's VM runs on the other side now; without one it is as before."""
    vm_id = item["failover"]["vm"]
    if vm_id is None:
        return give_up(world, item)
    item["protection_state"] = item_states.FAILED_OVER
    item["failover"]["at"] = world.now
    copies.created(world, vm_id, power=power)
    return release(world, item)


def give_up(world: World, item: Json) -> None:
    """A failover that made nothing: replication goes on; a source that was stopped stays so."""
    if stopped := item["failover"]["stopped"]:
        pauses.note(item, stopped, world.now)
    item["failover"] = copy.deepcopy(item_states.NOT_FAILED_OVER)
    release(world, item)


def stopped_for_good(world: World, item: Json) -> None:
    """A failover was cancelled: "the VM won't replicate again" [DOC, several failover pages].

    With a recovered VM the item has failed over. Without one it keeps its recovery points, and can
    fail over again or have its replication disabled; how Azure shows that is not known.
    """
    stopped = item["failover"]["stopped"]
    if item["failover"]["vm"] is None and stopped:
        pauses.note(item, stopped, None)
        item["failover"] |= {"stopped": None}
    failed_over(world, item, power=False)


def _task(job: Json, task_id: str) -> Json:
    found: list[Json] = [task for task in job["tasks"] if task["taskId"] == task_id]
    return found[0]


EFFECTS: dict[str, Effect] = {
    "source_settled": source_settled,
    "recovered_appears": recovered_appears,
    "failover_ends": failover_ends,
}
