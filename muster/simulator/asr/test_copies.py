"""What a test failover and its cleanup do to the world while their jobs run."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

from muster.simulator.arm import deletion as arm_deletion
from muster.simulator.arm.ids import name_of
from muster.simulator.asr import copies, items, own_writes
from muster.simulator.asr import jobs as asr_jobs
from muster.simulator.asr.failover_details import protected_details
from muster.simulator.asr.item_disks import DISK
from muster.simulator.asr.item_jobs import holds
from muster.simulator.asr.item_states import IDLE
from muster.simulator.asr.nics_of_copies import MoreNic, of_copy
from muster.simulator.asr.placement import NoPlace, Place, place_of_test
from muster.simulator.compute import vms
from muster.simulator.faults import copied
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

CREATE_TASK = 1  # "Create test virtual machine"
CLEANUP_TASK = 2  # "Clean up the test virtual machine"


def copy_appears(world: World, args: Json) -> None:
    """In the middle of the job: NIC, disks and VM are there, still being created."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return  # cancelled meanwhile
    name = item["target"]["test_name"] or f"{item['vm_name']}-test"
    vm_id = f"{item['recovery_group']}/providers/{vms.VM}/{name}"
    try:
        bends = copied.met(world, "test", item)
        where = copied.landing(world, place_of_test(world, item, job["network"], vm_id), bends)
        more = tuple(of_copy(world, item, where, _more(world, job, vm_id)))
        made = copied.plan(_plan(item, job, vm_id, more), bends)
        parts = copies.make(world, item, job, where, made)
    except NoPlace as reason:
        asr_jobs.fail(job, world.now, CREATE_TASK, reason.fault())
        item["test"] = copy.deepcopy(IDLE)
        return
    job["network"] = where.network["id"]
    job["details"] |= dict.fromkeys(("networkName", "networkFriendlyName"), where.network["name"])
    told = protected_details(item, job, name_of(vm_id), job["network"], where.subnet["name"])
    job["at_end"] = {"protectedItemDetails": [told]}
    copied.guest(world, vm_id, bends)
    item["test"] |= {"vm": vm_id, "parts": parts}


def _more(world: World, job: Json, vm_id: str) -> Callable[[Json], tuple[str, Json, Place]]:
    """How the other NICs of a test copy are called, and where they stand."""
    return lambda face: (
        _nic_id(face), face["own"], place_of_test(world, face, job["network"], vm_id)
    )  # fmt: skip


def _nic_id(face: Json) -> str:
    """The name of the NIC is UNCERTAIN: no recording shows one of a test failover."""
    nic = face["own"]["nic_name"] or f"{face['nic']['name']}-test"
    return f"{face['recovery_group']}/providers/Microsoft.Network/networkInterfaces/{nic}"


def _plan(item: Json, job: Json, vm_id: str, more: Sequence[MoreNic]) -> copies.Plan:
    return copies.Plan(
        vm_id=vm_id,
        nic_id=_nic_id(item),
        disks=[(disk, _test_disk(item, disk)) for disk in item["disks"] if not disk["pending"]],
        landing=item["own"],
        size=item["target"]["size"] or item["size"],
        data_as_of=job["point_time"],
        more=more,
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
    """Late in the cleanup job the VM goes; its NIC and disks go with the job's end.

    If one of them is locked, the cleanup fails and has deleted nothing (inferred).
    """
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job) or not (vm_id := item["test"]["vm"]):
        return
    try:
        own_writes.demand_deletable(world, (vm_id, *item["test"]["parts"]))
    except own_writes.Barred as reason:
        asr_jobs.fail(job, world.now, CLEANUP_TASK, reason.fault())
        _wait_again(item, job)
        return
    if "vm" not in job["leaves"]:
        arm_deletion.detach(world, vm_id)
        world.remove(vm_id)


def _kind(part: str) -> str:
    return "disks" if "/disks/" in part.lower() else "nic"


def cleanup_ends(world: World, args: Json) -> None:
    """The cleanup job is over; a failed one leaves the item as it was, waiting."""
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    if item is None or not holds(item, job):
        return
    if job["fails"]:
        _wait_again(item, job)
        return
    for part in item["test"]["parts"]:
        if _kind(part) not in job["leaves"]:
            world.remove(part)
    item["test"] = copy.deepcopy(IDLE) | {"phase": "settling", "job": job["id"]}
    asr_jobs.cleaned_up(world, world.table("jobs")[job["began_as"]])
    world.later(
        world.takes("cleanup_settles", job["id"]),
        "cleanup_settled",
        item=job["item"],
        job=job["id"],
    )


def _wait_again(item: Json, job: Json) -> None:
    """A cleanup has failed: the copy waits for another one."""
    item["test"] |= {"phase": "waiting", "job": job["began_as"], "since": job["began_at"]}


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
