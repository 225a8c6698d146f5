"""Resource providers, their registration, and the regions of a subscription."""

from __future__ import annotations

from .asked import NETWORK, operator
from .conftest import SUBSCRIPTION, Azure

ALL = f"{SUBSCRIPTION}/providers"
BODY = {"location": "westus2", "properties": {}}


async def test_the_client_lists_providers_with_their_types_and_versions(azure: Azure) -> None:
    client = await azure.resources()
    found = {each.namespace: each async for each in client.providers.list()}
    assert {"Microsoft.Compute", "Microsoft.Network", "Microsoft.RecoveryServices"} <= set(found)
    assert all(each.registration_state == "Registered" for each in found.values())
    one = await client.providers.get("microsoft.network")
    kinds = {each.resource_type: each for each in one.resource_types}
    assert "2024-05-01" in kinds["virtualNetworks"].api_versions
    assert "West US 2" in kinds["virtualNetworks"].locations
    assert one.id == f"{ALL}/Microsoft.Network"


async def test_a_provider_that_is_not_registered_takes_no_writes(azure: Azure) -> None:
    admin = await operator(azure)
    table = f"{NETWORK}/routeTables/rt"
    status, told, _ = await admin.ask("POST", f"{ALL}/Microsoft.Network/unregister")
    assert (status, told["registrationState"]) == (200, "NotRegistered")
    refused = (409, "MissingSubscriptionRegistration")
    assert await admin.refused("PUT", table, BODY) == refused
    assert (await azure.get(f"{NETWORK}/virtualNetworks/drill"))["name"] == "drill"

    client = await azure.resources()
    status, told, _ = await admin.ask("POST", f"{ALL}/Microsoft.Network/register")
    assert (status, told["registrationState"]) == (200, "Registering")
    while (await client.providers.get("Microsoft.Network")).registration_state != "Registered":
        pass
    assert (await admin.put(table, BODY))["name"] == "rt"


async def test_registering_needs_its_own_permission(azure: Azure) -> None:
    status, told, _ = await azure.ask("POST", f"{ALL}/Microsoft.Network/register")
    assert status == 403
    assert "'Microsoft.Network/register/action'" in told["error"]["message"]


async def test_an_unknown_provider_is_told_so(azure: Azure) -> None:
    admin = await operator(azure)
    refused = (404, "InvalidResourceNamespace")
    assert await admin.refused("GET", f"{ALL}/Contoso.Widgets") == refused
    assert await admin.refused("POST", f"{ALL}/Contoso.Widgets/register") == refused


async def test_a_subscription_tells_its_regions(azure: Azure) -> None:
    rows = (await azure.get(f"{SUBSCRIPTION}/locations"))["value"]
    shown = {row["name"]: row["displayName"] for row in rows}
    assert (shown["westus2"], shown["eastus"]) == ("West US 2", "East US")
