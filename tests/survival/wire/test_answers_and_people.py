"""Scenarios of answers that are told otherwise, and of somebody who interferes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from muster.simulator.faults.file import known
from tests.survival.wire import test_calls, test_jobs_and_copies
from tests.survival.wire.client import Client, client_in
from tests.survival.wire.shown import SHOWN, shows
from tests.unit.simulator.planning import Plans, group, manual, runbook


async def plan_in(client: Client) -> Any:
    """A recovery plan of two groups with actions, as it is read back."""
    plans = Plans(client.azure)
    ends = [manual("b"), manual("c"), manual("d"), runbook("e")]
    groups = [group("Sql1", end=ends), group("web1", start=[manual("s")])]
    await plans.make(*groups)
    return (await plans.shown())["groups"]


@shows("F12", "F13", "F14")
@pytest.mark.parametrize("scenario", ["F12", "F13", "F14"])
async def test_a_recovery_plan_is_not_read_as_it_was_written(
    scenario: str, tmp_path: Path
) -> None:
    async with client_in(scenario, tmp_path) as client:
        groups = await plan_in(client)
        boots = [one for one in groups if one["groupType"] == "Boot"]
        told = [action for one in groups for action in one["endGroupActions"]]
        names = [action["actionName"] for action in told]
        assert sorted(names) == ["b", "c", "d", "e"]
        if scenario == "F12":
            assert not any("failoverTypes" in action for action in told)
        elif scenario == "F13":
            assert [len(one["endGroupActions"]) for one in boots] == [0, 0]
        else:
            assert names != ["b", "c", "d", "e"] or groups[0]["groupType"] == "Boot"
        assert await client.fired() >= 1


@shows("F15")
async def test_ids_come_back_in_another_case(tmp_path: Path) -> None:
    async with client_in("F15", tmp_path) as client:

        async def told() -> str:
            return str((await client.azure.get(client.item_path))["id"])

        plain = await client.until(told, lambda found: "/replicationFabrics/" in found)
        other = await client.until(told, lambda found: "/replicationFabrics/" not in found)
        assert plain.swapcase() == other


@shows("F18")
async def test_a_job_ends_before_it_began(tmp_path: Path) -> None:
    async with client_in("F18", tmp_path) as client:
        job = await client.azure.failover_test(client.vm)
        told = await client.until(lambda: client.job(job), lambda one: one.state == "Succeeded")
        assert told.end_time < told.start_time


@shows("F20")
async def test_a_truth_value_comes_as_a_text(tmp_path: Path) -> None:
    async with client_in("F20", tmp_path) as client:
        told = (await client.azure.item(client.vm))["providerSpecificDetails"]
        assert told["isReplicationAgentUpdateRequired"] == "false"


@shows("F46")
async def test_sentinels_stand_for_what_is_not_there(tmp_path: Path) -> None:
    async with client_in("F46", tmp_path) as client:
        item = await client.item()
        assert item.current_scenario.start_time.year == 1753
        assert item.provider_specific_details.last_rpo_calculated_time.year == 1753


@shows("F47")
async def test_operations_are_those_of_another_kind(tmp_path: Path) -> None:
    async with client_in("F47", tmp_path) as client:
        assert "TestFailoverProtectionCluster" in (await client.item()).allowed_operations


@shows("F4")
async def test_a_copy_of_an_earlier_time_stands_in_the_way(tmp_path: Path) -> None:
    async with client_in("F4", tmp_path) as client:
        old = await client.compute.virtual_machines.get("rg-asr", f"{client.vm}-test")
        job = await client.azure.failover_test(client.vm)
        ended = await client.azure.job_ended(job)
        assert ended["state"] == "Failed"
        there = await client.compute.virtual_machines.get("rg-asr", f"{client.vm}-test")
        assert there.properties.vm_id == old.properties.vm_id


@shows("F5")
async def test_a_test_failover_is_under_way_already(tmp_path: Path) -> None:
    async with client_in("F5", tmp_path) as client:
        assert (await client.item()).test_failover_state != "None"
        (job,) = await client.jobs()
        assert job.properties.target_object_name.lower() == client.vm.lower()


@shows("F33")
async def test_a_disk_is_added_that_is_not_protected(tmp_path: Path) -> None:
    async with client_in("F33", tmp_path) as client:
        source = await client.compute.virtual_machines.get("rg-app", client.vm)
        names = [disk.name for disk in source.properties.storage_profile.data_disks]
        assert f"{client.vm}-unprotected" in names
        details = (await client.item()).provider_specific_details
        protected = [disk.disk_name for disk in details.protected_managed_disks]
        assert f"{client.vm}-unprotected" not in protected


@shows("F36")
async def test_the_source_is_gone(tmp_path: Path) -> None:
    async with client_in("F36", tmp_path) as client:

        async def is_there() -> bool:
            try:
                await client.compute.virtual_machines.get("rg-app", client.vm)
            except ResourceNotFoundError:
                return False
            return True

        assert not await client.until(is_there, lambda there: not there)
        assert (await client.item()).friendly_name == client.vm


@shows("F49")
async def test_the_network_is_opened_under_the_copies(tmp_path: Path) -> None:
    async with client_in("F49", tmp_path) as client:
        await client.is_copied()
        story = (await client.faults())["story"]
        # The small world's drill network has no security group: the story says what came of it.
        assert any("/securityRules/somebody-opens: " in told["what"] for told in story)


@shows("test-settings")
async def test_the_items_own_settings_win(tmp_path: Path) -> None:
    async with client_in("test-settings", tmp_path) as client:
        own = client.azure.settings["MUSTER_SUBSCRIPTION"]
        copy = await client.is_copied()
        nic = copy.properties.network_profile.network_interfaces[0].id
        config = (await client.azure.get(nic))["properties"]["ipConfigurations"][0]
        assert "/vnet-asr/" in config["properties"]["subnet"]["id"]
        assert own in config["properties"]["subnet"]["id"]


@shows("quota")
async def test_usages_are_at_their_limits(tmp_path: Path) -> None:
    async with client_in("quota", tmp_path) as client:
        rows = [row async for row in client.compute.usage.list("westus2")]
        assert rows
        assert all(row.current_value >= row.limit for row in rows)


@shows("policy", "lock")
@pytest.mark.parametrize(("scenario", "status"), [("policy", 403), ("lock", 409)])
async def test_azure_forbids_what_a_drill_makes_or_deletes(
    scenario: str, status: int, tmp_path: Path
) -> None:
    async with client_in(scenario, tmp_path) as client:
        group_path = client.copy.partition("/providers/")[0]
        url = f"{group_path}/providers/Microsoft.Network/virtualNetworks/new"
        network = {
            "location": "westus2",
            "properties": {"addressSpace": {"addressPrefixes": ["10.77.0.0/16"]}},
        }
        if scenario == "lock":
            await client.is_copied()
        first = (await client.azure.ask("PUT", url, network))[0]
        then = (await client.azure.ask("DELETE", url))[0] if scenario == "lock" else first
        assert then == status


def test_every_scenario_is_shown_on_the_wire() -> None:
    assert test_calls is not test_jobs_and_copies  # both are read by now, and have noted theirs
    assert sorted(SHOWN) == sorted(known())
