"""VMs, run-commands and runbook jobs."""

from __future__ import annotations

import asyncio
import uuid

from azure.mgmt.automation.aio import AutomationClient
from azure.mgmt.compute.aio import ComputeManagementClient

from muster.simulator.guests.contract import GuestResult

from .conftest import SUBSCRIPTION, TARGET, Azure

APP = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines"
ACCOUNT = (
    f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.Automation/automationAccounts/aa"
)
COPY = f"{TARGET}/Microsoft.Compute/virtualMachines/web1-test"


def command(script: str, **more: object) -> dict[str, object]:
    return {"location": "westus2", "properties": {"source": {"script": script}} | more}


async def ready_copy(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("web1"))
    await azure.until(
        f"{COPY}/instanceView",
        lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
    )


async def test_production_is_up_from_the_start(azure: Azure) -> None:
    client = await azure.client(ComputeManagementClient)
    vm = await client.virtual_machines.get("rg-app", "Sql1", expand="instanceView")
    codes = [status.code for status in vm.instance_view.statuses]
    assert codes == ["ProvisioningState/succeeded", "PowerState/running"]
    assert vm.instance_view.vm_agent.statuses[0].display_status == "Ready"
    assert [each.name async for each in client.virtual_machines.list("rg-app")] == [
        "bad1", "dead1", "Sql1", "web1",
    ]  # fmt: skip
    assert {("on", "sql1"), ("on", "dead1")} <= set(azure.guests.heard)


async def test_a_machine_is_deallocated_and_started_again(azure: Azure) -> None:
    operator = await azure.as_("operator")
    status, _, headers = await azure.ask("POST", f"{APP}/web1/deallocate", token=operator)
    assert status == 202
    await azure.until(headers["Azure-AsyncOperation"], lambda told: told["status"] == "Succeeded")
    view = await azure.get(f"{APP}/web1/instanceView")
    assert view["statuses"][1]["code"] == "PowerState/deallocated"
    assert "vmAgent" not in view
    assert ("off", "web1") in azure.guests.heard

    await azure.ask("POST", f"{APP}/web1/start", token=operator)
    await azure.until(
        f"{APP}/web1/instanceView",
        lambda body: (
            body.get("vmAgent", {}).get("statuses", [{}])[0].get("displayStatus") == "Ready"
        ),
    )
    assert azure.guests.heard.count(("on", "web1")) == 2


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


async def test_a_runbook_job_goes_its_way_and_shows_the_parameters_it_got(
    slow_azure: Azure,
) -> None:
    azure = slow_azure
    client = await azure.client(AutomationClient)
    name = str(uuid.uuid4())
    context = '{"FailoverType":"Test"}'
    parameters = {"RecoveryPlanContext": context}
    given = {"properties": {"runbook": {"name": "Register"}, "parameters": parameters}}
    job = await client.job.create("rg-dr", "aa", name, given)
    assert job.properties.status == "New"
    path = f"{ACCOUNT}/jobs/{name}"
    seen: list[str] = []

    def ended(body: dict[str, dict[str, str]]) -> bool:
        seen.append(body["properties"]["status"])
        return seen[-1] in ("Completed", "Failed")

    told = (await azure.get(path))["properties"]
    assert told["creationTime"].endswith("+00:00")
    body = await azure.until(path, ended)
    assert "Running" in seen
    assert body["properties"]["status"] == "Completed"
    output = (await azure.ask("GET", f"{path}/output"))[1]
    assert output.startswith("got ")
    assert "FailoverType" in output
    streams = (await azure.get(f"{path}/streams"))["value"]
    assert [row["properties"]["streamType"] for row in streams] == ["Output"]
    full = await azure.get(streams[0]["id"])
    assert full["properties"]["streamText"] == output


async def test_a_runbook_that_fails_says_why(azure: Azure) -> None:
    path = f"{ACCOUNT}/jobs/{uuid.uuid4()}"
    body = {"properties": {"runbook": {"name": "Broken"}}}
    assert (await azure.ask("PUT", path, body))[0] == 201
    assert (await azure.ask("PUT", path, body))[0] == 409  # never twice
    told = await azure.until(path, lambda body: body["properties"]["endTime"] is not None)
    assert (told["properties"]["status"], told["properties"]["exception"]) == (
        "Failed",
        "It broke.",
    )


async def test_a_runbook_that_is_not_there_starts_no_job(azure: Azure) -> None:
    path = f"{ACCOUNT}/jobs/{uuid.uuid4()}"
    status, _, _ = await azure.ask("PUT", path, {"properties": {"runbook": {"name": "None"}}})
    assert status == 404
    names = [row["name"] for row in (await azure.get(f"{ACCOUNT}/runbooks"))["value"]]
    assert names == ["Broken", "Register"]
