"""Fabrics: made, checked, refused, purged."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import CONTAINER_ID, Azure, running
from .test_site_recovery import changed, instant
from .vault_setup import (
    EAST,
    MAPPINGS,
    NEW,
    SOURCE,
    TARGET,
    WEST,
    become_operator,
    capital,
    done,
    ended,
    fabric,
    new_vault,
    paired,
    two_fabrics,
)


async def test_a_fabric_is_called_as_its_region_and_has_no_containers_yet(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    await done(azure, "PUT", EAST, fabric("East US"))
    body = await azure.get(EAST)
    assert body["id"] == capital(EAST)
    assert body["name"] == "east"
    properties = body["properties"]
    assert (properties["friendlyName"], properties["bcdrState"]) == ("East US", "Valid")
    assert properties["health"] == "Normal"
    assert properties["customDetails"] == {
        "instanceType": "Azure",
        "location": "eastus",
        "containerIds": [],
        "zones": [],
    }


async def test_the_making_of_a_fabric_shows_as_a_job_that_cannot_be_cancelled(
    slow_azure: Azure,
) -> None:
    azure = slow_azure
    await become_operator(azure)
    await new_vault(azure)
    status, text, headers = await azure.ask("PUT", EAST, fabric())
    assert (status, text) == (202, "")
    assert "/replicationFabrics/east/operationresults/" in headers["Location"]
    job_id = headers["x-ms-request-id"]
    assert (await azure.ask("GET", EAST))[0] == 404  # not before its job is over
    going = await azure.until(job_id, lambda job: job["properties"]["state"] == "InProgress")
    assert going["properties"]["allowedActions"] == []
    assert [task["state"] for task in going["properties"]["tasks"]] == ["InProgress"]
    assert "endTime" not in going["properties"]

    job = await ended(azure, headers)
    assert (job["state"], job["scenarioName"], job["friendlyName"]) == (
        "Succeeded",
        "CreateSite",
        "Create a site",
    )
    took = instant(job["endTime"]) - instant(job["startTime"])
    assert timedelta(seconds=64) < took < timedelta(seconds=71)
    task = job["tasks"][0]
    assert (task["taskId"], task["friendlyName"]) == ("RegisterVMMTask", "Registering the server")
    assert instant(task["endTime"]) - instant(task["startTime"]) < timedelta(seconds=1)
    guid = (await azure.get(EAST))["properties"]["internalIdentifier"]
    assert (job["targetInstanceType"], job["targetObjectId"]) == ("Server", guid)
    assert job["targetObjectName"] == "east"
    assert job["customDetails"] == {
        "instanceType": "AsrJobDetails",
        "affectedObjectDetails": {
            "primaryVmmId": guid,
            "primaryVmmName": "east",
            "primaryFabricProviderId": "Azure",
        },
    }
    result = await azure.get(headers["Location"])
    assert result == await azure.get(EAST)


async def test_a_purge_takes_all_that_lies_in_a_fabric_or_leads_into_it(azure: Azure) -> None:
    await become_operator(azure)
    await paired(azure)
    job = await done(azure, "DELETE", WEST)
    took = instant(job["endTime"]) - instant(job["startTime"])
    assert job["state"] == "Succeeded"
    assert took < timedelta(seconds=3)
    for path in (WEST, TARGET, f"{SOURCE}/{MAPPINGS}/there"):
        assert (await azure.ask("GET", path))[0] == 404, path
    assert (await azure.get(SOURCE))["properties"]["pairingStatus"] == "NotPaired"
    assert (await azure.ask("DELETE", WEST))[0] == 204


async def test_a_fabric_is_checked_and_what_only_servers_know_is_refused(azure: Azure) -> None:
    await become_operator(azure)
    await two_fabrics(azure)
    job = await done(azure, "POST", f"{EAST}/checkConsistency")
    assert (job["state"], job["targetInstanceType"]) == ("Succeeded", "Server")
    for path in (
        f"{EAST}/renewCertificate",
        f"{EAST}/reassociateGateway",
        f"{EAST}/migratetoaad",
        f"{EAST}/removeInfra",
        f"{CONTAINER_ID}/discoverProtectableItem",
    ):
        status, told, _ = await azure.ask("POST", path, {"properties": {}})
        error = told["error"]
        assert (status, error["code"]) == (400, "BadRequest"), path
        assert "fabrics of type 'Azure'" in error["message"]
        assert set(error["details"][0]) == {
            "code",
            "message",
            "possibleCauses",
            "recommendedAction",
            "clientRequestId",
            "activityId",
        }


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        (EAST, {"properties": {}}, "'customDetails' is missing"),
        (EAST, {"properties": {"customDetails": {"instanceType": "VMwareV2"}}}, "'Azure'"),
        (EAST, {"properties": {"customDetails": {"instanceType": "Azure"}}}, "'location'"),
        (EAST, fabric("atlantis"), "'atlantis' is not an Azure region"),
        (EAST, {"properties": "none"}, "has to be an object"),
        (
            f"{WEST}/replicationProtectionContainers/c",
            {"properties": {"providerSpecificInput": {"instanceType": "A2A"}}},
            "has to be a list",
        ),
        (
            f"{WEST}/replicationProtectionContainers/c",
            {"properties": {"providerSpecificInput": [{"instanceType": "VMwareCbt"}]}},
            "has to be 'A2A'",
        ),
    ],
)
async def test_bad_input_is_answered_at_once(
    azure: Azure, path: str, body: Any, says: str
) -> None:
    await become_operator(azure)
    await new_vault(azure)
    await done(azure, "PUT", WEST, fabric("westus2"))
    status, told, _ = await azure.ask("PUT", path, body)
    assert status == 400, told
    assert says in told["error"]["message"]
    assert len((await azure.get(f"{NEW}/replicationJobs"))["value"]) == 1


async def test_a_fabric_that_is_not_there_has_a_404_of_its_own(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    for method, path in (
        ("GET", EAST),
        ("GET", f"{EAST}/replicationProtectionContainers"),
        ("GET", SOURCE),
        ("PUT", SOURCE),
        ("POST", f"{EAST}/remove"),
        ("GET", f"{EAST}/replicationNetworks"),
        ("GET", f"{EAST}/replicationRecoveryServicesProviders"),
    ):
        status, told, _ = await azure.ask(method, path, {})
        assert (status, told["error"]["code"]) == (404, "NotFound"), path
        assert told["error"]["message"] == "Fabric with name east could not be located."
        assert told["error"]["details"][0]["code"] == "FabricArmEntityMissing"
    for path in (f"{CONTAINER_ID}x", f"{CONTAINER_ID}x/replicationProtectableItems"):
        status, told, _ = await azure.ask("GET", path)
        assert (status, told["error"]["details"][0]["code"]) == (404, "ArmResourceDoesNotExist")


@pytest.mark.parametrize(
    ("refusal", "status"), [("failed_job", 202), ("conflict", 409), ("bad_request", 400)]
)
async def test_how_a_taken_name_is_refused_is_a_setting(
    tmp_path: Path, refusal: str, status: int
) -> None:
    async with running(tmp_path / "state", changed(tmp_path, refusal=refusal)) as azure:
        await become_operator(azure)
        await new_vault(azure)
        await done(azure, "PUT", EAST, fabric("eastus"))
        got, told, headers = await azure.ask("PUT", EAST, fabric("westus2"))
        assert got == status
        if status == 202:
            job = await ended(azure, headers)
            assert (job["state"], job["scenarioName"]) == ("Failed", "CreateSite")
            message = job["errors"][0]["serviceErrorDetails"]["message"]
        else:
            message = told["error"]["message"]
        assert message == "The fabric 'east' exists already, for another region."
        assert (await azure.get(EAST))["properties"]["friendlyName"] == "East US"
        # The same once more is no other.
        assert (await done(azure, "PUT", EAST, fabric("eastus")))["state"] == "Succeeded"


async def test_nothing_is_done_to_what_is_being_made(slow_azure: Azure) -> None:
    azure = slow_azure
    await become_operator(azure)
    await two_fabrics(azure)
    other = f"{NEW}/replicationFabrics/north"
    _, _, headers = await azure.ask("PUT", other, fabric("northeurope"))
    second = await done(azure, "PUT", other, fabric("northeurope"))
    assert second["state"] == "Failed"
    assert "'CreateSite' is in progress" in second["errors"][0]["serviceErrorDetails"]["message"]
    assert (await ended(azure, headers))["state"] == "Succeeded"
