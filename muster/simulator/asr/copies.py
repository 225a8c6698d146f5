"""How a failover, or its test, makes a machine from a recovery point: NIC, disks, VM, guest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muster.simulator.arm import bodies
from muster.simulator.asr import own_writes
from muster.simulator.asr.placement import NoPlace, Place
from muster.simulator.compute import vms
from muster.simulator.json_types import Json
from muster.simulator.world import World


@dataclass(frozen=True, slots=True)
class Plan:
    """What a machine shall be called, and where it shall lie."""

    vm_id: str
    nic_id: str
    disks: Sequence[tuple[Json, str]]  # (disk of the item, id of its copy); the OS disk first
    landing: Mapping[str, object]  # item_nics.LANDING: public_ip, security_group …
    size: str
    data_as_of: float


def tags_of(world: World, item: Json) -> dict[str, str]:
    """The tags of the source VM, which its copies bear too."""
    source = world.resource(item["vm"])
    return dict(source["tags"]) if source else dict(item["tags"])


def make(world: World, item: Json, job: Json, where: Place, plan: Plan) -> list[str]:
    """Put NIC, disks, VM (being created, without power) and guest; answers the VM's parts.

    A NIC that was there before is none of them: it stays when the VM goes.

    Raises: NoPlace, before anything is put, if something of somebody else bears their name;
    Barred, a NoPlace, where a quota, a policy or a lock forbids it.
    """
    _demand_free(world, item, plan)
    tags, lent = tags_of(world, item), world.resource(plan.nic_id) is not None
    nic = _nic(world, item, where, plan, tags)
    disks = _disks(world, item, plan, tags)
    vm = bodies.vm(
        world,
        plan.vm_id,
        item["recovery_location"],
        plan.size,
        item["os"],
        disks,
        nic["id"],
        tags,
        guid=world.guid("vm", plan.vm_id, job["id"]),
        copied=True,
    )
    vm["properties"]["provisioningState"] = "Creating"
    if zone := item["target"]["zone"]:  # chosen for recovered VMs; of test copies: inferred
        bodies.stand_in_zone(zone, *disks, vm)
    own_writes.demand_allowed(world, nic, disks, vm)
    for resource in (nic, *disks, vm):
        world.put(resource)
    world.machines[plan.vm_id.lower()] = _guest(item, plan)
    return [*([] if lent else [nic["id"]]), *(disk["id"] for disk in disks)]


def _demand_free(world: World, item: Json, plan: Plan) -> None:
    """What is there stays: but a NIC that shall be reused, and the disks a way back starts from.

    That Site Recovery refuses, as it does for the VM's own name: inferred.
    """
    if nic := world.resource(plan.nic_id):
        reused = plan.landing["reuse_nic"] and "virtualMachine" not in nic["properties"]
        if not reused:
            raise NoPlace(f"A network interface '{nic['name']}' is there already.")
    own = {str(disk["original"]).lower() for disk in item["disks"]}
    for _, arm_id in plan.disks:
        disk = world.resource(arm_id)
        if disk and (disk.get("managedBy") or arm_id.lower() not in own):
            raise NoPlace(f"A disk '{disk['name']}' is there already.")


def created(world: World, vm_id: str, *, power: bool) -> None:
    """The machine is ready; with power it boots, without it is stopped."""
    vm = world.resource(vm_id)
    if vm is None:
        return
    machine = world.machines[vm["id"].lower()]
    vm["properties"]["provisioningState"] = machine.get("provisioning", "Succeeded")
    world.changed = True
    if power:
        vms.power_on(world, vm["id"])
    elif machine["power"] == "starting":
        machine["power"] = "stopped"


def _nic(world: World, item: Json, where: Place, plan: Plan, tags: dict[str, str]) -> Json:
    public_ip, group = plan.landing["public_ip"], plan.landing["security_group"]
    return bodies.nic(
        world,
        plan.nic_id,
        item["recovery_location"],
        item["nic"]["config"],
        where.subnet["id"],
        where.address,
        static=where.static,
        vm_id=plan.vm_id,
        tags=tags,
        public_ip=str(public_ip) if public_ip else None,
        security_group=str(group) if group else None,
    )


def _disks(world: World, item: Json, plan: Plan, tags: dict[str, str]) -> list[Json]:
    return [
        bodies.disk(
            world,
            arm_id,
            item["recovery_location"],
            disk["gb"],
            item["os"] if disk["os"] else None,
            vm_id=plan.vm_id,
            tags=tags,
        )
        for disk, arm_id in plan.disks
    ]


def _guest(item: Json, plan: Plan) -> Json:
    return {
        "os": item["os"],
        "services": item["guest"]["services"],
        "scripts": item["guest"]["scripts"],
        "boot": item["guest"]["boot"],
        "faults": item["faults"],
        "data_as_of": plan.data_as_of,
        "writer": item["vm_name"],
        "power": "starting",
        "booted_at": None,
        "starts": 0,
    }
