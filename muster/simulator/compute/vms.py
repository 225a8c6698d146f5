"""Virtual machines: bodies, instance views, starting and stopping."""

from __future__ import annotations

import copy

from muster.simulator import dates, durations
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm import resources as arm_resources
from muster.simulator.arm.errors import resource_not_found
from muster.simulator.arm.ids import same
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

VM = "Microsoft.Compute/virtualMachines"
_POWER = {
    "running": "VM running",
    "starting": "VM starting",
    "stopped": "VM stopped",
    "deallocated": "VM deallocated",
}
_OS = {"linux": ("ubuntu", "22.04"), "windows": ("Windows Server 2022 Datacenter", "10.0.20348")}


def get(call: Call) -> Answer:
    """GET a VM; `$expand=instanceView` adds how it is doing."""
    vm = arm_resources.found(call)
    return Answer(200, shown(call.world, vm, call.query.get("$expand", "")))


def list_vms(call: Call) -> Answer:
    """GET the VMs of a group or a subscription."""
    if call.target.group:
        arm_resources.demand_group(call)
    expand = call.query.get("$expand", "")
    vms = call.world.of_type(VM, call.target.scope)
    return listed([shown(call.world, vm, expand) for vm in vms])


def get_instance_view(call: Call) -> Answer:
    """GET …/virtualMachines/{vm}/instanceView."""
    return Answer(200, instance_view(call.world, machine_vm(call)))


def start(call: Call) -> Answer:
    """POST …/start: 202; power is there at the end, the operating system `boot` later."""
    return _power(call, "starting", "running", durations.VM_START)


def deallocate(call: Call) -> Answer:
    """POST …/deallocate."""
    return _power(call, None, "deallocated", durations.VM_STOP)


def power_off(call: Call) -> Answer:
    """POST …/powerOff: stopped, still allocated."""
    return _power(call, None, "stopped", durations.VM_STOP)


def machine_vm(call: Call) -> Json:
    """The VM that a collection or an action of it names."""
    arm_resources.demand_group(call)
    vm = call.world.resource("/".join(call.target.path.split("/")[:9]))
    if vm is None or not same(vm["type"], VM):
        raise resource_not_found(call.target)
    return vm


def shown(world: World, vm: Json, expand: str) -> Json:
    """A VM's body as GET answers it."""
    body = copy.deepcopy(vm)
    body.pop("_created", None)
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
        "disks": [_disk_view(vm["properties"]["storageProfile"]["osDisk"]["name"])],
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
    if machine["boot"] != "never":
        machine["booted_at"] = world.now + machine["boot"]
        world.later(machine["boot"], "booted", id=vm_id, starts=machine["starts"])
    world.changed = True


def booted(world: World, args: Json) -> None:
    """The operating system is up: the guest opens its services."""
    machine = world.machines.get(args["id"].lower())
    if machine and machine["power"] == "running" and machine["starts"] == args["starts"]:
        world.orders.append(("on", args["id"].lower()))


def power_changed(world: World, args: Json) -> None:
    """A start, deallocate or powerOff is through."""
    machine = world.machines.get(args["id"].lower())
    if machine is None:
        return
    if args["to"] == "running":
        power_on(world, args["id"])
    else:
        machine |= {"power": args["to"], "booted_at": None}


def _power(call: Call, meanwhile: str | None, then: str, takes: float) -> Answer:
    world, vm = call.world, machine_vm(call)
    machine = world.machines[vm["id"].lower()]
    operation = arm_operations.begin(world, takes)
    if machine["power"] != then:
        if meanwhile:
            machine["power"] = meanwhile
        else:
            world.orders.append(("off", vm["id"].lower()))
            machine["booted_at"] = None
        world.later(takes, "power_changed", id=vm["id"], to=then)
    return Answer(202, None, arm_operations.headers(call, operation, location=True))


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


EFFECTS: dict[str, Effect] = {"power_changed": power_changed, "booted": booted}
_BODY = "The body of a recovered VM is recorded (failover); that a test copy's is alike: inferred."
_TAKES = "How long it takes: inferred."
ROUTES: Routes = {
    (VM, "get"): Route(get, "specified", _BODY),
    (VM, "list"): Route(list_vms, "specified", _BODY),
    (f"{VM}/instanceView", "list"): Route(get_instance_view, "specified", _BODY),
    (f"{VM}/start", "post"): Route(start, "specified", _TAKES),
    (f"{VM}/deallocate", "post"): Route(deallocate, "specified", _TAKES),
    (f"{VM}/powerOff", "post"): Route(power_off, "specified", _TAKES),
}
