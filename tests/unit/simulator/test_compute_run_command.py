"""Run-command as an action: one at a time, its result in the operation; and parameters."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.compute.aio import ComputeManagementClient

from muster.simulator.compute.commands import with_parameters
from muster.simulator.guests.contract import GuestResult

from .asked import LOCATIONS, done, operator, world_with
from .conftest import SUBSCRIPTION, Azure, running

WEB = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web1"
SHELL, POWERSHELL = "RunShellScript", "RunPowerShellScript"
WINDOWS = {"address: 10.1.1.4, boot: 30s": "address: 10.1.1.4, boot: 30s, os: windows"}


def command(*lines: str, **more: Any) -> dict[str, Any]:
    return {"commandId": SHELL, "script": list(lines)} | more


async def result(azure: Azure, headers: Any) -> Any:
    """What the Location answers once the operation has ended."""
    assert (await done(azure, headers))["status"] == "Succeeded"
    return (await azure.get(headers["Location"]))["value"]


async def test_a_script_runs_and_its_streams_are_the_result(azure: Azure) -> None:
    azure.guests.answers = {"a\nb": GuestResult(0, "out\n", "err\n", "executed")}
    admin = await operator(azure)
    status, told, headers = await admin.ask("POST", f"{WEB}/runCommand", command("a", "b"))
    assert (status, told) == (202, "")
    assert await result(azure, headers) == [
        {
            "code": "ProvisioningState/succeeded",
            "level": "Info",
            "displayStatus": "Provisioning succeeded",
            "message": "Enable succeeded: \n[stdout]\nout\n\n[stderr]\nerr\n",
        }
    ]
    told = await azure.get(headers["Azure-AsyncOperation"])
    assert told["properties"]["output"]["value"][0]["code"] == "ProvisioningState/succeeded"
    assert (await azure.get(f"{WEB}/runCommands"))["value"] == []  # no managed one


async def test_the_client_gets_the_result(tmp_path: Path) -> None:
    world = world_with(tmp_path, "", **{"client: drill": "client: operator"})
    async with running(tmp_path / "state", world) as azure:
        azure.guests.answers = {"hello": GuestResult(0, "hi", "", "executed")}
        client = await azure.client(ComputeManagementClient)
        poller = await client.virtual_machines.begin_run_command(
            "rg-app", "web1", command("hello"), polling_interval=0.05
        )
        told = await poller.result()
        assert told.value[0].message == "Enable succeeded: \n[stdout]\nhi\n[stderr]\n"
        documents = [each.id async for each in client.virtual_machine_run_commands.list("eastus")]
        assert documents == [SHELL, POWERSHELL]
        one = await client.virtual_machine_run_commands.get("eastus", SHELL)
        assert one.os_type == "Linux"


async def test_one_at_a_time(azure: Azure) -> None:
    admin = await operator(azure)
    azure.guests.holding = asyncio.Event()
    _, _, first = await admin.ask("POST", f"{WEB}/runCommand", command("slow"))
    status, told, _ = await admin.ask("POST", f"{WEB}/runCommand", command("other"))
    assert (status, told["error"]["code"]) == (409, "Conflict")
    assert told["error"]["message"] == (
        "Run command extension execution is in progress. Please wait for completion before "
        "invoking a run command."
    )
    assert (await azure.ask("GET", first["Location"]))[0] == 202
    azure.guests.holding.set()
    await result(azure, first)
    assert (await admin.ask("POST", f"{WEB}/runCommand", command("other")))[0] == 202


@pytest.mark.parametrize("told_as", ["succeeded", "failed"])
async def test_a_script_that_fails_is_no_failed_operation(tmp_path: Path, told_as: str) -> None:
    world = world_with(tmp_path, f"settings: {{run_command_failure: {told_as}}}")
    async with running(tmp_path / "state", world) as azure:
        azure.guests.answers = {"false": GuestResult(3, "", "no", "executed")}
        admin = await operator(azure)
        _, _, headers = await admin.ask("POST", f"{WEB}/runCommand", command("false"))
        (status,) = await result(azure, headers)
    if told_as == "succeeded":
        assert status["code"] == "ProvisioningState/succeeded"
        assert status["message"] == "Enable succeeded: \n[stdout]\n\n[stderr]\nno"
    else:
        assert (status["code"], status["level"]) == ("ProvisioningState/failed/0", "Error")
        assert (
            "command terminated with exit status=3\n[stdout]\n\n[stderr]\nno"
            in (status["message"])
        )


async def test_only_the_last_4096_bytes_of_each_stream_are_told(azure: Azure) -> None:
    azure.guests.answers = {"loud": GuestResult(0, "x" * 5000 + "é", "y" * 9000, "executed")}
    admin = await operator(azure)
    _, _, headers = await admin.ask("POST", f"{WEB}/runCommand", command("loud"))
    (status,) = await result(azure, headers)
    out, _, err = status["message"].partition("[stdout]\n")[2].partition("\n[stderr]\n")
    assert (len(out.encode()), out[-1], len(err)) == (4096, "é", 4096)


async def test_windows_tells_its_streams_apart(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, "", **WINDOWS)) as azure:
        azure.guests.answers = {"Get-Date": GuestResult(0, "today", "warned", "executed")}
        admin = await operator(azure)
        body = command("Get-Date", commandId=POWERSHELL)
        _, _, headers = await admin.ask("POST", f"{WEB}/runCommand", body)
        told = await result(azure, headers)
        assert [(each["code"], each["message"]) for each in told] == [
            ("ComponentStatus/StdOut/succeeded", "today"),
            ("ComponentStatus/StdErr/succeeded", "warned"),
        ]
        status, told, _ = await admin.ask("POST", f"{WEB}/runCommand", command("ls"))
        assert (status, told["error"]["message"]) == (
            409,
            "Run command OS type 'Linux' does not match the target OS Windows.",
        )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "InvalidParameter")),
        ({"commandId": SHELL}, (400, "InvalidParameter")),
        ({"commandId": "RunShell", "script": ["a"]}, (404, "NotFound")),
        ({"commandId": POWERSHELL, "script": ["a"]}, (409, "Conflict")),
        ({"commandId": SHELL, "script": "a"}, (400, "InvalidRequestContent")),
        ({"commandId": SHELL, "script": ["a"], "parameters": {"a": 1}},
         (400, "InvalidRequestContent")),
    ],
)  # fmt: skip
async def test_what_is_no_command_is_refused(
    azure: Azure, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    admin = await operator(azure)
    assert await admin.refused("POST", f"{WEB}/runCommand", body) == expected
    assert not [what for what, _ in azure.guests.heard if what == "run"]


async def test_a_vm_that_is_off_or_gone_runs_nothing(azure: Azure) -> None:
    admin = await operator(azure)
    missing = WEB.replace("web1", "none")
    refused = await admin.refused("POST", f"{missing}/runCommand", command("a"))
    assert refused == (404, "ResourceNotFound")
    await admin.ask("POST", f"{WEB}/deallocate")
    refused = await admin.refused("POST", f"{WEB}/runCommand", command("a"))
    assert refused == (409, "OperationNotAllowed")
    never = WEB.replace("web1", "dead1")
    _, _, headers = await admin.ask("POST", f"{never}/restart")
    await done(azure, headers)
    _, _, headers = await admin.ask("POST", f"{never}/runCommand", command("a"))
    told = await done(azure, headers)
    assert told["error"]["code"] == "VMAgentStatusCommunicationError"


async def test_the_agent_gets_named_and_positional_parameters(azure: Azure) -> None:
    admin = await operator(azure)
    parameters = [{"name": "arg1", "value": "it's"}, {"name": "", "value": "b c"}]
    seen = "export arg1='it'\"'\"'s'\nset -- 'b c'\necho $arg1 $1"
    azure.guests.answers = {seen: GuestResult(0, "ok", "", "executed")}
    body = command("echo $arg1 $1", parameters=parameters)
    _, _, headers = await admin.ask("POST", f"{WEB}/runCommand", body)
    (status,) = await result(azure, headers)
    assert "[stdout]\nok" in status["message"]

    path = f"{WEB}/runCommands/managed"
    secret = [{"name": "password", "value": "hush"}]
    given = {
        "source": {"script": "echo $arg1"},
        "parameters": parameters[:1],
        "protectedParameters": secret,
    }
    body = {"location": "eastus", "properties": given}
    _, _, headers = await admin.ask("PUT", path, body)
    await done(azure, headers)
    assert ("run", "export arg1='it'\"'\"'s'\nexport password=hush\necho $arg1") in (
        azure.guests.heard
    )
    shown = await azure.get(path, **{"$expand": "instanceView"})
    assert shown["properties"]["parameters"] == parameters[:1]
    assert shown["properties"]["source"] == {"script": "echo $arg1"}
    assert "hush" not in str(shown)


def test_windows_gets_its_parameters_as_variables() -> None:
    seen = with_parameters("Get-It", [{"name": "who", "value": "O'Hara"}], "windows")
    assert seen == "$who = 'O''Hara'\nGet-It"
    assert with_parameters("as is", [], "windows") == "as is"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, (400, "InvalidParameter")),
        ({"source": {"script": ["a"]}}, (400, "InvalidRequestContent")),
        ({"source": {"script": "a", "commandId": SHELL}},
         (400, "InvalidParameterConflictingProperties")),
        ({"source": {"scriptUri": "https://example.com/a"}}, (501, "NotImplemented")),
        ({"source": {"script": "a"}, "timeoutInSeconds": "soon"}, (400, "InvalidRequestContent")),
        ({"source": {"script": "a"}, "parameters": ["a"]}, (400, "InvalidRequestContent")),
    ],
)  # fmt: skip
async def test_a_managed_command_that_cannot_be_is_refused(
    azure: Azure, properties: dict[str, Any], expected: tuple[int, str]
) -> None:
    admin = await operator(azure)
    body = {"location": "eastus", "properties": properties}
    assert await admin.refused("PUT", f"{WEB}/runCommands/x", body) == expected


async def test_an_unknown_document_is_not_found(azure: Azure) -> None:
    admin = await operator(azure)
    refused = await admin.refused("GET", f"{LOCATIONS}/eastus/runCommands/Fly")
    assert refused == (404, "NotFound")
