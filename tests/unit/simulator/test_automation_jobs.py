"""Runbook jobs: stopped, suspended, resumed, listed; and runbooks that come and go."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.automation.aio import AutomationClient

from .asked import operator, world_with
from .conftest import SUBSCRIPTION, Azure, running

ACCOUNT = (
    f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.Automation/automationAccounts/aa"
)
WAITS = {
    "- {name: Broken,": "- {name: Waits, activate: 5s, run: 10s, result: suspended, "
    "output: half}\n"
    "      - {name: Long, activate: 5s, run: 1h, output: all}\n      - {name: Broken,"
}


async def begun(azure: Azure, runbook: str) -> str:
    path = f"{ACCOUNT}/jobs/{uuid.uuid4()}"
    body = {"properties": {"runbook": {"name": runbook}, "parameters": {"a": "b"}}}
    assert (await azure.ask("PUT", path, body))[0] == 201
    return path


async def until(azure: Azure, path: str, *statuses: str) -> Any:
    """The job's properties once it is in one of these."""
    body = await azure.until(path, lambda body: body["properties"]["status"] in statuses)
    return body["properties"]


async def test_a_job_is_suspended_and_goes_on_where_it_was(tmp_path: Path) -> None:
    world = world_with(tmp_path, "", **WAITS)
    async with running(tmp_path / "state", world, speed=3600.0) as azure:
        admin = await operator(azure)
        path = await begun(azure, "Long")
        await until(azure, path, "Running")
        assert (await admin.ask("POST", f"{path}/suspend"))[0] == 200
        told = await until(azure, path, "Suspended")
        assert (told["provisioningState"], told["exception"]) == ("Suspended", None)
        assert (await azure.ask("GET", f"{path}/output"))[1] == ""
        assert await admin.refused("POST", f"{path}/suspend") == (400, "BadRequest")
        assert (await admin.ask("POST", f"{path}/resume"))[0] == 200
        told = await until(azure, path, "Running", "Completed")
        first_start = told["startTime"]
        told = await until(azure, path, "Completed")
        assert told["startTime"] == first_start
        assert (await azure.ask("GET", f"{path}/output"))[1] == "all"
        assert await admin.refused("POST", f"{path}/resume") == (400, "BadRequest")


async def test_a_job_is_stopped_and_wrote_nothing(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, "", **WAITS)) as azure:
        admin = await operator(azure)
        path = await begun(azure, "Long")
        assert (await admin.ask("POST", f"{path}/stop"))[0] == 200
        told = await until(azure, path, "Stopped")
        assert told["endTime"].endswith("+00:00")
        assert (await azure.ask("GET", f"{path}/output"))[1] == ""
        assert (await azure.get(f"{path}/streams"))["value"] == []
        assert await admin.refused("POST", f"{path}/stop") == (400, "BadRequest")


async def test_a_runbook_that_waits_for_a_person_completes_when_resumed(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, "", **WAITS)) as azure:
        admin = await operator(azure)
        path = await begun(azure, "Waits")
        told = await until(azure, path, "Suspended")
        assert told["endTime"] is not None
        assert (await azure.ask("GET", f"{path}/output"))[1] == "half"
        assert (await admin.ask("POST", f"{path}/resume"))[0] == 200
        told = await until(azure, path, "Completed")
        assert told["exception"] is None


async def test_the_client_lists_jobs_by_status_and_reads_their_streams(azure: Azure) -> None:
    client = await azure.client(AutomationClient)
    failed, good = await begun(azure, "Broken"), await begun(azure, "Register")
    await until(azure, failed, "Failed")
    await until(azure, good, "Completed")
    jobs = [
        each async for each in client.job.list_by_automation_account(
            "rg-dr", "aa", filter="properties/status eq 'Failed'"
        )
    ]  # fmt: skip
    assert [each.name for each in jobs] == [failed.rpartition("/")[2]]
    name = good.rpartition("/")[2]
    job = await client.job.get("rg-dr", "aa", name)
    assert (job.properties.status, job.properties.parameters) == ("Completed", {"a": "b"})
    streams = [each async for each in client.job_stream.list_by_job("rg-dr", "aa", name)]
    assert [each.properties.stream_type for each in streams] == ["Output"]
    (row,) = (await azure.get(f"{failed}/streams", **{"$filter": "streamType eq 'Error'"}))[
        "value"
    ]
    full = await azure.get(row["id"])
    assert full["properties"]["streamText"] == "It broke."
    assert await client.runbook.get("rg-dr", "aa", "Register")


@pytest.mark.parametrize(
    "properties",
    [
        {"runbook": "Register"},
        {"runbook": {"name": "Register"}, "parameters": {"a": 1}},
        {"runbook": {"name": "Register"}, "parameters": [1]},
        {"runbook": {"name": 7}},
    ],
)
async def test_a_job_that_cannot_be_is_refused(azure: Azure, properties: dict[str, Any]) -> None:
    status, _, _ = await azure.ask("PUT", f"{ACCOUNT}/jobs/x", {"properties": properties})
    assert status == 400
    assert (await azure.get(f"{ACCOUNT}/jobs"))["value"] == []


async def test_a_runbook_is_drafted_published_run_and_deleted(azure: Azure) -> None:
    admin = await operator(azure)
    path = f"{ACCOUNT}/runbooks/Fresh"
    body = {"location": "westus2", "properties": {"runbookType": "PowerShell72", "draft": {}}}
    status, told, _ = await admin.ask("PUT", path, body)
    assert (status, told["properties"]["state"]) == (201, "New")
    job = {"properties": {"runbook": {"name": "Fresh"}}}
    refused = await admin.refused("PUT", f"{ACCOUNT}/jobs/one", job)
    assert refused == (400, "BadRequest")  # never published
    status, _, headers = await admin.ask("POST", f"{path}/publish")
    assert status == 202
    shown = await azure.get(headers["Location"])
    assert shown["properties"]["state"] == "Published"
    done = await begun(azure, "Fresh")
    await until(azure, done, "Completed")
    assert (await azure.get(path))["properties"]["jobCount"] == 1
    status, told, _ = await admin.ask("PUT", path, body)
    assert (status, told["properties"]["state"]) == (200, "Edit")
    assert (await admin.ask("DELETE", path))[0] == 200
    assert await admin.refused("GET", path) == (404, "NotFound")
    bad = body | {"properties": {"runbookType": "Cobol"}}
    assert await admin.refused("PUT", path, bad) == (400, "BadRequest")


async def test_the_client_reads_accounts_and_runbooks(azure: Azure) -> None:
    admin = await operator(azure)
    client = await azure.client(AutomationClient)
    account = await client.automation_account.get("rg-dr", "aa")
    assert (account.state, account.location) == ("Ok", "westus2")
    new = f"{ACCOUNT}2"
    assert (await admin.ask("PUT", new, {"location": "westus2"}))[0] == 201
    found = [each.name async for each in client.automation_account.list_by_resource_group("rg-dr")]
    assert found == ["aa", "aa2"]
    books = client.runbook.list_by_automation_account("rg-dr", "aa")
    rows = {each.name: each.state async for each in books}
    assert rows == {"Broken": "Published", "Register": "Published"}
    with pytest.raises(HttpResponseError, match="was not found"):
        await client.runbook.get("rg-dr", "aa", "None")


async def test_schedules_are_not_modelled_and_say_so(azure: Azure) -> None:
    admin = await operator(azure)
    for kind in ("schedules", "jobSchedules", "webhooks"):
        refused = await admin.refused("GET", f"{ACCOUNT}/{kind}")
        assert refused == (501, "NotImplemented")


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
