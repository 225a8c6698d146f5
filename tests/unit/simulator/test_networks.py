"""Networks through the generic ARM client and bare requests."""

from __future__ import annotations

import pytest

from .conftest import DRILL_NETWORK, SUBSCRIPTION, TARGET, Azure

MIRROR = f"{TARGET}/Microsoft.Network/virtualNetworks/mirror"
HUB = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Network/virtualNetworks/hub"
VERSION = "2024-05-01"


def network(*subnets: tuple[str, str], ranges: str = "10.5.0.0/16") -> dict[str, object]:
    return {
        "location": "westus2",
        "properties": {
            "addressSpace": {"addressPrefixes": [ranges]},
            "subnets": [
                {"name": name, "properties": {"addressPrefix": space}} for name, space in subnets
            ],
        },
    }


async def test_the_generic_client_makes_a_network_and_removes_it(azure: Azure) -> None:
    client = await azure.resources()
    body = network(("one", "10.5.0.0/24"))
    poller = await client.resources.begin_create_or_update_by_id(
        MIRROR, body, api_version=VERSION, polling_interval=0.05
    )
    made = await poller.result()

    assert made.id == MIRROR
    shown = await azure.get(MIRROR)
    assert shown["properties"]["provisioningState"] == "Succeeded"
    assert shown["properties"]["subnets"][0]["id"] == f"{MIRROR}/subnets/one"
    await (
        await client.resources.begin_delete_by_id(
            MIRROR, api_version=VERSION, polling_interval=0.05
        )
    ).result()
    assert not await client.resources.check_existence_by_id(MIRROR, api_version=VERSION)


async def test_a_put_is_accepted_first_and_settles_later(azure: Azure) -> None:
    status, body, headers = await azure.ask("PUT", MIRROR, network())
    assert (status, body["properties"]["provisioningState"]) == (201, "Updating")
    where = headers["Azure-AsyncOperation"]
    await azure.until(where, lambda told: told["status"] == "Succeeded")
    assert (await azure.get(MIRROR))["properties"]["provisioningState"] == "Succeeded"
    assert (await azure.ask("PUT", MIRROR, network()))[0] == 200


async def test_a_peering_is_connected_when_both_sides_have_it(azure: Azure) -> None:
    operator = await azure.as_("operator")
    await azure.ask("PUT", MIRROR, network())
    there, back = f"{MIRROR}/virtualNetworkPeerings/to-hub", f"{HUB}/virtualNetworkPeerings/back"
    body = {"properties": {"remoteVirtualNetwork": {"id": HUB}}}
    status, told, _ = await azure.ask("PUT", there, body, token=operator)
    assert (status, told["properties"]["peeringState"]) == (201, "Initiated")
    body = {"properties": {"remoteVirtualNetwork": {"id": MIRROR}}}
    assert (await azure.ask("PUT", back, body, token=operator))[0] == 201

    shown = (await azure.get(MIRROR))["properties"]["virtualNetworkPeerings"][0]["properties"]
    assert shown["peeringState"] == "Connected"
    assert shown["remoteAddressSpace"] == {"addressPrefixes": ["10.9.0.0/16"]}

    status, _, headers = await azure.ask("DELETE", back, token=operator)
    await azure.until(headers["Azure-AsyncOperation"], lambda told: told["status"] == "Succeeded")
    assert status == 202
    assert (await azure.get(there))["properties"]["peeringState"] == "Initiated"


async def test_a_subnet_in_use_cannot_be_deleted_nor_its_network(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("Sql1"))
    for path in (f"{DRILL_NETWORK}/subnets/data", DRILL_NETWORK):
        status, body, _ = await azure.ask("DELETE", path)
        assert (status, body["error"]["code"]) == (400, "InUseSubnetCannotBeDeleted")
    subnet = await azure.get(f"{DRILL_NETWORK}/subnets/data")
    assert "Sql1-nic-test" in subnet["properties"]["ipConfigurations"][0]["id"]
    await azure.job_ended(await azure.clean_up("Sql1"))
    assert (await azure.ask("DELETE", DRILL_NETWORK))[0] == 202


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (network(("far", "10.7.0.0/24")), "NetcfgSubnetRangeOutsideVnet"),
        (network(("a", "10.5.0.0/23"), ("b", "10.5.1.0/24")), "NetcfgSubnetRangesOverlap"),
        (network(("a", "10.5.0.0/99")), "InvalidAddressPrefixFormat"),
        ({"properties": {}}, "LocationRequired"),
    ],
)
async def test_a_network_that_cannot_be_is_refused(
    azure: Azure, body: dict[str, object], code: str
) -> None:
    status, told, _ = await azure.ask("PUT", MIRROR, body)
    assert (status, told["error"]["code"]) == (400, code)
    assert (await azure.ask("GET", MIRROR))[0] == 404


async def test_a_security_group_in_use_stays(azure: Azure) -> None:
    group = f"{TARGET}/Microsoft.Network/networkSecurityGroups/deny"
    rule = {"name": "none", "properties": {"access": "Deny", "priority": 100, "protocol": "*"}}
    body = {"location": "westus2", "properties": {"securityRules": [rule]}}
    status, made, _ = await azure.ask("PUT", group, body)
    assert status == 201
    assert len(made["properties"]["defaultSecurityRules"]) == 6
    wanted = network(("one", "10.5.0.0/24"))
    wanted["properties"]["subnets"][0]["properties"]["networkSecurityGroup"] = {"id": group}  # type: ignore[index]
    assert (await azure.ask("PUT", MIRROR, wanted))[0] == 201
    status, told, _ = await azure.ask("DELETE", group)
    assert (status, told["error"]["code"]) == (400, "InUseNetworkSecurityGroupCannotBeDeleted")
    assert (await azure.get(f"{group}/securityRules/none"))["properties"]["priority"] == 100


async def test_a_subnet_names_only_what_exists(azure: Azure) -> None:
    body = {
        "properties": {
            "addressPrefix": "10.1.8.0/24",
            "routeTable": {"id": f"{TARGET}/Microsoft.Network/routeTables/none"},
        }
    }
    status, told, _ = await azure.ask("PUT", f"{DRILL_NETWORK}/subnets/new", body)
    assert (status, told["error"]["code"]) == (400, "InvalidResourceReference")
    assert (await azure.ask("GET", f"{DRILL_NETWORK}/subnets/new"))[0] == 404


async def test_a_nic_gets_the_next_free_address_and_holds_its_subnet(azure: Azure) -> None:
    nic = f"{TARGET}/Microsoft.Network/networkInterfaces/extra"
    subnet = {"subnet": {"id": f"{DRILL_NETWORK}/subnets/alpha"}}
    body = {
        "location": "westus2",
        "properties": {"ipConfigurations": [{"name": "one", "properties": subnet}]},
    }
    _, made, _ = await azure.ask("PUT", nic, body)
    assert (
        made["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] == "10.1.9.4"
    )
    status, told, _ = await azure.ask("DELETE", f"{DRILL_NETWORK}/subnets/alpha")
    assert (status, told["error"]["code"]) == (400, "InUseSubnetCannotBeDeleted")
