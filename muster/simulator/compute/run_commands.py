"""Managed run-command: a script in a running VM, kept as a child of the VM until it is deleted."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm import forms, paging
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import bad_request, not_implemented, resource_not_found
from muster.simulator.arm.given import location_of, tags_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.compute import commands, vms
from muster.simulator.compute.commands import refused
from muster.simulator.json_types import Json
from muster.simulator.world import Effect

TYPE = f"{vms.VM}/runCommands"
_PARAMETERS: forms.Form = [{"name": str, "value": str}]
_FORM: forms.Form = {
    "source": {"script": str, "scriptUri": str, "commandId": str},
    "parameters": _PARAMETERS,
    "protectedParameters": _PARAMETERS,
    "timeoutInSeconds": float,
    "asyncExecution": bool,
    "treatFailureAsDeploymentFailure": bool,
}


def put(call: Call) -> Answer:
    """PUT …/runCommands/{name}: 201, and the script runs. The same name again runs it again."""
    world, vm, given = call.world, vms.machine_vm(call), call.properties()
    forms.check(_FORM, given)
    location_of(call, call.object())
    script = _script(given)
    commands.demand_running(world, vm)
    key = f"{vm['id']}/runCommands/{call.target.name}".lower()
    command = commands.new(
        world,
        vm,
        script,
        parameters=given.get("parameters") or [],
        secret=given.get("protectedParameters") or [],
    ) | {
        "id": f"{vm['id']}/runCommands/{call.target.name}",
        "name": call.target.name,
        "location": vm["location"],
        "tags": tags_of(call.object()),
        "timeout": float(given.get("timeoutInSeconds") or commands.LONGEST),
        "asynchronous": bool(given.get("asyncExecution")),
        "strict": bool(given.get("treatFailureAsDeploymentFailure")),
        "managed": True,
    }
    new = key not in world.table("commands")
    commands.begin(world, key, command)
    headers = arm_operations.headers(call, command["operation"], place=str(vm["location"]))
    return Answer(201 if new else 200, _shown(command, ""), headers)


def get(call: Call) -> Answer:
    """GET a run-command; only `$expand=instanceView` tells what became of the script."""
    return Answer(200, _shown(_command(call), call.query.get("$expand", "")))


def list_commands(call: Call) -> Answer:
    """GET all run-commands of a VM."""
    vm = vms.machine_vm(call)
    expand = call.query.get("$expand", "")
    mine = vm["id"].lower()
    rows = [
        _shown(command, expand)
        for command in call.world.table("commands").values()
        if command["vm"] == mine and command.get("managed", True)
    ]
    return paging.page(call, rows)


def patch(call: Call) -> Answer:
    """PATCH a run-command: its tags; anything else would run it again, as a PUT does."""
    command = _command(call)
    if call.properties():
        return put(call)
    if call.object().get("tags") is not None:
        command["tags"] = tags_of(call.object())
        call.world.changed = True
    return Answer(200, _shown(command, ""))


def delete(call: Call) -> Answer:
    """DELETE a run-command: 202; 204 if there is none."""
    vm = vms.machine_vm(call)
    key = f"{vm['id']}/runCommands/{call.target.name}".lower()
    if call.world.table("commands").pop(key, None) is None:
        return Answer(204)
    operation = arm_operations.begin(call.world, 5.0)
    headers = arm_operations.headers(call, operation, location=True, place=str(vm["location"]))
    return Answer(202, None, headers)


def _script(given: Json) -> str:
    source = given.get("source") or {}
    if source.get("script") and source.get("commandId"):
        raise bad_request(
            "InvalidParameterConflictingProperties",
            "The property 'source.commandId' cannot be used together with property "
            "'source.script'.",
        )
    if source.get("commandId") or source.get("scriptUri"):
        raise not_implemented("run-commands by commandId or scriptUri")
    script = source.get("script")
    if not script:
        raise bad_request(
            "InvalidParameter", "Required parameter 'source.script' is missing (null)."
        )
    return str(script)


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
    if parameters := command.get("parameters"):
        properties["parameters"] = parameters
    if "instanceview" in expand.lower():
        properties["instanceView"] = _view(command)
    return {
        "id": command["id"],
        "name": command["name"],
        "type": TYPE,
        "location": command["location"],
        "tags": command["tags"],
        "properties": properties,
    }


def _view(command: Json) -> Json:
    view: Json = {
        "executionState": command["state"],
        "executionMessage": command["message"],
        "exitCode": command["exit_code"],
        "output": command["output"],
        "error": command["error"],
    }
    return view | {
        word: dates.offset(command[key])
        for word, key in (("startTime", "started"), ("endTime", "ended"))
        if command[key] is not None
    }


EFFECTS: dict[str, Effect] = {"run_refused": refused}
_SILENT = "What Compute says of an agent that never answers, and when: inferred."
ROUTES: Routes = {
    (TYPE, "put"): Route(put, "specified", _SILENT),
    (TYPE, "get"): Route(get, "specified"),
    (TYPE, "list"): Route(list_commands, "specified"),
    (TYPE, "patch"): Route(patch, "specified", _SILENT),
    (TYPE, "delete"): Route(delete, "specified"),
}
