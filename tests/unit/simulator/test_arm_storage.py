"""Storage accounts: names that are unique everywhere, and no keys."""

from __future__ import annotations

import pytest

from .asked import operator
from .conftest import SUBSCRIPTION, TARGET, Azure

ACCOUNT = f"{TARGET}/Microsoft.Storage/storageAccounts"
CHECK = f"{SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability"
BODY = {"location": "westus2", "kind": "StorageV2", "sku": {"name": "Standard_GRS"}}


async def test_an_account_tells_where_its_services_are(azure: Azure) -> None:
    admin = await operator(azure)
    made = await admin.put(f"{ACCOUNT}/drillcache1", BODY)
    assert made["sku"] == {"name": "Standard_GRS", "tier": "Standard"}
    ends = made["properties"]["primaryEndpoints"]
    assert ends["blob"] == "https://drillcache1.blob.core.windows.net/"
    assert made["properties"]["primaryLocation"] == "westus2"
    changed = {"properties": {"accessTier": "Cool"}, "tags": {"a": "b"}}
    status, told, _ = await admin.ask("PATCH", f"{ACCOUNT}/drillcache1", changed)
    assert (status, told["properties"]["accessTier"], told["tags"]) == (200, "Cool", {"a": "b"})
    assert told["properties"]["creationTime"] == made["properties"]["creationTime"]
    assert (await admin.ask("DELETE", f"{ACCOUNT}/drillcache1"))[0] == 200
    assert (await admin.ask("DELETE", f"{ACCOUNT}/drillcache1"))[0] == 204


@pytest.mark.parametrize(
    ("name", "reason"), [("Drill", "AccountNameInvalid"), ("ab", "AccountNameInvalid")]
)
async def test_a_name_is_free_taken_or_none(azure: Azure, name: str, reason: str) -> None:
    admin = await operator(azure)
    asked = {"name": "drillcache1", "type": "Microsoft.Storage/storageAccounts"}
    assert (await admin.ask("POST", CHECK, asked))[1] == {"nameAvailable": True}
    await admin.put(f"{ACCOUNT}/drillcache1", BODY)
    _, told, _ = await admin.ask("POST", CHECK, asked)
    assert (told["nameAvailable"], told["reason"]) == (False, "AlreadyExists")
    _, told, _ = await admin.ask("POST", CHECK, asked | {"name": name})
    assert (told["nameAvailable"], told["reason"]) == (False, reason)
    assert await admin.refused("PUT", f"{ACCOUNT}/{name}", BODY) == (400, reason)
    elsewhere = f"{ACCOUNT}/drillcache1".replace("rg-asr", "rg-dr")
    assert await admin.refused("PUT", elsewhere, BODY) == (409, "StorageAccountAlreadyTaken")


async def test_there_are_no_keys_to_be_had(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.put(f"{ACCOUNT}/drillcache1", BODY)
    refused = await admin.refused("POST", f"{ACCOUNT}/drillcache1/listKeys")
    assert refused == (501, "NotImplemented")
