"""DELETE of any resource: refused while something uses it, else gone a little later."""

from __future__ import annotations

from muster.simulator.arm import leaving
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.forms import named
from muster.simulator.arm.ids import same
from muster.simulator.arm.resources import demand_group, find, kind_of
from muster.simulator.arm.shapes.table import shape_of
from muster.simulator.arm.versions import no_such_verb
from muster.simulator.call import Answer, Call
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def delete(call: Call) -> Answer:
    """DELETE a resource: 204 if there is none, refused while something uses it."""
    kind, world, target = kind_of(call), call.world, call.target
    if kind.inline and not kind.writable:
        raise no_such_verb(call.method)
    if target.group:
        demand_group(call)
    resource = find(call)
    if resource is None:
        return Answer(204)
    shape_of(kind.type).demand_unused(world, resource)
    if kind.style == "sync" or not kind.delete_takes:
        _take_away(world, resource["id"], kind.inline)
        return Answer(200)
    resource["properties"]["provisioningState"] = "Deleting"
    takes = world.takes(kind.delete_takes, resource["id"])
    operation = leaving.begin(world, resource["id"], takes, "resource_gone", inline=kind.inline)
    return Answer(202, None, arm_operations.headers(call, operation, location=True))


def gone(world: World, args: Json) -> None:
    """A DELETE is through: the resource goes, and what goes with it."""
    if leaving.is_through(world, args):
        _take_away(world, args["id"], args["inline"])


def _take_away(world: World, arm_id: str, inline: str) -> None:
    if not inline:
        if resource := world.resource(arm_id):
            shape_of(resource["type"]).gone(world, resource)
            if same(resource["type"], "Microsoft.Compute/virtualMachines"):
                detach(world, resource["id"])
        return world.remove(arm_id)
    parent = world.resource(arm_id.rpartition("/")[0].rpartition("/")[0])
    if parent:
        children = parent["properties"][inline]
        children[:] = [entry for entry in children if not same(entry["id"], arm_id)]
    return None


def detach(world: World, vm_id: str) -> None:
    """NICs and disks that lose their VM stay, unattached."""
    for resource in world.resources.values():
        if same(named(resource["properties"], "virtualMachine"), vm_id):
            del resource["properties"]["virtualMachine"]
        if same(str(resource.get("managedBy")), vm_id):
            del resource["managedBy"]
            resource["properties"]["diskState"] = "Unattached"


EFFECTS: dict[str, Effect] = {"resource_gone": gone}
