"""Container mappings: made, changed, removed, refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import CONTAINER_ID, SUBSCRIPTION, Azure, running
from .test_site_recovery import changed, instant
from .vault_setup import (
    A2A_CONTAINER,
    MAPPINGS,
    NEW,
    POLICY,
    SOURCE,
    TARGET,
    WEST,
    become_operator,
    capital,
    done,
    ended,
    mapping,
    paired,
    policy,
    two_fabrics,
)

THERE = f"{SOURCE}/{MAPPINGS}/there"
ACCOUNT = (
    f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.Automation/automationAccounts/aa"
)


async def test_a_mapping_pairs_two_containers_by_a_policy(azure: Azure) -> None:
    await become_operator(azure)
    await two_fabrics(azure)
    for path, body in ((SOURCE, A2A_CONTAINER), (TARGET, A2A_CONTAINER), (POLICY, policy())):
        await done(azure, "PUT", path, body)
    job = await done(azure, "PUT", THERE, mapping())
    assert await azure.get(THERE) == {
        "id": capital(THERE),
        "name": "there",
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics"
        f"/replicationProtectionContainers/{MAPPINGS}",
        "properties": {
            "targetProtectionContainerId": capital(TARGET),
            "targetProtectionContainerFriendlyName": "target",
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "agentAutoUpdateStatus": "Disabled",
                "automationAccountAuthenticationType": "RunAsAccount",
                "automationAccountArmId": None,
                "scheduleName": None,
                "jobScheduleName": None,
            },
            "health": "Normal",
            "healthErrorDetails": [],
            "policyId": capital(POLICY),
            "state": "Paired",
            "sourceProtectionContainerFriendlyName": "source",
            "sourceFabricFriendlyName": "East US",
            "targetFabricFriendlyName": "West US 2",
            "policyFriendlyName": "daily",
        },
    }
    took = instant(job["endTime"]) - instant(job["startTime"])
    assert timedelta(seconds=62) < took < timedelta(seconds=78)
    assert (job["scenarioName"], job["friendlyName"], job["targetInstanceType"]) == (
        "AssociateProtectionProfile",
        "Associate replication policy",
        "ProtectionProfile",
    )
    assert [task["name"] for task in job["tasks"]] == [
        "CloudPairingPrerequisitesCheck",
        "CloudPairingPrepareSite",
        "CloudPairingPrepareCloud",
        "CloudPairingPairClouds",
    ]
    affected = job["customDetails"]["affectedObjectDetails"]
    assert (affected["primaryCloudName"], affected["recoveryCloudName"]) == ("source", "target")
    assert (affected["primaryVmmName"], affected["recoveryVmmName"]) == ("East US", "West US 2")
    inside = (await azure.get(WEST))["properties"]["customDetails"]["containerIds"]
    assert inside[0].endswith(affected["recoveryCloudId"])
    policy_job = (await azure.get(f"{NEW}/replicationJobs"))["value"][1]["properties"]
    assert policy_job["scenarioName"] == "AddProtectionProfile"
    assert policy_job["targetObjectId"] == job["targetObjectId"]


async def test_mappings_of_a_container_are_those_in_both_directions(azure: Azure) -> None:
    await become_operator(azure)
    await paired(azure)
    for container in (SOURCE, TARGET):
        listed = await azure.get(f"{container}/{MAPPINGS}")
        assert [each["name"] for each in listed["value"]] == ["there"], container
    await done(azure, "PUT", f"{TARGET}/{MAPPINGS}/back", mapping(SOURCE))
    assert len((await azure.get(f"{SOURCE}/{MAPPINGS}"))["value"]) == 2
    assert len((await azure.get(f"{NEW}/{MAPPINGS}"))["value"]) == 2
    assert (await azure.get(f"{TARGET}/{MAPPINGS}/back"))["id"] == capital(
        f"{TARGET}/{MAPPINGS}/back"
    )


async def test_who_updates_the_agents_can_be_changed(azure: Azure) -> None:
    await become_operator(azure)
    await paired(azure)

    async def patched(**given: Any) -> tuple[Any, Any]:
        body = {"properties": {"providerSpecificInput": {"instanceType": "A2A"} | given}}
        job = await done(azure, "PATCH", THERE, body)
        return job, (await azure.get(THERE))["properties"]["providerSpecificDetails"]

    job, told = await patched(
        agentAutoUpdateStatus="enabled",
        automationAccountArmId=ACCOUNT,
        automationAccountAuthenticationType="SystemAssignedIdentity",
    )
    assert job["state"] == "Succeeded"
    assert told["agentAutoUpdateStatus"] == "Enabled"
    assert told["automationAccountArmId"] == ACCOUNT
    assert told["automationAccountAuthenticationType"] == "SystemAssignedIdentity"
    assert told["scheduleName"]
    assert told["jobScheduleName"]
    job, told = await patched(agentAutoUpdateStatus="Disabled")
    assert (told["agentAutoUpdateStatus"], told["scheduleName"]) == ("Disabled", None)
    assert told["automationAccountArmId"] == ACCOUNT  # left out, so left alone
    job, _ = await patched(automationAccountArmId=f"{ACCOUNT}x")
    assert job["state"] == "Failed"
    assert "automation account" in job["errors"][0]["serviceErrorDetails"]["message"]


@pytest.mark.parametrize("refusal", ["failed_job", "conflict", "bad_request"])
async def test_what_a_mapping_cannot_lead_to_is_refused_as_the_setting_says(
    tmp_path: Path, refusal: str
) -> None:
    async with running(tmp_path / "state", changed(tmp_path, refusal=refusal)) as azure:
        await become_operator(azure)
        await paired(azure)
        for path, body, says in (
            (f"{THERE}2", mapping(by=f"{POLICY}x"), "policy 'dailyx' was not found"),
            (f"{THERE}2", mapping(f"{TARGET}x"), "container 'targetx' was not found"),
            (f"{THERE}2", mapping(SOURCE), "cannot be paired with itself"),
            (THERE, mapping(agentAutoUpdateStatus="Enabled"), "exists already"),
        ):
            status, told, headers = await azure.ask("PUT", path, body)
            assert status == {"failed_job": 202, "conflict": 409, "bad_request": 400}[refusal]
            if status == 202:
                job = await ended(azure, headers)
                assert job["state"] == "Failed"
                told = {"error": job["errors"][0]["serviceErrorDetails"]}
            assert says in told["error"]["message"]
        assert len((await azure.get(f"{NEW}/{MAPPINGS}"))["value"]) == 1
        assert (await done(azure, "PUT", THERE, mapping()))["state"] == "Succeeded"


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"policyId": None}, "'policyId' is missing"),
        ({"targetProtectionContainerId": " "}, "'targetProtectionContainerId' is missing"),
        ({"providerSpecificInput": None}, "'providerSpecificInput' is missing"),
        ({"providerSpecificInput": {"instanceType": "VMwareCbt"}}, "has to be 'A2A'"),
        (
            {"providerSpecificInput": {"instanceType": "A2A", "agentAutoUpdateStatus": "often"}},
            "one of Disabled, Enabled",
        ),
        (
            {"providerSpecificInput": {"instanceType": "A2A", "automationAccountArmId": 7}},
            "has to be an id",
        ),
    ],
)
async def test_bad_mappings_are_answered_at_once(azure: Azure, properties: Any, says: str) -> None:
    await become_operator(azure)
    path = f"{CONTAINER_ID}/{MAPPINGS}/bad"
    body = {"properties": mapping()["properties"] | properties}
    status, told, _ = await azure.ask("PUT", path, body)
    assert (status, told["error"]["code"]) == (400, "BadRequest")
    assert says in told["error"]["message"]
    status, told, _ = await azure.ask("PUT", f"{CONTAINER_ID}x/{MAPPINGS}/m", mapping())
    assert (status, told["error"]["code"]) == (404, "NotFound")


async def test_a_mapping_that_items_are_protected_by_stays(azure: Azure) -> None:
    await become_operator(azure)
    there = f"{CONTAINER_ID}/{MAPPINGS}/eastus-westus2-24-hour-retention-policy"
    for method, path in (("POST", f"{there}/remove"), ("DELETE", there)):
        job = await done(azure, method, path)
        assert (job["state"], job["scenarioName"]) == ("Failed", "DissociateProtectionProfile")
        assert "still protected by it" in job["errors"][0]["serviceErrorDetails"]["possibleCauses"]
    assert (await azure.get(there))["properties"]["state"] == "Paired"
    assert (await azure.ask("DELETE", f"{there}x"))[0] == 204
    assert (await azure.ask("POST", f"{there}x/remove", {}))[0] == 404
