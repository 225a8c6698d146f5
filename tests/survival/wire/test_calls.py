"""Scenarios of single calls: refused, lost, held up, cut off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from azure.core.exceptions import (
    DecodeError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from tests.survival.wire.client import Client, client_in
from tests.survival.wire.shown import shows

LOST = (ServiceRequestError, ServiceResponseError)


@shows("F1", "lost-and-late")
@pytest.mark.parametrize("scenario", ["F1", "lost-and-late"])
async def test_the_answer_is_lost_and_the_job_is_there(scenario: str, tmp_path: Path) -> None:
    async with client_in(scenario, tmp_path) as client:
        with pytest.raises(LOST):
            await client.test_failover()
        late = scenario == "lost-and-late"
        first = await client.jobs()
        jobs = await client.until(client.jobs, bool)
        assert len(jobs) == 1
        assert (first == []) == late
        assert await client.fired() == 1


@shows("F2")
async def test_a_cleanup_is_done_though_nobody_heard_of_it(tmp_path: Path) -> None:
    async with client_in("F2", tmp_path) as client:
        await client.is_copied()
        with pytest.raises(LOST):
            await client.clean_up()
        ended = await client.until(
            client.item, lambda item: item.test_failover_state in ("None", "MarkedForDeletion")
        )
        assert ended.protection_state == "Protected"


@shows("F16", "F17")
@pytest.mark.parametrize(
    ("scenario", "method", "path", "status", "code"),
    [
        ("F16", "GET", "replicationFabrics/none", 400, "SubscriptionIdNotRegisteredWithSrs"),
        (
            "F17",
            "PUT",
            "{fabric}/replicationProtectionContainers/new",
            404,
            "FabricArmEntityMissing",
        ),
    ],
)
async def test_the_wrong_refusal(
    scenario: str, method: str, path: str, status: int, code: str, tmp_path: Path
) -> None:
    async with client_in(scenario, tmp_path) as client:
        fabric = client.item_path.partition("/replicationProtectionContainers/")[0]
        vault = fabric.partition("/replicationFabrics/")[0]
        url = path.format(fabric=fabric) if "{" in path else f"{vault}/{path}"
        body = {"properties": {"providerSpecificInput": [{"instanceType": "A2A"}]}}
        told, answer, _ = await client.azure.ask(method, url, body)
        assert (told, answer["error"]["code"]) == (status, code)
        if scenario == "F17":  # and the third time it works
            await client.azure.ask(method, url, body)
            assert (await client.azure.ask(method, url, body))[0] == 202


@shows("F19")
async def test_the_operation_cannot_be_followed_and_the_job_can(tmp_path: Path) -> None:
    async with client_in("F19", tmp_path) as client:
        poller = await client.test_failover()
        with pytest.raises(HttpResponseError) as caught:
            await poller.result()
        assert caught.value.status_code == 404
        ended = await client.until(
            client.jobs, lambda jobs: jobs[0].properties.state == "Succeeded"
        )
        assert len(ended) == 1


@shows("F11", "F37")
@pytest.mark.parametrize("scenario", ["F11", "F37"])
async def test_what_was_moved_is_not_there(scenario: str, tmp_path: Path) -> None:
    async with client_in(scenario, tmp_path) as client:
        if scenario == "F37":
            with pytest.raises(ResourceNotFoundError):
                await client.item()
        else:
            path = client.item_path.partition("/Microsoft.RecoveryServices/")[0]
            url = f"{path}/Microsoft.Automation/automationAccounts/aa"
            assert (await client.azure.ask("GET", url))[0] == 404
            assert (await client.item()).protection_state == "Protected"
        assert await client.fired() == 1


@shows("F21", "storm")
@pytest.mark.parametrize("scenario", ["F21", "storm"])
async def test_too_many_requests(scenario: str, tmp_path: Path) -> None:
    async with client_in(scenario, tmp_path, speed=60.0) as client:
        with pytest.raises(HttpResponseError) as caught:
            await client.until(client.jobs, lambda _: False)
        assert caught.value.status_code == 429
        assert caught.value.error.code == "SubscriptionRequestsThrottled"
        assert int(caught.value.response.headers["Retry-After"]) >= 1
        assert await client.fired() >= 1


@shows("5xx")
async def test_azure_fails_now_and_then(tmp_path: Path) -> None:
    async with client_in("5xx", tmp_path) as client:
        seen = set()
        while seen < {500, 503, 504}:
            try:
                await client.item()
            except HttpResponseError as err:
                seen.add(err.status_code)
        assert seen == {500, 503, 504}


@shows("reset")
async def test_connections_break_before_and_after_the_act(tmp_path: Path) -> None:
    async with client_in("reset", tmp_path) as client:
        lost = 0
        for _ in range(60):
            try:
                await client.item()
            except LOST:
                lost += 1
        before, after = await client.fired(1), await client.fired(2)
        assert min(before, after) >= 1
        assert 1 <= lost <= before + after  # aiohttp sends a GET once more by itself


@shows("hang", "slow")
@pytest.mark.parametrize("scenario", ["hang", "slow"])
async def test_nobody_answers_for_a_while(scenario: str, tmp_path: Path) -> None:
    async with client_in(scenario, tmp_path, speed=5.0) as client:
        with pytest.raises(TimeoutError):
            await client.until(lambda: asyncio.wait_for(client.jobs(), 3), lambda _: False)
        assert await client.fired() == 1


@shows("truncated", "html", "empty")
@pytest.mark.parametrize("scenario", ["truncated", "html", "empty"])
async def test_a_body_is_not_what_it_should_be(scenario: str, tmp_path: Path) -> None:
    async with client_in(scenario, tmp_path) as client:
        with pytest.raises((DecodeError, ValueError, ServiceResponseError)):
            await client.until(client.jobs, lambda _: False)
        assert sum([rule["fired"] for rule in (await client.faults())["rules"]]) >= 1


@shows("poll-404")
async def test_a_job_that_is_listed_is_not_found_at_first(tmp_path: Path) -> None:
    async with client_in("poll-404", tmp_path, speed=20.0) as client:
        job = await client.azure.failover_test(client.vm)
        (listed,) = await client.until(client.jobs, bool)  # a list tells jobs that have started
        assert listed.name == job
        with pytest.raises(ResourceNotFoundError):
            await client.job(job)
        assert await told(client, job) in ("InProgress", "Succeeded")
        assert await client.fired() == 4


@shows("list-lag")
async def test_a_job_that_was_accepted_is_told_two_minutes_later(tmp_path: Path) -> None:
    async with client_in("list-lag", tmp_path, speed=20.0) as client:
        job = await client.azure.failover_test(client.vm)
        accepted = await client.now()
        with pytest.raises(ResourceNotFoundError):
            await client.job(job)
        assert await client.jobs() == []
        assert await told(client, job) in ("InProgress", "Succeeded")
        assert await client.now() - accepted >= 110
        assert [each.name for each in await client.jobs()] == [job]


async def told(client: Client, job: str) -> str:
    """The state of a job as soon as it is found."""

    async def state() -> str:
        try:
            return str((await client.job(job)).state)
        except ResourceNotFoundError:
            return ""

    return await client.until(state, bool)


@shows("F9")
async def test_run_command_is_busy_and_then_silent(tmp_path: Path) -> None:
    async with client_in("F9", tmp_path) as client:
        command = {"location": "eastus", "properties": {"source": {"script": "promote"}}}
        commands = client.compute.virtual_machine_run_commands

        async def sent(name: str) -> None:
            await commands.begin_create_or_update("rg-app", client.vm, name, command)

        for _ in range(2):
            with pytest.raises(ResourceExistsError) as caught:
                await sent("one")
            assert "is in progress" in str(caught.value)
        await sent("one")
        await sent("two")

        async def state(name: str) -> str:
            found = await commands.get_by_virtual_machine(
                "rg-app", client.vm, name, expand="instanceView"
            )
            return str(found.instance_view.execution_state.value)

        await client.until(lambda: state("two"), lambda told: told not in ("Pending", "Running"))
        assert await state("one") == "Running"


@shows("token-expiry")
async def test_tokens_live_for_seconds(tmp_path: Path) -> None:
    async with client_in("token-expiry", tmp_path) as client:
        token = await client.azure.as_("operator")

        async def status() -> int:
            return (await client.azure.ask("GET", client.item_path, token=token))[0]

        assert await status() == 200
        assert await client.until(status, lambda told: told != 200) == 401
