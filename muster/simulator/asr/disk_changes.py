"""addDisks and removeDisks of a protected item (FACTS 4; [PS-DISK])."""

from __future__ import annotations

from muster.simulator.arm.errors import bad_input
from muster.simulator.arm.ids import same
from muster.simulator.asr import (
    item_jobs,
    item_states,
    item_tasks,
    items,
    jobs,
    operations,
    own_writes,
    protection_input,
    replica_disks,
)
from muster.simulator.asr.item_jobs import begun_for, demand_a2a, hold, holds, refused, release
from muster.simulator.asr.item_making import disks_of
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

_ACTION = "Correct the input and try again."


def add(call: Call) -> Answer:
    """POST …/addDisks."""
    return _change(call, "AddDisks", "disks_added")


def remove(call: Call) -> Answer:
    """POST …/removeDisks."""
    return _change(call, "RemoveDisks", "disks_removed")


def _change(call: Call, scenario: str, effect: str) -> Answer:
    world, item = call.world, items.find(call.world, call.target)
    asked = demand_a2a(call.properties())
    adding = scenario == "AddDisks"
    tasks = item_tasks.ADD_DISKS_TASKS if adding else item_tasks.REMOVE_DISKS_TASKS
    takes = world.takes("add_disks" if adding else "remove_disks", item["id"])
    job = begun_for(call, item, scenario, tasks, takes, client=call.client_request_id)
    if item_states.running(item) or item["protection_state"] != item_states.PROTECTED:
        return item_jobs.wrong_state(call, item, job)
    try:
        with item_jobs.input_of(world, job):
            job["disks"] = (_added if adding else _removed)(world, item, asked)
    except Unfit as reason:
        return refused(call, job, str(reason), action=_ACTION)
    hold(world, item, job)
    world.later(job["ends"] - world.now, effect, job=job["id"])
    return operations.accepted(call, job)


def _added(world: World, item: Json, asked: Json) -> list[Json]:
    """The disks to add. Raises: AzureError, Unfit."""
    given = asked.get("vmManagedDisks")
    if not isinstance(given, list) or not given:
        raise bad_input("vmManagedDisks has to be a list of disks.")
    vm = protection_input.resource(world, item["vm"], "virtual machine")
    found: list[Json] = []
    for one in given:
        disk = protection_input.added_disk(world, one, disks_of(vm), item["location"])
        if any(same(disk["id"], known["id"]) for known in (*item["disks"], *found)):
            raise Unfit(f"The disk '{disk['name']}' is replicated already.")
        found.append(disk | {"pending": True})
    return found


def _removed(_: World, item: Json, asked: Json) -> list[Json]:
    """The disks to remove. Raises: AzureError, Unfit."""
    given = asked.get("vmManagedDisksIds")
    if not isinstance(given, list) or not given:
        raise bad_input("vmManagedDisksIds has to be a list of ids.")
    found = []
    for disk_id in given:
        known = [disk for disk in item["disks"] if same(disk["id"], str(disk_id))]
        if not known:
            raise Unfit(f"The disk '{disk_id}' is not replicated.")
        if known[0]["os"]:
            raise Unfit("The OS disk cannot be removed from replication.")
        found += known
    return found


# -- what happens later -----------------------------------------------------------------------


def disks_added(world: World, args: Json) -> None:
    """The job is over: the new disks make their first copy, the item stays protected."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return None
    try:
        replica_disks.appear(world, item, job["disks"])
    except own_writes.Barred as reason:
        jobs.fail(job, world.now, len(job["tasks"]) - 1, reason.fault())
        return release(world, item)
    item["disks"] = [*item["disks"], *job["disks"]]
    release(world, item)
    told = {"item": item["id"].lower(), "disks": [disk["id"] for disk in job["disks"]]}
    takes = world.takes("added_copy", item["id"])
    return world.later(takes, "added_disks_copied", client=job["client"], **told)


def added_disks_copied(world: World, args: Json) -> None:
    """The job that ends their first copy begins [PS-DISK]."""
    item = items.now_at(world, args["item"])
    if item is None or item["protection_state"] != item_states.PROTECTED:
        return None  # failed over, or gone
    takes = world.takes("added_end", item["id"])
    if item_states.running(item):
        return world.later(takes, "added_disks_copied", **args)
    asking = item_jobs.Later(world, args["client"])
    tasks = item_tasks.ADDED_DISKS_TASKS
    told = {"disks": args["disks"], "client": args["client"]}
    job = begun_for(asking, item, "AddDisksIrCompletion", tasks, takes, **told)
    hold(world, item, job)
    return world.later(job["ends"] - world.now, "added_disks_ready", job=job["id"])


def added_disks_ready(world: World, args: Json) -> None:
    """The new disks are protected."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    for disk in item["disks"]:
        disk["pending"] = disk["pending"] and disk["id"] not in job["disks"]
    release(world, item)


def disks_removed(world: World, args: Json) -> None:
    """The job is over: the disks are not replicated any more."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    gone = {disk["id"] for disk in job["disks"]}
    replica_disks.vanish(world, job["disks"])
    item["disks"] = [disk for disk in item["disks"] if disk["id"] not in gone]
    release(world, item)


EFFECTS: dict[str, Effect] = {
    "disks_added": disks_added,
    "added_disks_copied": added_disks_copied,
    "added_disks_ready": added_disks_ready,
    "disks_removed": disks_removed,
}
_ADD = "Jobs and durations are recorded. How bad input is refused: inferred."
_REMOVE = "Name, tasks and duration of the job, and how bad input is refused: inferred."
ROUTES: Routes = {
    (f"{items.TYPE}/addDisks", "post"): Route(add, "recorded", _ADD),
    (f"{items.TYPE}/removeDisks", "post"): Route(remove, "specified", _REMOVE),
}
