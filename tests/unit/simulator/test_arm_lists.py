"""ARM's lists: filters, pages, and what goes on where a page ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.mgmt.compute.aio import ComputeManagementClient

from .asked import GROUP, operator, world_with
from .conftest import SUBSCRIPTION, TARGET, Azure, running

ALL = f"{SUBSCRIPTION}/resources"
DISK = "resourceType eq 'Microsoft.Compute/disks'"
NET = "resourceType eq 'Microsoft.Network/virtualNetworks'"


async def names(azure: Azure, wanted: str) -> set[str]:
    return {row["name"] for row in (await azure.get(ALL, **{"$filter": wanted}))["value"]}


# A world says the tags of a VM once, for its disks and cards, too.
TAGGED = {"Sql1", "Sql1-data", "Sql1-nic", "Sql1-osdisk"}


async def test_resources_are_filtered_by_everything_arm_filters_by(azure: Azure) -> None:
    assert await names(azure, NET) == {"vnet", "vnet-asr", "drill", "hub"}
    both = await names(azure, f"{NET} or {DISK}")
    assert {"drill", "Sql1-data"} <= both
    assert not any("nic" in name for name in both)
    assert await names(azure, f"{NET} and location eq 'westus2'") == {"vnet-asr", "drill"}
    assert await names(azure, f"{NET} and location eq 'West US 2'") == {"vnet-asr", "drill"}
    assert await names(azure, f"{NET} and resourceGroup eq 'RG-APP'") == {"vnet", "hub"}
    assert await names(azure, f"({NET}) and substringof('vnet', name)") == {"vnet", "vnet-asr"}
    assert await names(azure, f"{NET} and name ne 'hub'") == {"vnet", "vnet-asr", "drill"}
    assert await names(azure, "tagName eq 'tier' and tagValue eq 'data'") == TAGGED
    assert await names(azure, "tagName eq 'tier' and tagValue eq 'web'") == set()
    assert await names(azure, "tagName eq 'tier'") == TAGGED
    assert await names(azure, "tagValue eq 'data'") == TAGGED


@pytest.mark.parametrize(
    "wanted",
    [
        "colour eq 'red'",
        "name eq red",
        "name eq",
        "name is 'x'",
        "(name eq 'x'",
        "name eq 'x' name eq 'y'",
        "name eq 'x' and",
        "name eq 'x' ; drop",
        "(" * 500,
    ],
)
async def test_what_is_no_filter_is_refused(azure: Azure, wanted: str) -> None:
    status, told, _ = await azure.ask("GET", ALL, **{"$filter": wanted})
    assert (status, told["error"]["code"]) == (400, "InvalidFilterInQueryString")


async def test_a_quote_in_a_filter_is_written_twice(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.ask("PATCH", GROUP, {"tags": {"owner": "O'Hara"}})
    rows = await azure.get(
        f"{SUBSCRIPTION}/resourceGroups",
        **{"$filter": "tagName eq 'owner' and tagValue eq 'O''Hara'"},
    )
    assert [row["name"] for row in rows["value"]] == ["rg-asr"]


async def test_top_makes_pages_and_the_client_walks_them(azure: Azure) -> None:
    first = await azure.get(ALL, **{"$top": "3"})
    assert len(first["value"]) == 3
    assert "%24top" in first["nextLink"] or "$top" in first["nextLink"]
    seen = list(first["value"])
    link = first["nextLink"]
    while link:
        page = await azure.get(link)
        seen += page["value"]
        link = page["nextLink"]
    whole = (await azure.get(ALL))["value"]
    assert seen == whole
    client = await azure.resources()
    walked = [each.id async for each in client.resources.list(top=2)]
    assert walked == [row["id"] for row in whole]
    for bad in ("0", "-1", "many"):
        status, told, _ = await azure.ask("GET", ALL, **{"$top": bad})
        assert (status, told["error"]["code"]) == (400, "InvalidTopInQueryString")


async def test_a_page_size_is_a_setting_and_a_lost_row_loses_no_other(tmp_path: Path) -> None:
    world = world_with(tmp_path, "settings: {page_size: 2}")
    async with running(tmp_path / "state", world) as azure:
        admin = await operator(azure)
        client = await azure.client(ComputeManagementClient)
        found = [each.name async for each in client.virtual_machines.list("rg-app")]
        assert found == ["bad1", "dead1", "Sql1", "web1"]
        path = f"{TARGET}/Microsoft.Compute/disks"
        first = await azure.get(path)
        assert len(first["value"]) == 2
        await admin.delete(first["value"][0]["id"])
        rest = await azure.get(first["nextLink"])
        whole = [row["name"] for row in first["value"] + rest["value"]]
        assert len(set(whole)) == len(whole) == 4
        status, told, _ = await azure.ask("GET", f"{path}?api-version=2024-05-01&$skiptoken=zzz")
        assert (status, told["error"]["code"]) == (400, "InvalidSkipToken")


async def test_created_time_and_state_are_told_when_asked_for(azure: Azure) -> None:
    (row,) = (
        await azure.get(
            ALL, **{"$filter": "name eq 'hub'", "$expand": "createdTime,provisioningState"}
        )
    )["value"]
    assert row["provisioningState"] == "Succeeded"
    assert row["createdTime"].endswith("Z")


async def test_resources_are_listed_by_type(azure: Azure) -> None:
    path = f"{SUBSCRIPTION}/resourceGroups/rg-asr/resources"
    networks = await azure.get(
        path, **{"$filter": "resourceType eq 'Microsoft.Network/virtualNetworks'"}
    )
    assert [row["name"] for row in networks["value"]] == ["drill", "vnet-asr"]
    assert networks["nextLink"] is None
    assert "properties" not in networks["value"][0]
    assert len((await azure.get(path, **{"$top": "1"}))["value"]) == 1
    everywhere = await azure.get(f"{SUBSCRIPTION}/providers/Microsoft.Network/virtualNetworks")
    assert {row["name"] for row in everywhere["value"]} == {"drill", "hub", "vnet", "vnet-asr"}
    status, body, _ = await azure.ask("GET", path, **{"$filter": "colour eq 'red'"})
    assert (status, body["error"]["code"]) == (400, "InvalidFilterInQueryString")


async def test_replica_disks_are_there_from_the_start(azure: Azure) -> None:
    disks = await azure.get(f"{TARGET}/Microsoft.Compute/disks")
    assert "Sql1-data-ASRReplica" in [row["name"] for row in disks["value"]]
