"""What a test failover and its cleanup do to the world while their jobs run."""

from __future__ import annotations

import copy

from muster.simulator.arm import bodies
from muster.simulator.arm import deletion as arm_deletion
from muster.simulator.arm.ids import name_of
from muster.simulator.asr import jobs as asr_jobs
from muster.simulator.asr.failover_details import protected_details
from muster.simulator.asr.placement import NoPlace, Place, place
from muster.simulator.compute import vms
from muster.simulator.durations import CLEANUP_SETTLES
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

IDLE: Json = {"phase": "none", "job": None, "since": None, "point": None, "vm": None, "parts": []}
CREATE_TASK = 1  # "Create test virtual machine"


def copy_appears(world: World, args: Json) -> None:
    """In the middle of the job: NIC, disks and VM are there, still being created."""
    job = world.table("jobs")[args["job"]]
    item = world.items[job["item"]]
    vm_id = f"{item['recovery_group']}/providers/{vms.VM}/{item['vm_name']}-test"
    try:
        where = place(world, item, job["network"], vm_id)
    except NoPlace as reason:
        # That the job fails is inferred, the code is ours: the real one is not known.
        fault = {
            "code": "990001",
            "message": str(reason),
            "causes": "The test network or what stands in it changed.",
            "action": "Clean up, mend the network and try again.",
        }
        asr_jobs.fail(job, world.now, CREATE_TASK, fault)
        item["test"] = copy.deepcopy(IDLE)
        return
    job["network"] = where.network["id"]
    job["details"] |= dict.fromkeys(("networkName", "networkFriendlyName"), where.network["name"])
    told = protected_details(item, job, name_of(vm_id), job["network"], where.subnet["name"])
    job["at_end"] = {"protectedItemDetails": [told]}
    _make(world, item, job, where, vm_id)


def _make(world: World, item: Json, job: Json, where: Place, vm_id: str) -> None:
    source = world.resource(item["vm"])
    tags = dict(source["tags"]) if source else dict(item["tags"])
    group, location = item["recovery_group"], item["recovery_location"]
    # The name of the NIC is UNCERTAIN: no recording shows one of a test failover.
    nic = bodies.nic(
        world,
        f"{group}/providers/Microsoft.Network/networkInterfaces/{item['nic']['name']}-test",
        location,
        item["nic"]["config"],
        where.subnet["id"],
        where.address,
        static=where.static,
        vm_id=vm_id,
        tags=tags,
        public_ip=item["own"]["public_ip"],
        security_group=item["own"]["security_group"],
    )
    disks = [
        bodies.disk(
            world,
            f"{group}/providers/Microsoft.Compute/disks/{disk['name']}-ASRtest",
            location,
            disk["gb"],
            item["os"] if disk["os"] else None,
            vm_id=vm_id,
            tags=tags,
        )
        for disk in item["disks"]
    ]
    vm = bodies.vm(
        world,
        vm_id,
        location,
        item["size"],
        item["os"],
        disks,
        nic["id"],
        tags,
        guid=world.guid("vm", vm_id, job["id"]),
        copied=True,
    )
    vm["properties"]["provisioningState"] = "Creating"
    for resource in (nic, *disks, vm):
        world.put(resource)
    world.machines[vm_id.lower()] = {
        "os": item["os"],
        "services": item["guest"]["services"],
        "scripts": item["guest"]["scripts"],
        "boot": item["guest"]["boot"],
        "data_as_of": job["point_time"],
        "writer": item["vm_name"],
        "power": "starting",
        "booted_at": None,
        "starts": 0,
    }
    item["test"] |= {"vm": vm_id, "parts": [nic["id"], *(disk["id"] for disk in disks)]}


def failover_test_ends(world: World, args: Json) -> None:
    """The job is over: the copy has power, and the item waits for its cleanup."""
    job = world.table("jobs")[args["job"]]
    item = world.items[job["item"]]
    if item["test"]["job"] != job["id"]:
        return  # it failed on the way
    vm = world.resource(item["test"]["vm"] or "")
    if vm is None:
        item["test"] = copy.deepcopy(IDLE)  # failed before there was anything to clean
        return
    item["test"]["phase"] = "waiting"
    vm["properties"]["provisioningState"] = "Succeeded"
    if not job["fails"]:
        vms.power_on(world, vm["id"])
        item["tested"] = world.now


def copy_vanishes(world: World, args: Json) -> None:
    """Late in the cleanup job the VM goes; its NIC and disks go with the job's end."""
    item = world.items[world.table("jobs")[args["job"]]["item"]]
    if vm_id := item["test"]["vm"]:
        arm_deletion.detach(world, vm_id)
        world.remove(vm_id)


def cleanup_ends(world: World, args: Json) -> None:
    """The cleanup job is over; a failed one leaves the item as it was, waiting."""
    job = world.table("jobs")[args["job"]]
    item = world.items[job["item"]]
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
    test = world.items[args["item"]]["test"]
    if test["phase"] == "settling" and test["job"] == args["job"]:
        test |= {"phase": "none", "job": None}


EFFECTS: dict[str, Effect] = {
    "copy_appears": copy_appears,
    "failover_test_ends": failover_test_ends,
    "copy_vanishes": copy_vanishes,
    "cleanup_ends": cleanup_ends,
    "cleanup_settled": cleanup_settled,
}
