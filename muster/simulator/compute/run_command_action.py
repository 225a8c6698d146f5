"""Run-command as an action: one script at a time, its result in the operation."""

from __future__ import annotations

from muster.simulator.arm import forms
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import AzureError
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.compute import commands, requested, vms
from muster.simulator.json_types import Json
from muster.simulator.world import World

SCRIPTS = {"runshellscript": "linux", "runpowershellscript": "windows"}
_IDS = {"linux": "RunShellScript", "windows": "RunPowerShellScript"}
_LABELS = {
    "linux": "Executes a Linux shell script",
    "windows": "Executes a PowerShell script",
}
_FORM: forms.Form = {
    "commandId": str,
    "script": [str],
    "parameters": [{"name": str, "value": str}],
    "timeoutInSeconds": float,
}


def run(call: Call) -> Answer:
    """POST …/runCommand: 202; the operation's result tells the streams' last 4096 bytes.

    409 while another one runs; unknown commands 404, those of the other system 409 (all three in
    the words of public issue threads).
    """
    world, vm, given = call.world, vms.machine_vm(call), call.object()
    for key, form in _FORM.items():
        forms.check(form, given.get(key), key)
    command_id = str(given.get("commandId") or "")
    if not command_id:
        raise requested.missing("commandId")
    system = SCRIPTS.get(command_id.lower())
    if system is None:
        raise AzureError(404, "NotFound", "The entity was not found in this Azure location.")
    lines = given.get("script") or []
    if not lines:
        raise requested.missing("script")
    _demand_system(world, vm, system)
    commands.demand_running(world, vm)
    _demand_free(world, vm)
    key = f"{vm['id']}/runCommand/action".lower()
    command = commands.new(
        world, vm, "\n".join(lines), parameters=given.get("parameters") or [], secret=[]
    ) | {"managed": False, "system": system}
    if given.get("timeoutInSeconds"):
        command["timeout"] = min(commands.LONGEST, float(given["timeoutInSeconds"]))
    commands.begin(world, key, command)
    headers = arm_operations.headers(
        call, command["operation"], location=True, place=str(vm["location"])
    )
    return Answer(202, None, headers)


def list_documents(_: Call) -> Answer:
    """GET …/locations/{location}/runCommands: the two commands that are modelled."""
    return listed([_document(system) for system in _IDS])


def get_document(call: Call) -> Answer:
    """GET …/locations/{location}/runCommands/{commandId}."""
    system = SCRIPTS.get(call.target.name.lower())
    if system is None:
        raise AzureError(404, "NotFound", "The entity was not found in this Azure location.")
    return Answer(200, _document(system) | {"script": [], "parameters": []})


def _document(system: str) -> Json:
    return {
        "$schema": "http://schema.management.azure.com/schemas/2016-11-17/runcommands.json",
        "id": _IDS[system],
        "osType": system.capitalize(),
        "label": _LABELS[system],
        "description": _LABELS[system],
    }


def _demand_system(world: World, vm: Json, system: str) -> None:
    has = str(world.machines[vm["id"].lower()]["os"])
    if has != system:
        raise AzureError(
            409,
            "Conflict",
            f"Run command OS type '{system.capitalize()}' does not match the target OS "
            f"{has.capitalize()}.",
        )


def _demand_free(world: World, vm: Json) -> None:
    under = f"{vm['id']}/runCommand/".lower()
    for key, command in world.table("commands").items():
        if key.startswith(under) and command["ended"] is None:
            raise AzureError(
                409,
                "Conflict",
                "Run command extension execution is in progress. Please wait for completion "
                "before invoking a run command.",
            )


_DOCUMENTS = "Microsoft.Compute/locations/runCommands"
_NOTE = (
    "The shape of the result (one status on Linux, two on Windows) is MEMORY; how a non-zero exit "
    "reads in it is a setting. Only RunShellScript and RunPowerShellScript."
)
ROUTES: Routes = {
    (f"{vms.VM}/runCommand", "post"): Route(run, "specified", _NOTE),
    (_DOCUMENTS, "list"): Route(list_documents, "specified", _NOTE),
    (_DOCUMENTS, "get"): Route(get_document, "specified", _NOTE),
}
