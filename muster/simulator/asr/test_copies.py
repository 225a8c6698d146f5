"""What a test failover and its cleanup do to the world while their jobs run."""

from __future__ import annotations

import copy

from muster.simulator.arm import deletion as arm_deletion
from muster.simulator.arm.ids import name_of
from muster.simulator.asr import copies, items
from muster.simulator.asr import jobs as asr_jobs
from muster.simulator.asr.failover_details import protected_details
from muster.simulator.asr.item_disks import DISK
from muster.simulator.asr.item_jobs import holds
from muster.simulator.asr.item_states import IDLE
from muster.simulator.asr.placement import NoPlace, place_of_test
from muster.simulator.compute import vms
from muster.simulator.durations import CLEANUP_SETTLES
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

CREATE_TASK = 1  # "Create test virtual machine"


def copy_appears(world: World, args: Json) -> None:
    """In the middle of the job: NIC, disks and VM are there, still being created."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return  # cancelled meanwhile
    name = item["target"]["test_name"] or f"{item['vm_name']}-test"
    vm_id = f"{item['recovery_group']}/providers/{vms.VM}/{name}"
    try:
        where = place_of_test(world, item, job["network"], vm_id)
        parts = copies.make(world, item, job, where, _plan(item, job, vm_id))
    except NoPlace as reason:
        asr_jobs.fail(job, world.now, CREATE_TASK, reason.fault())
        item["test"] = copy.deepcopy(IDLE)
        return
    job["network"] = where.network["id"]
    job["details"] |= dict.fromkeys(("networkName", "networkFriendlyName"), where.network["name"])
    told = protected_details(item, job, name_of(vm_id), job["network"], where.subnet["name"])
    job["at_end"] = {"protectedItemDetails": [told]}
    item["test"] |= {"vm": vm_id, "parts": parts}


def _plan(item: Json, job: Json, vm_id: str) -> copies.Plan:
    own = item["own"]
    # The name of the NIC is UNCERTAIN: no recording shows one of a test failover.
    nic = own["nic_name"] or f"{item['nic']['name']}-test"
    return copies.Plan(
        vm_id=vm_id,
        nic_id=f"{item['recovery_group']}/providers/Microsoft.Network/networkInterfaces/{nic}",
        disks=[(disk, _test_disk(item, disk)) for disk in item["disks"] if not disk["pending"]],
        landing=own,
        size=item["target"]["size"] or item["size"],
        data_as_of=job["point_time"],
    )


def _test_disk(item: Json, disk: Json) -> str:
    name = disk["test_name"] or f"{disk['name']}-ASRtest"
    return f"{item['recovery_group']}/providers/{DISK}/{name}"


def failover_test_ends(world: World, args: Json) -> None:
    """The job is over: the copy has power, and the item waits for its cleanup."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return  # it failed on the way, or was cancelled
    vm_id = item["test"]["vm"]
    if vm_id is None:
        item["test"] = copy.deepcopy(IDLE)  # failed before there was anything to clean
        return
    item["test"]["phase"] = "waiting"
    copies.created(world, vm_id, power=not job["fails"])
    if not job["fails"]:
        item["tested"] = world.now


def copy_vanishes(world: World, args: Json) -> None:
    """Late in the cleanup job the VM goes; its NIC and disks go with the job's end."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is not None and holds(item, job) and (vm_id := item["test"]["vm"]):
        arm_deletion.detach(world, vm_id)
        world.remove(vm_id)


def cleanup_ends(world: World, args: Json) -> None:
    """The cleanup job is over; a failed one leaves the item as it was, waiting."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    test = item["test"]
    if job["fails"]:
        test |= {"phase": "waiting", "job": job["began_as"], "since": job["began_at"]}
        return
    for part in test["parts"]:
        world.remove(part)
    item["test"] = copy.deepcopy(IDLE) | {"phase": "settling", "job": job["id"]}
    asr_jobs.cleaned_up(world, world.table("jobs")[job["began_as"]])
    world.later(CLEANUP_SETTLES, "cleanup_settled", item=job["item"], job=job["id"])


def cleanup_settled(world: World, args: Json) -> None:
    """TestFailoverState goes from MarkedForDeletion back to None."""
    item = items.now_at(world, args["item"])
    test = item["test"] if item else IDLE
    if test["phase"] == "settling" and test["job"] == args["job"]:
        test |= {"phase": "none", "job": None}


EFFECTS: dict[str, Effect] = {
    "copy_appears": copy_appears,
    "failover_test_ends": failover_test_ends,
    "copy_vanishes": copy_vanishes,
    "cleanup_ends": cleanup_ends,
    "cleanup_settled": cleanup_settled,
}
