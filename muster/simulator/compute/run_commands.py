"""Managed run-command: a script in a running VM, kept as a child of the VM until it is deleted."""

from __future__ import annotations

import uuid

from muster.simulator import dates
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import (
    AzureError,
    bad_request,
    not_implemented,
    resource_not_found,
)
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.compute import vms
from muster.simulator.durations import RUN_COMMAND_REFUSED
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

TYPE = f"{vms.VM}/runCommands"
LONGEST = 90 * 60.0  # also the default; Compute's own limit
KEPT = 4096  # bytes of output and of error: the instance view holds the last 4 kB


def put(call: Call) -> Answer:
    """PUT …/runCommands/{name}: 201, and the script runs. The same name again runs it again."""
    world, vm = call.world, vms.machine_vm(call)
    given = call.properties()
    script = (given.get("source") or {}).get("script")
    if not isinstance(script, str) or not script:
        raise bad_request(
            "InvalidParameter", "Required parameter 'source.script' is missing (null)."
        )
    if given.get("parameters") or given.get("protectedParameters"):
        raise not_implemented("run-command parameters")
    machine = world.machines[vm["id"].lower()]
    if machine["power"] != "running":
        raise AzureError(
            409,
            "OperationNotAllowed",
            "Cannot modify extensions in the VM when the VM is not running.",
        )
    ready = vms.is_ready(world, vm["id"])
    operation = arm_operations.begin(world, None)
    key = f"{vm['id']}/runCommands/{call.target.name}".lower()
    command: Json = {
        "id": f"{vm['id']}/runCommands/{call.target.name}",
        "name": call.target.name,
        "vm": vm["id"].lower(),
        "location": vm["location"],
        "tags": call.object().get("tags") or {},
        "script": script,
        "timeout": float(given.get("timeoutInSeconds") or LONGEST),
        "asynchronous": bool(given.get("asyncExecution")),
        "strict": bool(given.get("treatFailureAsDeploymentFailure")),
        "state": "Running" if ready else "Pending",
        "provisioning": "Creating",
        "run": str(uuid.uuid4()),
        "operation": operation,
        "started": world.now if ready else None,
        "ended": None,
        "exit_code": 0,
        "output": "",
        "error": "",
        "message": "",
    }
    new = key not in world.table("commands")
    world.table("commands")[key] = command
    if ready:
        world.runs.append(key)
        if command["asynchronous"]:
            command["provisioning"] = "Succeeded"
            arm_operations.finish(world, operation)
    else:
        world.later(RUN_COMMAND_REFUSED, "run_refused", key=key, run=command["run"])
    return Answer(
        201 if new else 200, _shown(command, ""), arm_operations.headers(call, operation)
    )


def refused(world: World, args: Json) -> None:
    """The agent never answered. That the operation fails is known, code and delay UNCERTAIN."""
    command = world.table("commands").get(args["key"])
    if command is None or command["run"] != args["run"]:
        return
    message = "VM Agent is not reporting status: the run-command could not be delivered."
    command |= {
        "state": "Failed",
        "provisioning": "Failed",
        "message": message,
        "ended": world.now,
    }
    error = {"code": "VMAgentStatusCommunicationError", "message": message}
    arm_operations.finish(world, command["operation"], error)


def ended(
    world: World, key: str, run: str, *, exit_code: int, output: str, error: str, timed_out: bool
) -> None:
    """A script has ended (or its time was up) in the guest."""
    command = world.table("commands").get(key)
    if command is None or command["run"] != run:
        return  # deleted, replaced, or its VM is gone
    state = "TimedOut" if timed_out else "Failed" if exit_code else "Succeeded"
    failed = command["strict"] and state != "Succeeded"
    command |= {
        "state": state,
        "exit_code": exit_code,
        "output": _tail(output),
        "error": _tail(error),
        "ended": world.now,
        "provisioning": "Failed" if failed else "Succeeded",
    }
    fault = {"code": "VMExtensionProvisioningError", "message": f"The script ended as {state}."}
    if not command["asynchronous"]:
        arm_operations.finish(world, command["operation"], fault if failed else None)
    world.changed = True


def get(call: Call) -> Answer:
    """GET a run-command; only `$expand=instanceView` tells what became of the script."""
    return Answer(200, _shown(_command(call), call.query.get("$expand", "")))


def list_commands(call: Call) -> Answer:
    """GET all run-commands of a VM."""
    vm = vms.machine_vm(call)
    expand = call.query.get("$expand", "")
    mine = vm["id"].lower()
    return listed(
        [
            _shown(command, expand)
            for command in call.world.table("commands").values()
            if command["vm"] == mine
        ]
    )


def delete(call: Call) -> Answer:
    """DELETE a run-command: 202; 204 if there is none."""
    vm = vms.machine_vm(call)
    key = f"{vm['id']}/runCommands/{call.target.name}".lower()
    if call.world.table("commands").pop(key, None) is None:
        return Answer(204)
    operation = arm_operations.begin(call.world, 5.0)
    return Answer(202, None, arm_operations.headers(call, operation, location=True))


def _command(call: Call) -> Json:
    vm = vms.machine_vm(call)
    key = f"{vm['id']}/runCommands/{call.target.name}".lower()
    command = call.world.table("commands").get(key)
    if command is None:
        raise resource_not_found(call.target)
    return command


def _shown(command: Json, expand: str) -> Json:
    properties: Json = {
        "source": {"script": command["script"]},
        "asyncExecution": command["asynchronous"],
        "timeoutInSeconds": int(command["timeout"]),
        "treatFailureAsDeploymentFailure": command["strict"],
        "provisioningState": command["provisioning"],
    }
    if "instanceview" in expand.lower():
        view: Json = {
            "executionState": command["state"],
            "executionMessage": command["message"],
            "exitCode": command["exit_code"],
            "output": command["output"],
            "error": command["error"],
        }
        view |= {
            word: dates.offset(command[key])
            for word, key in (("startTime", "started"), ("endTime", "ended"))
            if command[key] is not None
        }
        properties["instanceView"] = view
    return {
        "id": command["id"],
        "name": command["name"],
        "type": TYPE,
        "location": command["location"],
        "tags": command["tags"],
        "properties": properties,
    }


def _tail(text: str) -> str:
    return text.encode()[-KEPT:].decode(errors="ignore")


EFFECTS: dict[str, Effect] = {"run_refused": refused}
_SILENT = "What Compute says of an agent that never answers, and when: inferred."
ROUTES: Routes = {
    (TYPE, "put"): Route(put, "specified", _SILENT),
    (TYPE, "get"): Route(get, "specified"),
    (TYPE, "list"): Route(list_commands, "specified"),
    (TYPE, "delete"): Route(delete, "specified"),
}
