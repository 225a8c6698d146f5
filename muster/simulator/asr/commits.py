"""Commit and cancel of an item's failover (FACTS 7). The begun_/begin_ pairs serve plans too."""

from __future__ import annotations

from muster.simulator.arm import deletion as arm_deletion
from muster.simulator.asr import (
    item_states,
    item_tasks,
    items,
    jobs,
    operations,
    own_writes,
    replica_disks,
)
from muster.simulator.asr.item_jobs import (
    Asking,
    begun_for,
    counted,
    hold,
    holds,
    planned_fault,
    release,
    wrong_state,
)
from muster.simulator.asr.recovered_vms import give_up
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

NOT_READY = "25037"  # as a commit that came too early said [PS-JOB]
CANCEL_TASK = 1  # "Cancelling failover"
VM_GOES = 0.7  # of the job that cancels a failover; guessed


def start_commit(call: Call) -> Answer:
    """POST …/failoverCommit, without a body."""
    item = items.find(call.world, call.target)
    job = begun_commit(call, item)
    if not item_states.accepts(item, "Commit", call.world.settings):
        return not_ready(call, item, job)
    begin_commit(call.world, item, job)
    return operations.accepted(call, job)


def start_cancel(call: Call) -> Answer:
    """POST …/failoverCancel, without a body."""
    item = items.find(call.world, call.target)
    job = begun_cancel(call, item)
    if not item_states.accepts(item, "CancelFailover", call.world.settings):
        return wrong_state(call, item, job)
    begin_cancel(call.world, item, job)
    return operations.accepted(call, job)


# -- shared with recovery plans ---------------------------------------------------------------


def not_ready(call: Call, item: Json, job: Json) -> Answer:
    """Refuse a commit, in the words recorded for a commit of another provider [PS-JOB]."""
    return operations.refuse(
        call,
        job,
        f"The virtual machine '{item['vm_name']}' isn't ready for committing failover.",
        causes="Check the Provider error for more information.",
        action="Resolve the issue and retry the operation.",
        code=NOT_READY,
    )


def begun_commit(asking: Asking, item: Json) -> Json:
    """The job of a commit, whatever becomes of it."""
    by_seed = ("commit", asking.world.seed, item["name"], counted(item, "commit"))
    takes = asking.world.takes("commit", by=by_seed)
    return begun_for(asking, item, "CommitFailover", item_tasks.COMMIT_TASKS, takes)


def begin_commit(world: World, item: Json, job: Json) -> None:
    """Let a commit that may start go its way."""
    item["counts"]["commit"] = counted(item, "commit")
    hold(world, item, job)
    planned_fault(world, item, "commit", job, work=(0.6, 1))
    world.later(job["ends"] - world.now, "commit_ends", job=job["id"])


def begun_cancel(asking: Asking, item: Json) -> Json:
    """The job that takes a failover back, whatever becomes of it."""
    takes = asking.world.takes("cancel_failover", item["id"])
    return begun_for(asking, item, "CancelFailover", item_tasks.CANCEL_TASKS, takes)


def begin_cancel(world: World, item: Json, job: Json) -> None:
    """Let the job that takes a failover back go its way."""
    hold(world, item, job)
    takes = job["ends"] - job["starts"]
    goes = job["starts"] + VM_GOES * takes
    world.later(goes - world.now, "recovered_goes", job=job["id"])
    world.later(job["ends"] - world.now, "cancel_ends", job=job["id"])


# -- what happens later -----------------------------------------------------------------------


def commit_ends(world: World, args: Json) -> None:
    """The failover is final: recovery points and replicas are gone."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    if not job["fails"]:
        item["protection_state"] = item_states.COMMITTED
        replica_disks.vanish(world, item["disks"])
    release(world, item)


def recovered_goes(world: World, args: Json) -> None:
    """The recovered VM is taken away with all its parts; if one is locked, all of it stays."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    try:
        take_away(world, item)
    except own_writes.Barred as reason:
        jobs.fail(job, world.now, CANCEL_TASK, reason.fault())
        release(world, item)


def take_away(world: World, item: Json) -> None:
    """Remove an item's recovered VM, its NIC and its disks. Raises: Barred, if one is locked."""
    if vm_id := item["failover"]["vm"]:
        own_writes.demand_deletable(world, (vm_id, *item["failover"]["parts"]))
        arm_deletion.detach(world, vm_id)
        for gone in (vm_id, *item["failover"]["parts"]):
            world.remove(gone)
    item["failover"] |= {"vm": None, "parts": []}


def cancel_ends(world: World, args: Json) -> None:
    """The item is replicated again, as before. A source that was stopped stays so (inferred)."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is not None and holds(item, job):
        taken_back(world, item)


def taken_back(world: World, item: Json) -> None:
    """An item whose recovered VM is gone is protected as before."""
    item["protection_state"] = item_states.PROTECTED
    give_up(world, item)


EFFECTS: dict[str, Effect] = {
    "commit_ends": commit_ends,
    "recovered_goes": recovered_goes,
    "cancel_ends": cancel_ends,
}
_COMMIT = (
    "Request, duration and the item afterwards are recorded, task names are Microsoft's; ids of "
    "tasks: inferred. A commit that comes too early fails as one of another provider did."
)
_CANCEL = "That A2A takes it, and all of the job: inferred; `failover_cancel` has three forms."
ROUTES: Routes = {
    (f"{items.TYPE}/failoverCommit", "post"): Route(start_commit, "recorded", _COMMIT),
    (f"{items.TYPE}/failoverCancel", "post"): Route(start_cancel, "inferred", _CANCEL),
}
