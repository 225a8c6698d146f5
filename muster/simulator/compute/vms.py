"""Virtual machines as they are told: bodies, instance views; and when their systems are up."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm import paging
from muster.simulator.arm import resources as arm_resources
from muster.simulator.arm.errors import AzureError, bad_request, resource_not_found
from muster.simulator.arm.ids import parse, same
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.compute import outages
from muster.simulator.json_types import Json, copied
from muster.simulator.regions import as_location
from muster.simulator.world import Effect, World

VM = "Microsoft.Compute/virtualMachines"
_EXPANDED = frozenset({"", "instanceview", "userdata", "resiliencyview"})
_POWER = {
    "running": "VM running",
    "starting": "VM starting",
    "stopping": "VM stopping",
    "stopped": "VM stopped",
    "deallocating": "VM deallocating",
    "deallocated": "VM deallocated",
}
_OS = {"linux": ("ubuntu", "22.04"), "windows": ("Windows Server 2022 Datacenter", "10.0.20348")}


def get(call: Call) -> Answer:
    """GET a VM; `$expand=instanceView` adds how it is doing."""
    vm = arm_resources.found(call)
    expand = call.query.get("$expand", "")
    if unknown := {word.strip().lower() for word in expand.split(",")} - _EXPANDED:
        raise bad_request(  # code and words: MEMORY
            "InvalidParameter",
            f"The value '{', '.join(sorted(unknown))}' of the parameter '$expand' is invalid.",
        )
    return Answer(200, shown(call.world, vm, expand))


def list_vms(call: Call) -> Answer:
    """GET the VMs of a group or a subscription."""
    if call.target.group:
        arm_resources.demand_group(call)
    expand = call.query.get("$expand", "")
    if call.query.get("statusOnly", "").lower() == "true":
        expand = "instanceView"
    vms = call.world.of_type(VM, call.target.scope)
    return paging.page(call, [shown(call.world, vm, expand) for vm in vms])


def list_in_location(call: Call) -> Answer:
    """GET …/locations/{location}/virtualMachines: those of a subscription that stand there."""
    place = as_location(call.target.names[0])
    found = call.world.of_type(VM, call.target.scope)
    return paging.page(
        call,
        [shown(call.world, vm, "") for vm in found if as_location(str(vm["location"])) == place],
    )


def get_instance_view(call: Call) -> Answer:
    """GET …/virtualMachines/{vm}/instanceView."""
    return Answer(200, instance_view(call.world, machine_vm(call)))


def machine_vm(call: Call) -> Json:
    """The VM that a collection or an action of it names."""
    arm_resources.demand_group(call)
    path = "/".join(call.target.path.split("/")[:9])
    vm = call.world.resource(path)
    if vm is None or not same(vm["type"], VM):
        raise resource_not_found(parse(path))
    return vm


def demand_staying(vm: Json, operation: str) -> None:
    """Refuse an act on a VM that is being deleted; words as in public issue threads."""
    if vm["properties"]["provisioningState"] == "Deleting":
        raise AzureError(
            409,
            "OperationNotAllowed",
            f"Operation '{operation}' is not allowed on VM '{vm['name']}' since the VM is marked "
            "for deletion. You can only retry the Delete operation (or wait for an ongoing one to "
            "complete).",
        )


def shown(world: World, vm: Json, expand: str) -> Json:
    """A VM's body as GET answers it."""
    body = {key: copied(value) for key, value in vm.items() if key[0] != "_"}  # ours
    if "instanceview" in expand.lower():
        body["properties"]["instanceView"] = instance_view(world, vm)
    return body


def is_ready(world: World, vm_id: str) -> bool:
    """Whether the operating system is up and the agent answers."""
    machine = world.machines[vm_id.lower()]
    booted = machine["booted_at"]
    return machine["power"] == "running" and booted is not None and booted <= world.now


def instance_view(world: World, vm: Json) -> Json:
    """How a VM is doing: power, and the agent once the operating system is up."""
    machine = world.machines[vm["id"].lower()]
    provisioning = str(vm["properties"]["provisioningState"])
    view: Json = {
        "disks": [_disk_view(disk["name"]) for disk in _disks(vm)],
        "hyperVGeneration": "V1",
        "statuses": [
            {
                "code": f"ProvisioningState/{provisioning.lower()}",
                "level": "Info",
                "displayStatus": f"Provisioning {provisioning.lower()}",
                "time": dates.offset(vm["_created"]),
            },
            {
                "code": f"PowerState/{machine['power']}",
                "level": "Info",
                "displayStatus": _POWER[machine["power"]],
            },
        ],
    }
    if machine["power"] in ("running", "starting"):
        ready = is_ready(world, vm["id"])
        view["vmAgent"] = {
            "vmAgentVersion": "2.9.1.1" if ready else "Unknown",
            "statuses": [_agent_status(world, ready=ready)],
        }
        if ready:
            view["computerName"] = machine["writer"]
            view["osName"], view["osVersion"] = _OS[machine["os"]]
    return view


def power_on(world: World, vm_id: str) -> None:
    """A VM has power: its operating system starts to boot, unless it never does."""
    machine = world.machines[vm_id.lower()]
    machine |= {"power": "running", "booted_at": None, "starts": machine["starts"] + 1}
    outages.ended(world, vm_id)
    if machine["boot"] != "never":
        machine["booted_at"] = world.now + machine["boot"]
        world.later(machine["boot"], "booted", id=vm_id, starts=machine["starts"])
    world.changed = True


def booted(world: World, args: Json) -> None:
    """The operating system is up: the guest opens its services."""
    machine = world.machines.get(args["id"].lower())
    if machine and machine["power"] == "running" and machine["starts"] == args["starts"]:
        world.orders.append(("on", args["id"].lower()))


def _disks(vm: Json) -> list[Json]:
    profile = vm["properties"]["storageProfile"]
    return [profile["osDisk"], *profile["dataDisks"]]


def _disk_view(name: str) -> Json:
    status = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
    }
    return {"name": name, "statuses": [status]}


def _agent_status(world: World, *, ready: bool) -> Json:
    if ready:
        code, level, display, message = (
            "ProvisioningState/succeeded",
            "Info",
            "Ready",
            "Guest Agent is running",
        )
    else:
        code, level, display, message = (
            "ProvisioningState/Unavailable",
            "Warning",
            "Not Ready",
            "VM status blob is found but not yet populated.",
        )
    return {
        "code": code,
        "level": level,
        "displayStatus": display,
        "message": message,
        "time": dates.offset(world.now),
    }


EFFECTS: dict[str, Effect] = {"booted": booted}
_BODY = "The body of a recovered VM is recorded (failover); that a test copy's is alike: inferred."
ROUTES: Routes = {
    (VM, "get"): Route(get, "specified", _BODY),
    (VM, "list"): Route(list_vms, "specified", _BODY),
    ("Microsoft.Compute/locations/virtualMachines", "list"): Route(
        list_in_location, "specified", _BODY
    ),
    (f"{VM}/instanceView", "list"): Route(get_instance_view, "specified", _BODY),
}
