"""Replication policies: made, changed, deleted, and what A2A does not take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import CONTAINER_ID, ITEMS, VAULT, Azure, running
from .test_site_recovery import changed, instant
from .vault_setup import (
    NEW,
    POLICY,
    become_operator,
    capital,
    done,
    ended,
    new_vault,
    paired,
    policy,
)

WORLD_POLICY = f"{VAULT}/replicationPolicies/24-hour-retention-policy"


def settings(**terms: Any) -> Any:
    return {"properties": {"replicationProviderSettings": {"instanceType": "A2A"} | terms}}


async def test_a_policy_has_no_defaults_but_those_of_the_api(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    job = await done(azure, "PUT", POLICY, policy())
    assert await azure.get(POLICY) == {
        "id": capital(POLICY),
        "name": "daily",
        "type": "Microsoft.RecoveryServices/vaults/replicationPolicies",
        "properties": {
            "friendlyName": "daily",
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointThresholdInMinutes": 0,
                "recoveryPointHistory": 0,
                "appConsistentFrequencyInMinutes": 0,
                "multiVmSyncStatus": "Enabled",
                "crashConsistentFrequencyInMinutes": 5,
            },
        },
    }
    assert (job["scenarioName"], job["friendlyName"]) == (
        "AddProtectionProfile",
        "Create replication policy",
    )
    assert job["targetInstanceType"] == "ProtectionProfile"
    assert job["targetObjectName"] == "daily"
    assert job["customDetails"] == {"instanceType": "AsrJobDetails", "affectedObjectDetails": {}}
    assert [task["friendlyName"] for task in job["tasks"]] == [
        "Prerequisites check for creating the replication policy",
        "Creating the replication policy",
    ]
    assert (instant(job["endTime"]) - instant(job["startTime"])).total_seconds() < 1


async def test_all_terms_of_a_policy_are_kept(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    terms = {
        "recoveryPointHistory": 1440,
        "appConsistentFrequencyInMinutes": 60,
        "crashConsistentFrequencyInMinutes": 5,
        "multiVmSyncStatus": "Disable",
    }
    await done(azure, "PUT", POLICY, policy(**terms))
    told = (await azure.get(POLICY))["properties"]["providerSpecificDetails"]
    assert {key: told[key] for key in terms} == terms | {"multiVmSyncStatus": "Disabled"}


async def test_a_change_of_a_policy_reaches_its_items(azure: Azure) -> None:
    await become_operator(azure)
    points = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}/recoveryPoints"
    before = (await azure.get(points))["value"]
    job = await done(azure, "PATCH", WORLD_POLICY, settings(recoveryPointHistory=120))
    assert (job["state"], job["scenarioName"]) == ("Succeeded", "ModifyProtectionProfile")
    told = (await azure.get(WORLD_POLICY))["properties"]["providerSpecificDetails"]
    assert told["recoveryPointHistory"] == 120
    assert told["appConsistentFrequencyInMinutes"] == 240  # left out, so left alone
    assert told["multiVmSyncStatus"] == "Enabled"
    after = (await azure.get(points))["value"]
    assert len(after) < len(before) - 10
    span = instant(after[-1]["properties"]["recoveryPointTime"]) - instant(
        after[0]["properties"]["recoveryPointTime"]
    )
    assert span.total_seconds() <= 120 * 60


async def test_a_policy_in_use_stays(azure: Azure) -> None:
    await become_operator(azure)
    await paired(azure)
    job = await done(azure, "DELETE", POLICY)
    assert (job["state"], job["scenarioName"]) == ("Failed", "RemoveProtectionProfile")
    assert "'there'" in job["errors"][0]["serviceErrorDetails"]["possibleCauses"]
    assert (await azure.get(POLICY))["name"] == "daily"
    other = f"{NEW}/replicationPolicies/spare"
    await done(azure, "PUT", other, policy())
    status, _, headers = await azure.ask("DELETE", other)
    assert status == 202
    job = await ended(azure, headers)
    assert (job["state"], job["friendlyName"]) == ("Succeeded", "Remove the replication policy")
    assert (await azure.ask("GET", headers["Location"]))[0] == 204
    assert (await azure.ask("GET", other))[0] == 404
    assert (await azure.ask("DELETE", other))[0] == 204
    assert [each["name"] for each in (await azure.get(f"{NEW}/replicationPolicies"))["value"]] == [
        "daily"
    ]


async def test_a_policy_is_in_use_while_its_mapping_is_being_made(slow_azure: Azure) -> None:
    azure = slow_azure
    await become_operator(azure)
    policies = f"{VAULT}/replicationPolicies"
    await done(azure, "PUT", f"{policies}/second", policy())
    other = "asr-a2a-default-westus2"
    target = (
        f"{VAULT}/replicationFabrics/{other}/replicationProtectionContainers/{other}-container"
    )
    body = {
        "properties": {
            "policyId": f"{policies}/second",
            "targetProtectionContainerId": target,
            "providerSpecificInput": {"instanceType": "A2A"},
        }
    }
    path = f"{CONTAINER_ID}/replicationProtectionContainerMappings/second"
    status, _, headers = await azure.ask("PUT", path, body)
    assert status == 202
    assert (await done(azure, "DELETE", f"{policies}/second"))["state"] == "Failed"
    assert (await ended(azure, headers))["state"] == "Succeeded"


@pytest.mark.parametrize(
    ("terms", "code", "cause"),
    [
        ({"appConsistentFrequencyInMinutes": 1440}, "150261", "more than 720 minutes"),
        ({"recoveryPointHistory": 15 * 1440 + 1}, "150261", "more than 21600 minutes"),
        ({"appConsistentFrequencyInMinutes": 59}, "15040", "less than 60 minutes"),
    ],
)
async def test_a_policy_beyond_the_limits_fails_as_a_job(
    azure: Azure, terms: Any, code: str, cause: str
) -> None:
    await become_operator(azure)
    await new_vault(azure)
    status, _, headers = await azure.ask("PUT", POLICY, policy(**terms))
    assert status == 202
    job = await ended(azure, headers)
    assert job["state"] == "Failed"
    told = job["errors"][0]["serviceErrorDetails"]
    assert (told["code"], told["message"]) == (code, "Replication policy creation failed.")
    assert cause in told["possibleCauses"]
    assert job["tasks"][1]["state"] == "Other"
    operation = await azure.get(headers["Azure-AsyncOperation"])
    assert (operation["status"], operation["error"]["code"]) == ("Failed", code)
    assert (await azure.ask("GET", POLICY))[0] == 404
    job = await done(azure, "PATCH", WORLD_POLICY, settings(**terms))
    assert job["state"] == "Failed"


async def test_where_the_limits_lie_is_a_setting(tmp_path: Path) -> None:
    async with running(tmp_path / "state", changed(tmp_path, policy_limits="none")) as azure:
        await become_operator(azure)
        await new_vault(azure)
        terms = {"appConsistentFrequencyInMinutes": 1440, "recoveryPointHistory": 90 * 1440}
        assert (await done(azure, "PUT", POLICY, policy(**terms)))["state"] == "Succeeded"
        told = (await azure.get(POLICY))["properties"]["providerSpecificDetails"]
        assert told["appConsistentFrequencyInMinutes"] == 1440
        job = await done(azure, "PUT", f"{POLICY}2", policy(appConsistentFrequencyInMinutes=5))
        assert job["errors"][0]["serviceErrorDetails"]["code"] == "15040"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "'providerSpecificInput' is missing"),
        (policy(instanceType="HyperVReplicaAzure"), "has to be 'A2A'"),
        (policy(multiVmSyncStatus=None), "'multiVmSyncStatus' is missing"),
        (policy(multiVmSyncStatus="Maybe"), "has to be one of Enable, Disable"),
        (policy(recoveryPointHistory=-1), "'recoveryPointHistory' has to be a number"),
        (policy(recoveryPointHistory="1440"), "'recoveryPointHistory' has to be a number"),
        (policy(appConsistentFrequencyInMinutes=True), "has to be a number of minutes"),
    ],
)
async def test_bad_policies_are_answered_at_once(azure: Azure, body: Any, says: str) -> None:
    await become_operator(azure)
    await new_vault(azure)
    status, told, _ = await azure.ask("PUT", POLICY, body)
    assert (status, told["error"]["code"]) == (400, "BadRequest")
    assert says in told["error"]["message"]
    assert (await azure.get(f"{NEW}/replicationJobs"))["value"] == []


async def test_a_taken_name_is_refused_only_for_other_terms(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    await done(azure, "PUT", POLICY, policy())
    assert (await done(azure, "PUT", POLICY, policy()))["state"] == "Succeeded"
    job = await done(azure, "PUT", POLICY, policy(recoveryPointHistory=60))
    assert job["state"] == "Failed"
    assert "with other settings" in job["errors"][0]["serviceErrorDetails"]["message"]
    told = (await azure.get(POLICY))["properties"]["providerSpecificDetails"]
    assert told["recoveryPointHistory"] == 0
    status, told, _ = await azure.ask("PATCH", f"{POLICY}x", settings())
    assert (status, told["error"]["code"]) == (404, "NotFound")
