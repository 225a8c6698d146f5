"""Managed run-commands: scripts in VMs, and what became of them."""

from __future__ import annotations

import asyncio

from azure.mgmt.compute.aio import ComputeManagementClient

from muster.simulator.compute.commands import ended
from muster.simulator.guests.contract import GuestResult
from muster.simulator.store import packed

from .conftest import CONTAINER_ID, ITEMS, SUBSCRIPTION, TARGET, Azure
from .still_world import StillWorld
from .test_taking_back import TEST

APP = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines"
COPY = f"{TARGET}/Microsoft.Compute/virtualMachines/web1-test"


def command(script: str, **more: object) -> dict[str, object]:
    return {"location": "westus2", "properties": {"source": {"script": script}} | more}


async def ready_copy(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("web1"))
    await azure.until(
        f"{COPY}/instanceView",
        lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
    )


async def test_a_script_runs_in_the_copy_and_tells_what_became_of_it(azure: Azure) -> None:
    await ready_copy(azure)
    azure.guests.answers = {"echo hello": GuestResult(0, "hello\n", "", "executed")}
    client = await azure.client(ComputeManagementClient)
    commands = client.virtual_machine_run_commands
    poller = await commands.begin_create_or_update(
        "rg-asr", "web1-test", "greet", command("echo hello"), polling_interval=0.05
    )
    await poller.result()

    told = await commands.get_by_virtual_machine(
        "rg-asr", "web1-test", "greet", expand="instanceView"
    )

    view = told.instance_view
    assert (view.execution_state, view.exit_code, view.output) == ("Succeeded", 0, "hello\n")
    assert view.end_time >= view.start_time
    await (
        await commands.begin_delete("rg-asr", "web1-test", "greet", polling_interval=0.05)
    ).result()
    left = await azure.get(f"{COPY}/runCommands")
    assert left["value"] == []


async def test_a_failing_script_is_not_a_failed_operation(azure: Azure) -> None:
    await ready_copy(azure)
    azure.guests.answers = {"false": GuestResult(3, "", "no", "executed")}
    path = f"{COPY}/runCommands/fails"
    status, body, headers = await azure.ask("PUT", path, command("false"))
    assert (status, body["properties"]["provisioningState"]) == (201, "Creating")
    assert "instanceView" not in body["properties"]
    await azure.until(headers["Azure-AsyncOperation"], lambda told: told["status"] == "Succeeded")
    view = (await azure.get(path, **{"$expand": "instanceView"}))["properties"]["instanceView"]
    assert (view["executionState"], view["exitCode"], view["error"]) == ("Failed", 3, "no")


async def test_a_script_that_takes_too_long_times_out(azure: Azure) -> None:
    await ready_copy(azure)
    azure.guests.holding = asyncio.Event()
    path = f"{COPY}/runCommands/slow"
    await azure.ask("PUT", path, command("sleep", timeoutInSeconds=30, asyncExecution=True))
    shown = await azure.get(path, **{"$expand": "instanceView"})
    assert shown["properties"]["instanceView"]["executionState"] == "Running"
    assert shown["properties"]["provisioningState"] == "Succeeded"  # asyncExecution
    ended = await azure.until(
        path,
        lambda body: body["properties"]["instanceView"]["executionState"] != "Running",
        **{"$expand": "instanceView"},
    )
    assert ended["properties"]["instanceView"]["executionState"] == "TimedOut"


async def test_a_script_for_a_machine_that_never_boots_fails(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("dead1"))
    path = f"{TARGET}/Microsoft.Compute/virtualMachines/dead1-test/runCommands/hello"
    status, _, headers = await azure.ask("PUT", path, command("echo hello"))
    assert status == 201
    told = await azure.until(
        headers["Azure-AsyncOperation"], lambda body: body["status"] != "InProgress"
    )
    assert told["error"]["code"] == "VMAgentStatusCommunicationError"
    view = (await azure.get(path, **{"$expand": "instanceView"}))["properties"]["instanceView"]
    assert view["executionState"] == "Failed"
    assert ("run", "echo hello") not in azure.guests.heard


async def test_only_the_last_4_kilobytes_of_output_are_kept(azure: Azure) -> None:
    await ready_copy(azure)
    azure.guests.answers = {"loud": GuestResult(0, "x" * 5000 + "end", "", "executed")}
    path = f"{COPY}/runCommands/loud"
    _, _, headers = await azure.ask("PUT", path, command("loud"))
    await azure.until(headers["Azure-AsyncOperation"], lambda told: told["status"] == "Succeeded")
    view = (await azure.get(path, **{"$expand": "instanceView"}))["properties"]["instanceView"]
    assert len(view["output"]) == 4096
    assert view["output"].endswith("end")


async def test_the_drill_may_not_run_scripts_in_production(azure: Azure) -> None:
    status, body, _ = await azure.ask("PUT", f"{APP}/web1/runCommands/x", command("rm"))
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
    assert ("run", "rm") not in azure.guests.heard


def test_a_secret_parameter_reaches_the_guest_and_is_forgotten_at_the_end() -> None:
    still = StillWorld()
    item = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['dead1']}"
    still.ask("POST", f"{item}/testFailover", TEST)
    still.settle()
    secret = {"protectedParameters": [{"name": "key", "value": "a-secret-value"}]}
    silent = f"{TARGET}/Microsoft.Compute/virtualMachines/dead1-test"  # its agent never answers
    for vm in (f"{APP}/web1", silent):
        body = {"source": {"script": "true"}} | secret
        assert still.ask("PUT", f"{vm}/runCommands/x", body).status == 201
    (key,) = still.world.runs
    kept = still.world.table("commands")
    assert kept[key]["runs"] == "export key=a-secret-value\ntrue"
    assert packed(kept).count(b"a-secret-value") == 2  # a script that is cut off runs again
    still.settle()
    assert packed(kept).count(b"a-secret-value") == 1
    run = kept[key]["run"]
    ended(still.world, key, run, exit_code=0, output="", error="", timed_out=False)
    assert b"a-secret-value" not in packed(still.world.state)
