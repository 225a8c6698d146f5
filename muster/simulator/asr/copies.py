"""How a failover, or its test, makes a machine from a recovery point: NIC, disks, VM, guest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from muster.simulator.arm import bodies
from muster.simulator.asr import own_writes
from muster.simulator.asr.nics_of_copies import MoreNic
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
    more: Sequence[MoreNic] = ()  # NICs besides the first

    @property
    def nics(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Id and landing of every NIC."""
        yield self.nic_id, self.landing
        yield from ((one.nic_id, one.landing) for one in self.more)


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
    tags = tags_of(world, item)
    lent = {nic_id for nic_id, _ in plan.nics if world.resource(nic_id) is not None}
    first = MoreNic(plan.nic_id, item["nic"]["config"], dict(plan.landing), where)
    nics = [_nic(world, item, one, plan.vm_id, tags) for one in (first, *plan.more)]
    disks = _disks(world, item, plan, tags)
    vm = bodies.vm(
        world,
        plan.vm_id,
        item["recovery_location"],
        plan.size,
        item["os"],
        disks,
        nics[0]["id"],
        tags,
        guid=world.guid("vm", plan.vm_id, job["id"]),
        copied=True,
    )
    vm["properties"]["provisioningState"] = "Creating"
    if zone := item["target"]["zone"]:  # chosen for recovered VMs; of test copies: inferred
        bodies.stand_in_zone(zone, *disks, vm)
    vm["properties"]["networkProfile"]["networkInterfaces"] += [
        {"id": nic["id"], "properties": {"primary": False}} for nic in nics[1:]
    ]
    own_writes.demand_allowed(world, nics, disks, vm)
    for resource in (*nics, *disks, vm):
        world.put(resource)
    world.machines[plan.vm_id.lower()] = _guest(item, plan)
    ours = [nic["id"] for nic in nics if nic["id"] not in lent]
    return [*ours, *(disk["id"] for disk in disks)]


def _demand_free(world: World, item: Json, plan: Plan) -> None:
    """What is there stays: but a NIC that shall be reused, and the disks a way back starts from.

    That Site Recovery refuses, as it does for the VM's own name: inferred.
    """
    for nic_id, landing in plan.nics:
        nic = world.resource(nic_id)
        if nic and not (landing["reuse_nic"] and "virtualMachine" not in nic["properties"]):
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


def _nic(world: World, item: Json, nic: MoreNic, vm_id: str, tags: dict[str, str]) -> Json:
    public_ip, group = nic.landing["public_ip"], nic.landing["security_group"]
    return bodies.nic(
        world,
        nic.nic_id,
        item["recovery_location"],
        nic.config,
        nic.place.subnet["id"],
        nic.place.address,
        static=nic.place.static,
        vm_id=vm_id,
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
