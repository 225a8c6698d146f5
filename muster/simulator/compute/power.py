"""Virtual machines on and off: start, restart, redeploy, power off, deallocate."""

from __future__ import annotations

from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import AzureError, not_implemented
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.compute import outages, vms
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

_ON_THE_WAY = {"running": "starting", "stopped": "stopping", "deallocated": "deallocating"}
_BOUND_FOR = {meanwhile: to for to, meanwhile in _ON_THE_WAY.items()}


def start(call: Call) -> Answer:
    """POST …/start: 202; power is there at the end, the operating system `boot` later."""
    return _turn(call, "running", _takes(call, "vm_start"))


def deallocate(call: Call) -> Answer:
    """POST …/deallocate."""
    return _turn(call, "deallocated", _takes(call, "vm_stop"))


def power_off(call: Call) -> Answer:
    """POST …/powerOff: stopped, still allocated."""
    return _turn(call, "stopped", _takes(call, "vm_stop"))


def restart(call: Call) -> Answer:
    """POST …/restart: off and on again at the end; only of a VM that runs."""
    return _again(call, _takes(call, "vm_stop"))


def redeploy(call: Call) -> Answer:
    """POST …/redeploy: on another host, which is a restart as far as anyone can see."""
    return _again(call, _takes(call, "vm_stop") + _takes(call, "vm_start"))


def reapply(call: Call) -> Answer:
    """POST …/reapply: nothing to see but the operation."""
    vm = _usable(call)
    operation = arm_operations.begin(call.world, _takes(call, "vm_update"))
    return _accepted(call, vm, operation)


def refuse(call: Call) -> Answer:
    """What this simulator does not do with a VM."""
    raise not_implemented(f"{call.method} {call.target.type}")


def changed(world: World, args: Json) -> None:
    """A start, restart, deallocate or powerOff is through, unless another came after it."""
    machine = world.machines.get(args["id"].lower())
    if machine is None or machine.get("turn", args.get("turn")) != args.get("turn"):
        return
    if args["to"] == "running":
        vms.power_on(world, args["id"])
    else:
        machine |= {"power": args["to"], "booted_at": None}


def _takes(call: Call, name: str) -> float:
    return call.world.takes(name, call.target.path.rpartition("/")[0])


def _turn(call: Call, to: str, takes: float) -> Answer:
    world, vm = call.world, _usable(call)
    machine = world.machines[vm["id"].lower()]
    operation = arm_operations.begin(world, takes)
    bound_for = _BOUND_FOR.get(machine["power"], machine["power"])
    if bound_for != to and (to, bound_for) != ("stopped", "deallocated"):
        machine["power"] = _ON_THE_WAY[to]
        if to != "running":
            world.orders.append(("off", vm["id"].lower()))
            machine["booted_at"] = None
            outages.began(world, vm["id"])
        _later(world, vm, operation, to, takes)
    return _accepted(call, vm, operation)


def _again(call: Call, takes: float) -> Answer:
    world, vm = call.world, _usable(call)
    machine = world.machines[vm["id"].lower()]
    if machine["power"] != "running":
        raise AzureError(
            409,
            "OperationNotAllowed",
            f"Operation '{call.target.types[-1]}' is not allowed on VM '{vm['name']}' since the "
            f"VM is {machine['power']}.",
        )
    operation = arm_operations.begin(world, takes)
    world.orders.append(("off", vm["id"].lower()))
    machine["booted_at"] = None
    _later(world, vm, operation, "running", takes)
    return _accepted(call, vm, operation)


def _later(world: World, vm: Json, operation: str, to: str, takes: float) -> None:
    """What was begun last is what happens: an act that is under way gives way to a new one."""
    machine = world.machines[vm["id"].lower()]
    machine["turn"] = machine.get("turn", 0) + 1
    told = {"id": vm["id"], "to": to, "turn": machine["turn"], "operation": operation}
    world.later(takes, "power_changed", **told)


def _usable(call: Call) -> Json:
    vm = vms.machine_vm(call)
    vms.demand_staying(vm, call.target.types[-1])
    return vm


def _accepted(call: Call, vm: Json, operation: str) -> Answer:
    headers = arm_operations.headers(call, operation, location=True, place=str(vm["location"]))
    return Answer(202, None, headers)


EFFECTS: dict[str, Effect] = {"power_changed": changed}
_TAKES = "How long it takes, and the words for a VM that is off: inferred."
_REFUSED = Route(refuse, "not modelled")
_NOT_DONE = (
    "generalize",
    "capture",
    "convertToManagedDisks",
    "reimage",
    "performMaintenance",
    "simulateEviction",
    "assessPatches",
    "installPatches",
    "retrieveBootDiagnosticsData",
    "attachDetachDataDisks",
)
ROUTES: Routes = {
    (f"{vms.VM}/start", "post"): Route(start, "specified", _TAKES),
    (f"{vms.VM}/deallocate", "post"): Route(deallocate, "specified", _TAKES),
    (f"{vms.VM}/powerOff", "post"): Route(power_off, "specified", _TAKES),
    (f"{vms.VM}/restart", "post"): Route(restart, "specified", _TAKES),
    (f"{vms.VM}/redeploy", "post"): Route(redeploy, "specified", _TAKES),
    (f"{vms.VM}/reapply", "post"): Route(reapply, "specified", _TAKES),
    **{(f"{vms.VM}/{verb}", "post"): _REFUSED for verb in _NOT_DONE},
}
