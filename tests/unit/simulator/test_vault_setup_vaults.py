"""Recovery Services vaults: made, read, changed, listed and deleted."""

from __future__ import annotations

import base64

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservices.aio import RecoveryServicesClient

from .conftest import SUBSCRIPTION, VAULT, Azure
from .vault_setup import NEW, VAULTS, become_operator, done, fabric, new_vault, operator

MONITORING = {
    "azureMonitorAlertSettings": {"alertsForAllJobFailures": "Enabled"},
    "classicAlertSettings": {"alertsForCriticalOperations": "Enabled"},
}
ASKED = {
    "location": "westus2",
    "sku": {"name": "Standard"},
    "properties": {"monitoringSettings": MONITORING},
}


async def test_a_vault_is_created_with_a_body_and_without_a_location(slow_azure: Azure) -> None:
    azure = slow_azure
    await become_operator(azure)
    status, body, headers = await azure.ask("PUT", NEW, ASKED)
    assert status == 201
    assert body == {
        "location": "westus2",
        "name": "fresh",
        "etag": body["etag"],
        "properties": {
            "provisioningState": "Provisioning",
            "privateEndpointStateForBackup": "None",
            "privateEndpointStateForSiteRecovery": "None",
            "encryption": None,
            "monitoringSettings": MONITORING,
        },
        "id": NEW,
        "type": "Microsoft.RecoveryServices/vaults",
        "sku": {"name": "Standard"},
    }
    assert body["etag"].startswith("W/\"datetime'20")
    assert "%3A" in body["etag"]
    assert "Location" not in headers
    where = headers["Azure-AsyncOperation"]
    token = where.partition("/operationStatus/")[2].partition("?")[0]
    assert b";" in base64.b64decode(token)
    running = await azure.get(where)
    assert (running["status"], running["percentComplete"]) == ("InProgress", 0.0)

    ended = await azure.until(where, lambda told: told["status"] != "InProgress")
    assert ended == {
        "id": f"{NEW}/operationStatus/{token}",  # in ARM's casing, not in Site Recovery's
        "name": token,
        "status": "Succeeded",
        "percentComplete": 0.0,
    }
    told = await azure.get(NEW)
    assert told["properties"]["provisioningState"] == "Succeeded"
    assert told["etag"] != body["etag"]


async def test_a_new_vault_is_empty_and_usable(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    for kind in (
        "replicationFabrics",
        "replicationPolicies",
        "replicationProtectionContainers",
        "replicationProtectedItems",
        "replicationJobs",
        "replicationEvents",
        "replicationAlertSettings",
        "replicationProtectionIntents",
    ):
        assert await azure.get(f"{NEW}/{kind}") == {"value": [], "nextLink": None}, kind
    job = await done(azure, "PUT", f"{NEW}/replicationFabrics/east", fabric())
    assert job["state"] == "Succeeded"
    assert len((await azure.get(f"{NEW}/replicationFabrics"))["value"]) == 1
    # The other vault has its own.
    assert len((await azure.get(f"{VAULT}/replicationFabrics"))["value"]) == 2


async def test_a_vault_of_the_world_file_looks_like_one_that_was_made(azure: Azure) -> None:
    await become_operator(azure)
    mine = await new_vault(azure, properties={"monitoringSettings": MONITORING})
    theirs = await azure.get(VAULT)
    assert set(mine) == set(theirs)
    for key in ("properties", "sku", "type", "location"):
        assert mine[key] == theirs[key]


async def test_vaults_are_listed_by_group_and_subscription(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    elsewhere = VAULTS.replace("rg-dr", "rg-asr") + "/third"
    await new_vault(azure, elsewhere)
    everywhere = f"{SUBSCRIPTION}/providers/Microsoft.RecoveryServices/vaults"
    in_group = await azure.get(VAULTS)
    assert in_group["nextLink"] is None
    assert sorted(vault["name"] for vault in in_group["value"]) == ["fresh", "rsv"]
    assert len((await azure.get(everywhere))["value"]) == 3


async def test_the_sdk_makes_changes_lists_and_deletes_a_vault(azure: Azure) -> None:
    client = await operator(azure, RecoveryServicesClient)
    poller = await client.vaults.begin_create_or_update("rg-dr", "fresh", ASKED)
    made = await poller.result()
    assert (made.name, made.properties.provisioning_state) == ("fresh", "Succeeded")
    poller = await client.vaults.begin_update(
        "rg-dr", "fresh", {"tags": {"owner": "dr"}, "identity": {"type": "SystemAssigned"}}
    )
    changed = await poller.result()
    assert changed.tags == {"owner": "dr"}
    assert changed.identity.principal_id
    assert changed.etag != made.etag
    assert changed.properties.monitoring_settings.as_dict() == MONITORING
    names = {vault.name async for vault in client.vaults.list_by_resource_group("rg-dr")}
    assert names == {"fresh", "rsv"}
    assert {v.name async for v in client.vaults.list_by_subscription_id()} == names

    await (await client.vaults.begin_delete("rg-dr", "fresh")).result()
    with pytest.raises(ResourceNotFoundError, match="was not found"):
        await client.vaults.get("rg-dr", "fresh")
    await (await client.vaults.begin_delete("rg-dr", "fresh")).result()  # 204: gone already


async def test_a_vault_with_protected_items_is_not_deleted(azure: Azure) -> None:
    client = await operator(azure, RecoveryServicesClient)
    with pytest.raises(HttpResponseError) as caught:
        await client.vaults.begin_delete("rg-dr", "rsv")
    assert caught.value.status_code == 400
    assert caught.value.error is not None
    assert caught.value.error.code == "ServiceResourceNotEmptyWithBackendMessage"
    assert "Sql1" in str(caught.value.message)
    assert (await azure.get(VAULT))["properties"]["provisioningState"] == "Succeeded"


async def test_a_vault_made_again_knows_nothing_of_the_one_before(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    await done(azure, "PUT", f"{NEW}/replicationFabrics/east", fabric())
    status, _, headers = await azure.ask("DELETE", NEW)
    assert status == 202
    await azure.until(headers["Azure-AsyncOperation"], lambda body: body["status"] != "InProgress")
    assert (await azure.ask("GET", f"{NEW}/replicationFabrics"))[0] == 404
    await new_vault(azure)
    assert (await azure.get(f"{NEW}/replicationFabrics"))["value"] == []
    assert (await azure.get(f"{NEW}/replicationJobs"))["value"] == []


async def test_a_vault_that_is_there_is_changed_by_a_put(azure: Azure) -> None:
    await become_operator(azure)
    status, body, _ = await azure.ask("PUT", VAULT, ASKED | {"tags": {"a": "b"}})
    assert status == 200
    assert body["tags"] == {"a": "b"}
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert len((await azure.get(f"{VAULT}/replicationProtectedItems"))["value"]) == 4


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (NEW, {"sku": {"name": "Standard"}}, 400, "LocationRequired"),
        (NEW, ASKED | {"sku": {"name": "Golden"}}, 400, "InvalidSku"),
        (NEW, ["no object"], 400, "InvalidRequestContent"),
        (VAULT, ASKED | {"location": "eastus"}, 409, "InvalidResourceLocation"),
        (NEW.replace("rg-dr", "rg-none"), ASKED, 404, "ResourceGroupNotFound"),
    ],
)
async def test_what_arm_does_not_take_for_a_vault(
    azure: Azure, path: str, body: object, status: int, code: str
) -> None:
    await become_operator(azure)
    got, told, _ = await azure.ask("PUT", path, body)
    assert (got, told["error"]["code"]) == (status, code)
    assert [vault["name"] for vault in (await azure.get(VAULTS))["value"]] == ["rsv"]


async def test_a_vault_that_is_not_there(azure: Azure) -> None:
    await become_operator(azure)
    for method, path in (
        ("GET", NEW),
        ("PATCH", NEW),
        ("GET", f"{NEW}/replicationFabrics"),
        ("PUT", f"{NEW}/replicationFabrics/east"),
    ):
        status, told, _ = await azure.ask(method, path, {})
        assert (status, told["error"]["code"]) == (404, "ResourceNotFound"), (method, path)
    status, told, _ = await azure.ask("GET", f"{VAULT}/operationStatus/bm90aGluZw==")
    assert (status, told["error"]["code"]) == (404, "ResourceNotFound")


async def test_extended_information_is_what_powershell_put_there(azure: Azure) -> None:
    await become_operator(azure)
    path = f"{VAULT}/extendedInformation/vaultExtendedInfo"
    status, told, _ = await azure.ask("GET", path)
    assert (status, told["ErrorCode"]) == (404, "ResourceExtendedInfoNotFound")
    given = {"integrityKey": "c2ltdWxhdG9y", "algorithm": "None"}
    status, told, _ = await azure.ask("PUT", path, {"properties": given})
    assert (status, told["properties"]) == (200, given)
    assert told["id"] == f"{VAULT}extendedInformation/vaultExtendedInfo"  # really so
    assert (told["location"], told["sku"], told["tags"]) == (None, None, None)
    assert await azure.get(path) == told
    body = {"properties": {"algorithm": "RSA1_5"}}
    status, told, _ = await azure.ask("PATCH", path, body)
    assert told["properties"] == given | body["properties"]
    assert (await azure.ask("GET", f"{path}x"))[0] == 404
    await new_vault(azure)
    assert (await azure.ask("GET", path.replace(VAULT, NEW)))[0] == 404


async def test_a_lock_keeps_a_vault(azure: Azure) -> None:
    await become_operator(azure)
    await new_vault(azure)
    lock = f"{NEW}/providers/Microsoft.Authorization/locks/keep"
    await azure.ask("PUT", lock, {"properties": {"level": "CanNotDelete"}})
    status, told, _ = await azure.ask("DELETE", NEW)
    assert (status, told["error"]["code"]) == (409, "ScopeLocked")
    assert (await azure.get(NEW))["properties"]["provisioningState"] == "Succeeded"


async def test_who_may_only_read_makes_no_vault(azure: Azure) -> None:
    status, told, _ = await azure.ask("PUT", NEW, ASKED)
    assert (status, told["error"]["code"]) == (403, "AuthorizationFailed")
    assert "Microsoft.RecoveryServices/vaults/write" in told["error"]["message"]
