"""DELETE of any resource: refused while something uses or locks it, else gone a little later."""

from __future__ import annotations

from muster.simulator.arm import networks
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import same
from muster.simulator.arm.resources import demand_group, find, kind_of
from muster.simulator.call import Answer, Call
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def delete(call: Call) -> Answer:
    """DELETE a resource: 204 if there is none, refused while something uses or locks it."""
    kind, world, target = kind_of(call), call.world, call.target
    if target.group:
        demand_group(call)
    _demand_unlocked(call)
    resource = find(call)
    if resource is None:
        return Answer(204)
    _demand_unused(world, resource)
    if kind.style == "sync":
        world.remove(resource["id"])
        return Answer(200)
    resource["properties"]["provisioningState"] = "Deleting"
    operation = arm_operations.begin(world, kind.delete_takes)
    world.later(kind.delete_takes, "resource_gone", id=resource["id"], inline=kind.inline)
    return Answer(202, None, arm_operations.headers(call, operation, location=True))


def gone(world: World, args: Json) -> None:
    """A DELETE is through."""
    if not args["inline"]:
        if (vm := world.resource(args["id"])) and same(
            vm["type"], "Microsoft.Compute/virtualMachines"
        ):
            detach(world, vm["id"])
        return world.remove(args["id"])
    parent = world.resource(args["id"].rpartition("/")[0].rpartition("/")[0])
    if parent:
        children = parent["properties"][args["inline"]]
        children[:] = [entry for entry in children if not same(entry["id"], args["id"])]
    return None


def detach(world: World, vm_id: str) -> None:
    """NICs and disks that lose their VM stay, unattached."""
    for resource in world.resources.values():
        if same(str((resource["properties"].get("virtualMachine") or {}).get("id")), vm_id):
            del resource["properties"]["virtualMachine"]
        if same(str(resource.get("managedBy")), vm_id):
            del resource["managedBy"]
            resource["properties"]["diskState"] = "Unattached"


def _demand_unlocked(call: Call) -> None:
    """A lock at the resource, or at anything it lies in, forbids deleting (not of the lock)."""
    asked = call.target.path.lower() + "/"
    for lock in call.world.of_type("Microsoft.Authorization/locks"):
        scope = lock["id"].lower().rpartition("/providers/microsoft.authorization/")[0]
        if asked.startswith(scope + "/") and "/providers/microsoft.authorization/" not in asked:
            raise AzureError(
                409,
                "ScopeLocked",
                f"The scope '{call.target.path}' cannot perform delete "
                f"operation because following scope(s) are locked: '{scope}'. Please "
                "remove the lock and try again.",
            )


def _demand_unused(world: World, resource: Json) -> None:
    kind, named = resource["type"].lower(), resource["name"]
    properties = resource["properties"]
    if kind == "microsoft.network/virtualnetworks/subnets":
        networks.demand_unused(world, resource)
    if kind == "microsoft.network/virtualnetworks":
        for subnet in properties["subnets"]:
            networks.demand_unused(world, subnet)
    if kind == "microsoft.network/networkinterfaces" and properties.get("virtualMachine"):
        raise AzureError(
            400,
            "NicInUse",
            f"Network Interface {resource['id']} is used by existing "
            f"resource {properties['virtualMachine']['id']}.",
            [],
        )
    if kind == "microsoft.compute/disks" and resource.get("managedBy"):
        raise AzureError(
            409, "OperationNotAllowed", f"Disk {named} is attached to VM {resource['managedBy']}."
        )
    for word in ("networkSecurityGroup", "routeTable"):
        if kind == f"microsoft.network/{word}s".lower() and (
            using := networks.users(world, resource["id"], word)
        ):
            code = f"InUse{word[0].upper()}{word[1:]}CannotBeDeleted"
            raise AzureError(
                400,
                code,
                f"{named} cannot be deleted because it is in use by the "
                f"following resources: {', '.join(using)}.",
                [],
            )


EFFECTS: dict[str, Effect] = {"resource_gone": gone}
