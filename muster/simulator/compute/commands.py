"""Scripts sent to a VM's agent: begun, ended, or never delivered; both forms of run-command."""

from __future__ import annotations

import shlex
import uuid
from typing import Any

from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import AzureError
from muster.simulator.compute import vms
from muster.simulator.json_types import Json
from muster.simulator.world import World

LONGEST = 90 * 60.0  # also the default; Compute's own limit
KEPT = 4096  # bytes of output and of error: the last 4 kB


def demand_running(world: World, vm: Json) -> None:
    """A VM that is off takes no script."""
    vms.demand_staying(vm, "runCommand")
    if world.machines[vm["id"].lower()]["power"] != "running":
        raise AzureError(
            409,
            "OperationNotAllowed",
            "Cannot modify extensions in the VM when the VM is not running.",
        )


def new(world: World, vm: Json, script: str, *, parameters: list[Any], secret: list[Any]) -> Json:
    """What is kept of a script that was sent; `runs` is what the guest gets to see.

    It holds the secret parameters, since a script that a restart cuts off runs again; it is
    forgotten at the end.
    """
    system = world.machines[vm["id"].lower()]["os"]
    return {
        "vm": vm["id"].lower(),
        "script": script,
        "runs": with_parameters(script, [*parameters, *secret], system),
        "parameters": parameters,
        "timeout": LONGEST,
        "asynchronous": False,
        "strict": False,
        "state": "Pending",
        "provisioning": "Creating",
        "run": str(uuid.uuid4()),
        "operation": arm_operations.begin(world, None),
        "started": None,
        "ended": None,
        "exit_code": 0,
        "output": "",
        "error": "",
        "message": "",
        "told": None,  # a fault's output in place of its own
    }


def with_parameters(script: str, parameters: list[Any], system: str) -> str:
    """A script with its parameters in front of it, as far as a guest can tell.

    Linux: a named one is exported, one without a name is an argument ($1 …), as Microsoft's pages
    have it. Windows: `$name = 'value'`. Without parameters the script is what was sent.
    """
    if not parameters:
        return script
    pairs = [(str(p.get("name") or ""), str(p.get("value") or "")) for p in parameters]
    if system == "windows":
        lines = ["${} = '{}'".format(name, value.replace("'", "''")) for name, value in pairs]
        return "\n".join((*lines, script))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in pairs if name.isidentifier()]
    loose = [shlex.quote(value) for name, value in pairs if not name.isidentifier()]
    lines += [f"set -- {' '.join(loose)}"] if loose else []
    return "\n".join((*lines, script))


def begin(world: World, key: str, command: Json) -> None:
    """Keep a script and let it run, or fail later if no agent answers."""
    world.table("commands")[key] = command
    world.changed = True
    if not vms.is_ready(world, command["vm"]):
        world.later(
            world.takes("run_command_refused", key), "run_refused", key=key, run=command["run"]
        )
        return
    command |= {"state": "Running", "started": world.now}
    bends = [do.script for do in world.faults.meet("script", "*", vm=_source_of(world, command))]
    command["told"] = next((one.output for one in bends if one.output is not None), None)
    if any(one.silent for one in bends):
        return  # whether it runs nobody will know
    world.runs.append(key)
    if command["asynchronous"]:
        command["provisioning"] = "Succeeded"
        arm_operations.finish(world, command["operation"])


def _source_of(world: World, command: Json) -> str:
    """The name of the VM, or of the source it is a copy of: rules are about those."""
    return str(world.machines[command["vm"]].get("writer") or command["vm"].rpartition("/")[2])


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
        "runs": "",
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
    if command["told"] is not None:
        output = command["told"]
    state = "TimedOut" if timed_out else "Failed" if exit_code else "Succeeded"
    failed = command["strict"] and state != "Succeeded"
    command |= {
        "state": state,
        "exit_code": exit_code,
        "output": tail(output),
        "error": tail(error),
        "ended": world.now,
        "runs": "",
        "provisioning": "Failed" if failed else "Succeeded",
    }
    fault = {"code": "VMExtensionProvisioningError", "message": f"The script ended as {state}."}
    result = None if command.get("managed", True) else action_result(world, command)
    if not command["asynchronous"]:
        arm_operations.finish(world, command["operation"], fault if failed else None, result)
    world.changed = True


def action_result(world: World, command: Json) -> Json:
    """What the action form answers (FACTS 12; how a non-zero exit reads there is a setting)."""
    out, err = command["output"], command["error"]
    if command["system"] == "windows":
        return {"value": [_status(f"ComponentStatus/{word}/succeeded", text)
                          for word, text in (("StdOut", out), ("StdErr", err))]}  # fmt: skip
    streams = f"\n[stdout]\n{out}\n[stderr]\n{err}"
    if command["exit_code"] and world.settings.run_command_failure == "failed":
        why = f"command terminated with exit status={command['exit_code']}"
        message = f"Enable failed: failed to execute command: {why}{streams}"
        status = _status("ProvisioningState/failed/0", message)
        return {"value": [status | {"level": "Error", "displayStatus": "Provisioning failed"}]}
    return {"value": [_status("ProvisioningState/succeeded", f"Enable succeeded: {streams}")]}


def _status(code: str, message: str) -> Json:
    return {
        "code": code,
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
        "message": message,
    }


def tail(text: str) -> str:
    """The last bytes of a text, no character cut in two."""
    return text.encode(errors="replace")[-KEPT:].decode(errors="ignore")
