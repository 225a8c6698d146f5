"""Resource groups: made, changed, deleted with what is in them."""

from __future__ import annotations

import pytest

from .asked import COMPUTE, GROUP, NETWORK, nic, operator, vm
from .conftest import SUBSCRIPTION, Azure


async def test_a_resource_group_comes_and_goes_with_what_is_in_it(azure: Azure) -> None:
    operator = await azure.as_("operator")
    group = f"{SUBSCRIPTION}/resourceGroups/rg-new"
    body = {"location": "westus2", "tags": {"for": "test"}}
    assert (await azure.ask("PUT", group, body, token=operator))[0] == 201
    assert (await azure.ask("PUT", group, body, token=operator))[0] == 200
    assert (await azure.ask("HEAD", group))[0] == 204
    table = f"{group}/providers/Microsoft.Network/routeTables/rt"
    assert (await azure.ask("PUT", table, body, token=operator))[0] == 201
    status, _, headers = await azure.ask("DELETE", group, token=operator)
    assert (status, "operationresults" in headers["Location"]) == (202, True)
    while (await azure.ask("HEAD", group))[0] != 404:
        pass
    assert (await azure.ask("GET", table))[1]["error"]["code"] == "ResourceGroupNotFound"


async def test_the_client_tags_a_group_and_finds_it_by_its_tag(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.ask("PATCH", GROUP, {"tags": {"for": "drills"}})
    client = await azure.resources()
    found = client.resource_groups.list(filter="tagName eq 'for' and tagValue eq 'drills'")
    assert [each.name async for each in found] == ["rg-asr"]
    assert (await client.resource_groups.get("rg-asr")).tags == {"for": "drills"}
    assert await client.resource_groups.check_existence("rg-asr")


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("rg-x", {}, (400, "LocationRequired")),
        ("rg-x", {"location": "atlantis"}, (400, "LocationNotAvailableForResourceType")),
        ("rg-x.", {"location": "westus2"}, (400, "InvalidResourceGroup")),
        ("rg!x", {"location": "westus2"}, (400, "InvalidResourceGroup")),
        ("rg-asr", {"location": "eastus"}, (409, "InvalidResourceGroupLocation")),
    ],
)
async def test_a_group_that_cannot_be_is_refused(
    azure: Azure, name: str, body: dict[str, str], expected: tuple[int, str]
) -> None:
    admin = await operator(azure)
    path = f"{SUBSCRIPTION}/resourceGroups/{name}"
    assert await admin.refused("PUT", path, body) == expected


async def test_a_group_takes_its_machines_with_it_and_frees_what_they_had(azure: Azure) -> None:
    admin = await operator(azure)
    group = f"{SUBSCRIPTION}/resourceGroups/rg-new"
    await admin.ask("PUT", group, {"location": "westus2"})
    await admin.put(f"{NETWORK}/networkInterfaces/card", nic())
    machine = f"{group}/providers/Microsoft.Compute/virtualMachines/new"
    await admin.put(machine, vm(f"{NETWORK}/networkInterfaces/card"))
    status, _, _ = await admin.ask("DELETE", group)
    assert status == 202
    late = f"{group}/providers/Microsoft.Network/routeTables/late"
    refused = await admin.refused("PUT", late, {"location": "westus2"})
    assert refused == (409, "ResourceGroupBeingDeleted")
    while (await azure.ask("HEAD", group))[0] != 404:
        pass
    card = await azure.get(f"{NETWORK}/networkInterfaces/card")
    assert "virtualMachine" not in card["properties"]
    assert ("off", "new") in azure.guests.heard
    assert (await azure.ask("GET", f"{COMPUTE}/virtualMachines"))[1]["value"] == []
