"""The source VM of an item: stopped before a failover, deleted by a reprotect (FACTS 7)."""

from __future__ import annotations

from muster.simulator.arm import deletion as arm_deletion
from muster.simulator.asr import own_writes
from muster.simulator.asr.item_faces import faces
from muster.simulator.compute import outages
from muster.simulator.json_types import Json
from muster.simulator.world import World


def stop(world: World, vm_id: str) -> bool:
    """Shut a VM down and deallocate it, now; False if there is none."""
    machine = world.machines.get(vm_id.lower())
    if machine is None:
        return False
    machine |= {"power": "deallocated", "booted_at": None}
    outages.began(world, vm_id)
    world.orders.append(("off", vm_id.lower()))
    world.changed = True
    return True


def delete(world: World, item: Json) -> None:
    """Take the VM of an item and its NICs away; its disks stay, unattached. Raises: Barred."""
    leaving = (item["vm"], *(face["nic"]["id"] for face in faces(item)))
    own_writes.demand_deletable(world, leaving)
    arm_deletion.detach(world, item["vm"])
    for gone in leaving:
        world.remove(gone)
