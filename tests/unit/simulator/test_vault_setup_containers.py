"""Protection containers: made, paired, counted; and how set-up is taken down in order."""

from __future__ import annotations

from datetime import timedelta

from .conftest import CONTAINER, CONTAINER_ID, FABRIC, ITEMS, VAULT, Azure
from .test_site_recovery import instant
from .vault_setup import (
    EAST,
    MAPPINGS,
    NEW,
    SOURCE,
    TARGET,
    become_operator,
    capital,
    done,
    ended,
    mapping,
    paired,
    two_fabrics,
)


async def test_a_container_is_bare_until_it_is_paired(azure: Azure) -> None:
    await become_operator(azure)
    await two_fabrics(azure)
    job = await done(azure, "PUT", SOURCE, {"properties": {}})  # as PowerShell sends it
    took = instant(job["endTime"]) - instant(job["startTime"])
    assert took < timedelta(seconds=1)
    assert (job["scenarioName"], job["targetInstanceType"]) == (
        "CreateCloud",
        "ProtectionContainer",
    )
    assert [task["taskId"] for task in job["tasks"]] == [
        "CreateCloudPreflightChecksTask",
        "CreateCloudTask",
    ]
    assert job["customDetails"]["affectedObjectDetails"]["primaryVmmName"] == "East US"
    body = await azure.get(SOURCE)
    assert body["properties"] == {
        "fabricFriendlyName": "East US",
        "friendlyName": "source",
        "fabricType": "Azure",
        "protectedItemCount": 0,
        "pairingStatus": "NotPaired",
        "role": "",
        "fabricSpecificDetails": None,
    }
    assert set(body) == {"id", "name", "type", "properties"}
    inside = (await azure.get(EAST))["properties"]["customDetails"]["containerIds"]
    assert inside == [capital(f"{EAST}/replicationProtectionContainers/{job['targetObjectId']}")]


async def test_roles_follow_the_mappings(azure: Azure) -> None:
    await become_operator(azure)
    await paired(azure)

    async def role(path: str) -> tuple[str, str]:
        told = (await azure.get(path))["properties"]
        return told["pairingStatus"], told["role"]

    assert await role(SOURCE) == ("Paired", "Primary")
    assert await role(TARGET) == ("Paired", "Recovery")
    # The way back changes nothing: the first mapping decides.
    await done(azure, "PUT", f"{TARGET}/{MAPPINGS}/back", mapping(SOURCE))
    assert (await role(SOURCE), await role(TARGET)) == (
        ("Paired", "Primary"),
        ("Paired", "Recovery"),
    )
    await done(azure, "DELETE", f"{SOURCE}/{MAPPINGS}/there")
    assert (await role(SOURCE), await role(TARGET)) == (
        ("Paired", "Recovery"),
        ("Paired", "Primary"),
    )
    await done(azure, "DELETE", f"{TARGET}/{MAPPINGS}/back")
    assert await role(TARGET) == ("NotPaired", "")


async def test_containers_are_listed_by_fabric_and_by_vault(azure: Azure) -> None:
    in_fabric = await azure.get(
        f"{VAULT}/replicationFabrics/{FABRIC}/replicationProtectionContainers"
    )
    assert [each["name"] for each in in_fabric["value"]] == [CONTAINER]
    assert in_fabric["value"][0] == await azure.get(CONTAINER_ID)
    assert in_fabric["value"][0]["properties"]["protectedItemCount"] == len(ITEMS)
    everywhere = await azure.get(f"{VAULT}/replicationProtectionContainers")
    assert len(everywhere["value"]) == 2
    roles = [each["properties"]["role"] for each in everywhere["value"]]
    assert sorted(roles) == ["Primary", "Recovery"]


async def test_casing_of_a_path_does_not_matter(azure: Azure) -> None:
    assert await azure.get(CONTAINER_ID.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/")) == (
        await azure.get(CONTAINER_ID)
    )


async def test_set_up_is_taken_down_in_order(azure: Azure) -> None:
    await become_operator(azure)
    await paired(azure)
    job = await done(azure, "POST", f"{SOURCE}/remove")
    assert job["state"] == "Failed"
    assert "cannot be removed" in job["errors"][0]["serviceErrorDetails"]["message"]
    job = await done(azure, "POST", f"{EAST}/remove", {})
    assert job["state"] == "Failed"
    assert "source" in job["errors"][0]["serviceErrorDetails"]["possibleCauses"]

    status, _, headers = await azure.ask("POST", f"{SOURCE}/{MAPPINGS}/there/remove", {})
    assert status == 202
    job = await ended(azure, headers)
    assert (job["state"], job["scenarioName"]) == ("Succeeded", "DissociateProtectionProfile")
    assert (await azure.ask("GET", headers["Location"]))[0] == 204
    job = await done(azure, "POST", f"{SOURCE}/remove")
    assert job["state"] == "Succeeded"
    assert (await azure.ask("GET", SOURCE))[0] == 404
    job = await done(azure, "POST", f"{EAST}/remove")
    assert (job["state"], job["scenarioName"], job["friendlyName"]) == (
        "Succeeded",
        "UnregisterFabric",
        "Delete server",
    )
    assert (await azure.ask("GET", EAST))[0] == 404
    assert len((await azure.get(f"{NEW}/replicationFabrics"))["value"]) == 1


async def test_protected_items_keep_their_fabric_and_container(azure: Azure) -> None:
    await become_operator(azure)
    source = f"{VAULT}/replicationFabrics/{FABRIC}"
    for method, path in (
        ("DELETE", source),
        ("POST", f"{source}/remove"),
        ("POST", f"{CONTAINER_ID}/remove"),
    ):
        job = await done(azure, method, path)
        assert job["state"] == "Failed", path
    assert (await azure.get(CONTAINER_ID))["properties"]["protectedItemCount"] == 4
