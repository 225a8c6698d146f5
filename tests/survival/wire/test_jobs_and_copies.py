"""Scenarios of jobs and of what they make: failed, stuck, cancelled, otherwise than asked for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.survival.wire.client import TEST_FAILOVER, client_in
from tests.survival.wire.shown import shows
from tests.unit.simulator.life import Operator, enable_body
from tests.unit.simulator.test_item_round_trip import SWITCH, committed, switch_body


@shows("F3")
async def test_a_cleanup_that_succeeds_leaves_everything_behind(tmp_path: Path) -> None:
    async with client_in("F3", tmp_path) as client:
        copy = await client.is_copied()
        poller = await client.clean_up()
        await poller.result()
        (job,) = await client.jobs("TestFailoverCleanup")
        assert job.properties.state == "Succeeded"
        left = await client.compute.virtual_machines.get("rg-asr", copy.name)
        assert left.vm_id == copy.vm_id
        disk = copy.properties.storage_profile.os_disk.managed_disk.id.rpartition("/")[2]
        assert (await client.compute.disks.get("rg-asr", disk)).name
        item = await client.until(client.item, lambda one: one.test_failover_state == "None")
        assert "TestFailover" in item.allowed_operations


FAILURES = {
    "F22": "BookmarkNotFound",
    "F25": "28031",
    "job-failed": "150019",
}


@shows("F22", "F25", "job-failed")
@pytest.mark.parametrize(("scenario", "code"), FAILURES.items())
async def test_a_test_failover_fails_in_site_recoverys_words(
    scenario: str, code: str, tmp_path: Path
) -> None:
    async with client_in(scenario, tmp_path) as client:
        poller = await client.test_failover()
        with pytest.raises(HttpResponseError) as caught:
            await poller.result()
        assert caught.value.error.code == code
        (job,) = await client.jobs()
        whole = await client.job(job.name)
        assert whole.state == "Failed"
        assert [one.service_error_details.code for one in whole.errors] == [code]
        assert await client.fired() == 1


@shows("F32")
async def test_a_reprotect_fails(tmp_path: Path) -> None:
    async with client_in("F32", tmp_path) as client:
        operator = Operator(client.azure, client.azure.token)
        await committed(operator)
        job = await operator.job(await operator.act(SWITCH, await switch_body(operator)))
        assert job["errors"][0]["serviceErrorDetails"]["code"] == "151195"
        assert (await operator.item("web1"))["protectionState"] == "UnplannedFailoverCommitted"


@shows("F35")
async def test_replication_cannot_be_enabled(tmp_path: Path) -> None:
    async with client_in("F35", tmp_path) as client:
        operator = Operator(client.azure, client.azure.token)
        cache = await operator.cache_in("rg-app", "eastus")
        await operator.did("web1", "", None, "DELETE")
        begun = await operator.act(operator.path("web1"), enable_body("web1", cache), "PUT")
        job = await operator.job(begun)
        assert job["errors"][0]["serviceErrorDetails"]["code"] == "150052"


@shows("job-stuck")
async def test_a_job_never_ends(tmp_path: Path) -> None:
    async with client_in("job-stuck", tmp_path, speed=3600) as client:
        job = await client.azure.failover_test(client.vm)

        async def hours() -> float:
            told = await client.job(job)
            assert told.state == "InProgress"
            async with client.azure.http.get(
                client.azure.settings["MUSTER_SIMULATOR_CONTROL"] + "/health"
            ) as answer:
                now = (await answer.json())["azure_time"]
            return (_instant(now) - told.start_time.timestamp()) / 3600

        assert await client.until(hours, lambda passed: passed > 2) > 2
        assert (await client.item()).test_failover_state == "InProgress"


def _instant(text: str) -> float:
    return datetime.fromisoformat(f"{text[:19]}+00:00").timestamp()


@shows("cancelled")
async def test_somebody_cancels_and_the_sdk_polls_for_ever(tmp_path: Path) -> None:
    async with client_in("cancelled", tmp_path) as client:
        _, _, headers = await client.azure.ask(
            "POST", f"{client.item_path}/testFailover", TEST_FAILOVER
        )
        job = headers["x-ms-request-id"].rpartition("/")[2]
        await client.until(lambda: client.job(job), lambda one: one.state == "Cancelled")
        status = await client.azure.get(headers["Azure-AsyncOperation"])
        assert status["status"] == "Cancelled"  # which is no end for azure-core


@shows("cleanup-failed")
async def test_a_cleanup_fails_once(tmp_path: Path) -> None:
    async with client_in("cleanup-failed", tmp_path) as client:
        await client.is_copied()
        first = await client.clean_up()
        with pytest.raises(HttpResponseError) as caught:
            await first.result()
        assert caught.value.error.code == "150097"
        assert (await client.item()).test_failover_state == "WaitingForCompletion"
        await (await client.clean_up()).result()
        with pytest.raises(ResourceNotFoundError):
            await client.compute.virtual_machines.get("rg-asr", f"{client.vm}-test")


@shows("F26", "F27", "F30", "F31", "F38")
@pytest.mark.parametrize("scenario", ["F26", "F27", "F30", "F31", "F38"])
async def test_a_copy_comes_up_otherwise_than_was_asked_for(scenario: str, tmp_path: Path) -> None:
    async with client_in(scenario, tmp_path) as client:
        source = await client.compute.virtual_machines.get("rg-app", client.vm)
        copy = await client.is_copied()
        told = copy.properties
        where = await client.address_of(copy)
        if scenario == "F26":
            assert told.hardware_profile.vm_size == "Standard_D4s_v5"
            assert told.hardware_profile.vm_size != source.properties.hardware_profile.vm_size
        elif scenario == "F27":
            assert where.subnet == "alpha"
        elif scenario == "F30":
            assert where.address != (await client.address_of(source)).address
        elif scenario == "F31":
            assert told.provisioning_state == "Failed"
        else:
            view = await client.compute.virtual_machines.instance_view("rg-asr", copy.name)
            agent = view.vm_agent
            assert agent is None or agent.statuses[0].display_status != "Ready"
        assert await client.fired() == 1


@shows("F8")
async def test_a_runbook_starts_half_an_hour_late(tmp_path: Path) -> None:
    async with client_in("F8", tmp_path, speed=3600) as client:
        path = client.item_path.partition("/Microsoft.RecoveryServices/")[0]
        url = f"{path}/Microsoft.Automation/automationAccounts/aa/jobs/one"
        body = {"properties": {"runbook": {"name": "Register"}}}
        made = (await client.azure.ask("PUT", url, body))[1]
        ended = await client.azure.until(
            url, lambda told: told["properties"]["status"] == "Completed"
        )
        waited = _instant(ended["properties"]["startTime"]) - _instant(
            made["properties"]["creationTime"]
        )
        assert 1800 <= waited < 1900


@shows("F23", "F24", "F45")
@pytest.mark.parametrize(
    ("scenario", "rpo", "youngest"),
    [("F23", 4500, 4500), ("F24", None, 420), ("F45", 8646, 8646)],
)
async def test_replication_is_further_behind_than_it_says(
    scenario: str, rpo: int | None, youngest: float, tmp_path: Path
) -> None:
    async with client_in(scenario, tmp_path) as client:
        item = await client.item()
        details = item.provider_specific_details
        points = [
            point.properties.recovery_point_time.timestamp()
            async for point in client.asr.recovery_points.list_by_replication_protected_items(
                *client.where
            )
        ]
        now = details.last_rpo_calculated_time.timestamp()
        assert points
        assert now - max(points) >= youngest - 120
        if rpo is not None:
            assert details.rpo_in_seconds == rpo
        assert item.replication_health == ("Critical" if scenario == "F23" else "Normal")
