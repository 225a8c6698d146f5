"""What a vault tells besides its set-up: settings, sizes, systems, eligibility, intents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import CONTAINER_ID, FABRIC, ITEMS, SUBSCRIPTION, VAULT, WORLD, Azure, running
from .vault_setup import NEW, become_operator, capital, new_vault

ITEM = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['Sql1']}"
VMS = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines"
ELIGIBILITY = "providers/Microsoft.RecoveryServices/replicationEligibilityResults"


# -- alerts and settings ----------------------------------------------------------------------


async def test_alert_settings_are_done_when_answered(azure: Azure) -> None:
    await become_operator(azure)
    path = f"{VAULT}/replicationAlertSettings/defaultAlertSetting"
    assert (await azure.ask("GET", path))[0] == 404
    given = {
        "sendToOwners": "Send",
        "customEmailAddresses": ["email@address.com"],
        "locale": "en_US",
    }
    status, body, headers = await azure.ask("PUT", path, {"properties": given})
    assert status == 200
    assert "Azure-AsyncOperation" not in headers
    assert body == {
        "name": "defaultAlertSetting",
        "type": "Microsoft.RecoveryServices/vaults/replicationAlertSettings",
        "id": capital(path),
        "properties": given,
    }
    assert await azure.get(path) == body
    assert (await azure.get(f"{VAULT}/replicationAlertSettings"))["value"] == [body]
    for bad in ({"sendToOwners": "perhaps"}, {"customEmailAddresses": "one@address.com"}):
        assert (await azure.ask("PUT", path, {"properties": bad}))[0] == 400
    assert (await azure.ask("PUT", f"{path}x", {"properties": given}))[0] == 404


async def test_vault_settings_are_there_from_the_start(azure: Azure) -> None:
    await become_operator(azure)
    path = f"{VAULT}/replicationVaultSettings/default"
    before = await azure.get(path)
    assert before["properties"] == {
        "migrationSolutionId": None,
        "vmwareToAzureProviderType": None,
    }
    body = {"properties": {"migrationSolutionId": "/some/solution"}}
    status, told, _ = await azure.ask("PUT", path, body)
    assert status == 200
    assert told["properties"]["migrationSolutionId"] == "/some/solution"
    assert (await azure.get(f"{VAULT}/replicationVaultSettings"))["value"] == [told]
    assert (await azure.ask("GET", f"{path}x"))[0] == 404


# -- eligibility ------------------------------------------------------------------------------


async def test_a_vm_that_nothing_speaks_against_is_eligible(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    line = "      - {vm: bad1, name: q1w2e3r4t5y6u7i8o9p0a_4}\n"
    assert line in WORLD.read_text()
    world.write_text(WORLD.read_text().replace(line, ""))
    async with running(tmp_path / "state", world) as azure:
        path = f"{VMS}/bad1/{ELIGIBILITY}"
        body = await azure.get(f"{path}/default")
        assert body == {
            "name": "default",
            "type": "Microsoft.RecoveryServices/replicationEligibilityResults",
            "id": f"{path}/default",
            "properties": {
                "clientRequestId": body["properties"]["clientRequestId"],
                "errors": [],
            },
        }
        listed = await azure.get(path)
        assert set(listed) == {"value"}  # no nextLink here
        assert listed["value"][0]["properties"]["errors"] == []


async def test_what_speaks_against_a_vm_is_told(azure: Azure) -> None:
    await become_operator(azure)
    path = f"{VMS}/web1/{ELIGIBILITY}/default"

    async def codes() -> list[str]:
        return [error["code"] for error in (await azure.get(path))["properties"]["errors"]]

    assert await codes() == ["AzureVmAlreadyProtected"]
    await azure.ask("POST", f"{VMS}/web1/deallocate")
    await azure.until(
        f"{VMS}/web1/instanceView",
        lambda view: any(each["code"] == "PowerState/deallocated" for each in view["statuses"]),
    )
    assert await codes() == ["AzureVmIsNotInDesiredPowerState", "AzureVmAlreadyProtected"]
    assert (await azure.ask("GET", f"{VMS}/none/{ELIGIBILITY}/default"))[0] == 404
    assert (await azure.ask("GET", f"{VMS}/web1/{ELIGIBILITY}/other"))[0] == 404


# -- what can be looked up --------------------------------------------------------------------


async def test_each_fabric_has_the_provider_that_its_items_name(azure: Azure) -> None:
    named = (await azure.item("web1"))["recoveryServicesProviderId"]
    body = await azure.get(named)
    assert body["id"] == named
    assert body["properties"]["fabricType"] == "Azure"
    assert body["properties"]["protectedItemCount"] == 4
    providers = "replicationRecoveryServicesProviders"
    in_fabric = await azure.get(f"{VAULT}/replicationFabrics/{FABRIC}/{providers}")
    assert [each["id"] for each in in_fabric["value"]] == [named]
    assert len((await azure.get(f"{VAULT}/{providers}"))["value"]) == 2
    assert (await azure.ask("GET", f"{named}x"))[0] == 404
    await become_operator(azure)
    for method, path in (
        ("PUT", named),
        ("DELETE", named),
        ("POST", f"{named}/remove"),
        ("POST", f"{named}/refreshProvider"),
    ):
        assert (await azure.ask(method, path, {}))[0] == 400, path


async def test_sizes_tell_what_does_not_fit(azure: Azure) -> None:
    rows = (await azure.get(f"{ITEM}/targetComputeSizes"))["value"]
    sizes = {row["name"]: row["properties"] for row in rows}
    assert sizes["Standard_E8s_v5"] == {
        "name": "Standard_E8s_v5",
        "friendlyName": "Standard_E8s_v5",
        "cpuCoresCount": 8,
        "vCPUsAvailable": 8,
        "memoryInGB": 64.0,
        "maxDataDiskCount": 16,
        "maxNicsCount": 4,
        "errors": [],
        "highIopsSupported": "Supported",
        "hyperVGenerations": ["V1", "V2"],
    }
    assert (await azure.ask("GET", f"{ITEM}x/targetComputeSizes"))[0] == 404


async def test_more_data_disks_than_a_size_takes_stand_against_it(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    disks = ", ".join(f"{{name: d{n}, gb: 1}}" for n in range(3))
    world.write_text(
        WORLD.read_text().replace(
            "data_disks: [{name: Sql1-data, gb: 512}]", f"data_disks: [{disks}]"
        )
    )
    async with running(tmp_path / "state", world) as azure:
        rows = (await azure.get(f"{ITEM}/targetComputeSizes"))["value"]
        errors = {row["name"]: row["properties"]["errors"] for row in rows}
        assert errors["Standard_A1_v2"][0]["severity"] == "Error"
        assert errors["Standard_E8s_v5"] == []


async def test_supported_systems_are_those_of_a2a(azure: Azure) -> None:
    path = f"{VAULT}/replicationSupportedOperatingSystems"
    body = await azure.get(path)
    assert body["name"] == "Default"
    [a2a] = body["properties"]["supportedOsList"]
    assert a2a["instanceType"] == "A2A"
    versions = {
        row["osName"]: [each["version"] for each in row["osVersions"]]
        for row in a2a["supportedOs"]
    }
    assert versions["debian"] == ["7", "8", "9", "10", "11"]
    assert versions["Windows Server 2016 Datacenter"] == ["6.3", "10.0"]
    other = await azure.get(path, instanceType="InMageRcm")
    assert other["properties"]["supportedOsList"] == []


async def test_what_can_be_asked_is_listed_as_roles_call_it(azure: Azure) -> None:
    group = f"{SUBSCRIPTION}/resourceGroups/rg-dr"
    rows = (await azure.get(f"{group}/providers/Microsoft.RecoveryServices/operations"))["value"]
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names))
    vaults = "Microsoft.RecoveryServices/vaults"
    for wanted in (
        f"{vaults}/write",
        f"{vaults}/replicationFabrics/read",
        f"{vaults}/replicationFabrics/remove/action",
        f"{vaults}/replicationPolicies/delete",
        f"{vaults}/replicationAlertSettings/write",
    ):
        assert wanted in names, wanted
    alert = next(row for row in rows if row["name"] == f"{vaults}/replicationAlertSettings/read")
    assert alert["display"] == {
        "provider": "Microsoft Recovery Services",
        "resource": "Alert Settings",
        "operation": "Read Alert Settings",
        "description": "Read Any Alert Settings",
    }


async def test_there_are_no_protectable_items_in_azure(azure: Azure) -> None:
    path = f"{CONTAINER_ID}/replicationProtectableItems"
    assert await azure.get(path) == {"value": [], "nextLink": None}
    assert (await azure.ask("GET", f"{path}/vm"))[0] == 404


# -- intents ----------------------------------------------------------------------------------


def intent(**more: Any) -> Any:
    given = {
        "instanceType": "A2A",
        "fabricObjectId": f"{VMS}/web1",
        "primaryLocation": "eastUs",
        "recoveryLocation": "West US 2",
        "recoverySubscriptionId": SUBSCRIPTION.rpartition("/")[2],
        "recoveryAvailabilityType": "Single",
        "recoveryResourceGroupId": f"{SUBSCRIPTION}/resourceGroups/rg-asr",
    }
    return {"properties": {"providerSpecificDetails": given | more}}


async def test_an_intent_protects_as_its_own_request_does_or_leaves_nothing(azure: Azure) -> None:
    """Enabling protection is a matter of items: an intent is answered as that request is."""
    await become_operator(azure)
    await new_vault(azure)
    path = f"{NEW}/replicationProtectionIntents/vm1"
    status, body, _ = await azure.ask("PUT", path, intent())
    fabrics = (await azure.get(f"{NEW}/replicationFabrics"))["value"]
    listed = (await azure.get(f"{NEW}/replicationProtectionIntents"))["value"]
    if status != 200:
        assert (status, fabrics, listed) == (501, [], [])
        assert (await azure.get(f"{NEW}/replicationPolicies"))["value"] == []
        assert (await azure.ask("GET", path))[0] == 404
        return
    assert [each["name"] for each in fabrics] == [FABRIC, "asr-a2a-default-westus2"]
    assert [each["name"] for each in listed] == ["vm1"]
    job = await azure.get(body["properties"]["jobId"])
    assert job["properties"]["scenarioName"] in ("EnableDr", None)
    assert body["properties"]["providerSpecificDetails"]["recoveryAvailabilityType"] == "Single"


@pytest.mark.parametrize(
    "key",
    [
        "fabricObjectId",
        "primaryLocation",
        "recoveryLocation",
        "recoverySubscriptionId",
        "recoveryAvailabilityType",
        "recoveryResourceGroupId",
    ],
)
async def test_an_intent_that_misses_something_is_answered_at_once(azure: Azure, key: str) -> None:
    await become_operator(azure)
    path = f"{VAULT}/replicationProtectionIntents/vm1"
    status, told, _ = await azure.ask("PUT", path, intent(**{key: None}))
    assert (status, told["error"]["code"]) == (400, "BadRequest")
    assert f"'{key}' is missing" in told["error"]["message"]
    for bad in (intent(instanceType="B2B"), intent(recoveryLocation="atlantis")):
        assert (await azure.ask("PUT", path, bad))[0] == 400
