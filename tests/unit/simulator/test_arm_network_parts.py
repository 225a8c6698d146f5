"""Security rules, routes, balancers, gateways, private endpoints and DNS zones as resources."""

from __future__ import annotations

from typing import Any

import pytest

from .asked import NETWORK, nic, operator
from .conftest import DRILL_NETWORK, Azure

WEST: dict[str, Any] = {"location": "westus2"}
GROUP, TABLE = f"{NETWORK}/networkSecurityGroups/wall", f"{NETWORK}/routeTables/ways"
ZONE = f"{NETWORK}/privateDnsZones/privatelink.example.com"


def rule(**more: Any) -> dict[str, Any]:
    properties = {
        "protocol": "Tcp", "access": "Deny", "direction": "Outbound", "priority": 100,
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
        "destinationPortRange": "443",
    }  # fmt: skip
    return {"name": "none", "properties": properties | more}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    return WEST | {"properties": {"securityRules": list(rules)}}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"priority": 99}, "SecurityRuleInvalidPriority"),
        ({"priority": None}, "SecurityRuleInvalidPriority"),
        ({"priority": "100"}, "InvalidRequestContent"),
        ({"access": "Maybe"}, "SecurityRuleInvalidAccess"),
        ({"protocol": "Smoke"}, "SecurityRuleInvalidProtocol"),
        ({"direction": "Up"}, "SecurityRuleInvalidDirection"),
        ({"destinationPortRange": "70000"}, "SecurityRuleInvalidPortRange"),
        ({"destinationPortRange": "90-80"}, "SecurityRuleInvalidPortRange"),
        ({"destinationPortRanges": ["80", "x"]}, "SecurityRuleInvalidPortRange"),
    ],
)
async def test_a_security_rule_that_cannot_be_is_refused(
    azure: Azure, more: dict[str, Any], code: str
) -> None:
    admin = await operator(azure)
    assert await admin.refused("PUT", GROUP, group(rule(**more))) == (400, code)
    await admin.put(GROUP, group())
    body = {"properties": rule(**more)["properties"]}
    assert await admin.refused("PUT", f"{GROUP}/securityRules/none", body) == (400, code)
    assert (await azure.get(GROUP))["properties"]["securityRules"] == []


async def test_two_rules_share_no_priority(azure: Azure) -> None:
    admin = await operator(azure)
    twice = group(rule(), rule() | {"name": "other"})
    assert await admin.refused("PUT", GROUP, twice) == (400, "SecurityRuleConflict")
    both = group(rule(), rule(direction="Inbound") | {"name": "other"})
    made = await admin.put(GROUP, both)
    assert [each["name"] for each in made["properties"]["securityRules"]] == ["none", "other"]
    shown = await azure.get(f"{GROUP}/defaultSecurityRules")
    assert [each["properties"]["priority"] for each in shown["value"]] == [
        65000, 65001, 65500, 65000, 65001, 65500,
    ]  # fmt: skip
    assert await admin.refused("PUT", f"{GROUP}/defaultSecurityRules/x", {}) == (
        405,
        "MethodNotAllowed",
    )
    await admin.delete(f"{GROUP}/securityRules/other")
    assert len((await azure.get(f"{GROUP}/securityRules"))["value"]) == 1


@pytest.mark.parametrize(
    ("route", "code"),
    [
        ({"addressPrefix": "0.0.0.0/0", "nextHopType": "Moon"}, "RouteInvalidNextHopType"),
        ({"addressPrefix": "0.0.0.0/99", "nextHopType": "None"}, "InvalidAddressPrefixFormat"),
        (
            {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance"},
            "RouteNextHopIpAddressMismatch",
        ),
        (
            {
                "addressPrefix": "0.0.0.0/0",
                "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": "10.1",
            },
            "InvalidIPAddress",
        ),
    ],
)
async def test_a_route_that_cannot_be_is_refused(
    azure: Azure, route: dict[str, str], code: str
) -> None:
    admin = await operator(azure)
    body = WEST | {"properties": {"routes": [{"name": "out", "properties": route}]}}
    assert await admin.refused("PUT", TABLE, body) == (400, code)


async def test_a_route_table_tells_the_subnets_that_use_it(azure: Azure) -> None:
    admin = await operator(azure)
    away = {"addressPrefix": "0.0.0.0/0", "nextHopType": "None"}
    twice = [{"name": name, "properties": away} for name in ("a", "b")]
    assert await admin.refused("PUT", TABLE, WEST | {"properties": {"routes": twice}}) == (
        400,
        "RouteConflict",
    )
    await admin.put(TABLE, WEST | {"properties": {"routes": twice[:1]}})
    subnet = {"properties": {"addressPrefix": "10.1.8.0/24", "routeTable": {"id": TABLE}}}
    await admin.put(f"{DRILL_NETWORK}/subnets/routed", subnet)
    shown = (await azure.get(TABLE))["properties"]
    assert shown["subnets"] == [{"id": f"{DRILL_NETWORK}/subnets/routed"}]
    assert await admin.refused("DELETE", TABLE) == (400, "InUseRouteTableCannotBeDeleted")


async def test_a_balancer_gives_its_parts_ids_and_tells_who_is_in_its_pool(azure: Azure) -> None:
    admin = await operator(azure)
    balancer = f"{NETWORK}/loadBalancers/lb"
    front = {"subnet": {"id": f"{DRILL_NETWORK}/subnets/alpha"}}
    linked = {
        "frontendIPConfiguration": {"id": f"{balancer}/frontendIPConfigurations/front"},
        "backendAddressPool": {"id": f"{balancer}/backendAddressPools/pool"},
        "protocol": "Tcp",
        "frontendPort": 443,
    }
    body = WEST | {
        "properties": {
            "frontendIPConfigurations": [{"name": "front", "properties": front}],
            "backendAddressPools": [{"name": "pool"}],
            "loadBalancingRules": [{"name": "web", "properties": linked}],
        }
    }
    made = await admin.put(balancer, body)
    placed = made["properties"]["frontendIPConfigurations"][0]
    assert placed["id"] == f"{balancer}/frontendIPConfigurations/front"
    assert placed["properties"]["privateIPAddress"] == "10.1.9.4"
    pool = f"{balancer}/backendAddressPools/pool"
    await admin.put(
        f"{NETWORK}/networkInterfaces/one", nic(loadBalancerBackendAddressPools=[{"id": pool}])
    )
    shown = await azure.get(pool)
    assert shown["properties"]["backendIPConfigurations"] == [
        {"id": f"{NETWORK}/networkInterfaces/one/ipConfigurations/one"}
    ]
    assert made["sku"]["name"] == "Standard"
    linked["backendAddressPool"] = {"id": f"{balancer}/backendAddressPools/none"}
    assert await admin.refused("PUT", balancer, body) == (400, "InvalidResourceReference")
    assert await admin.refused("DELETE", f"{DRILL_NETWORK}/subnets/alpha") == (
        400,
        "InUseSubnetCannotBeDeleted",
    )


@pytest.mark.parametrize(
    ("kind", "subnet"),
    [
        ("virtualNetworkGateways", "GatewaySubnet"),
        ("azureFirewalls", "AzureFirewallSubnet"),
        ("bastionHosts", "AzureBastionSubnet"),
    ],
)
async def test_a_gateway_stands_in_the_subnet_of_its_name(
    azure: Azure, kind: str, subnet: str
) -> None:
    admin = await operator(azure)
    space = {"properties": {"addressPrefix": "10.1.100.0/26"}}
    await admin.put(f"{DRILL_NETWORK}/subnets/{subnet}", space)
    path = f"{NETWORK}/{kind}/one"

    def body(name: str) -> dict[str, Any]:
        placed = {"subnet": {"id": f"{DRILL_NETWORK}/subnets/{name}"}}
        return WEST | {"properties": {"ipConfigurations": [{"name": "a", "properties": placed}]}}

    assert await admin.refused("PUT", path, body("data")) == (400, "InvalidSubnetName")
    status, made, _ = await admin.ask("PUT", path, body(subnet))
    assert status == 201
    entry = made["properties"]["ipConfigurations"][0]["properties"]
    assert entry["privateIPAddress"] == "10.1.100.4"


async def test_a_connection_joins_gateways_that_exist(azure: Azure) -> None:
    admin = await operator(azure)
    local = f"{NETWORK}/localNetworkGateways/office"
    space = {"addressPrefixes": ["192.168.0.0/16"]}
    await admin.put(
        local,
        WEST
        | {"properties": {"gatewayIpAddress": "203.0.113.9", "localNetworkAddressSpace": space}},
    )
    body = WEST | {
        "properties": {"connectionType": "IPsec", "localNetworkGateway2": {"id": local}}
    }
    made = await admin.put(f"{NETWORK}/connections/c", body)
    assert made["properties"]["connectionStatus"] == "Unknown"
    body["properties"]["virtualNetworkGateway1"] = {"id": f"{NETWORK}/virtualNetworkGateways/no"}
    assert await admin.refused("PUT", f"{NETWORK}/connections/d", body) == (
        400,
        "InvalidResourceReference",
    )


async def test_a_private_endpoint_makes_its_nic_and_takes_it_away(azure: Azure) -> None:
    admin = await operator(azure)
    path = f"{NETWORK}/privateEndpoints/pe"
    linked = {"privateLinkServiceId": "/subscriptions/x/y", "groupIds": ["blob"]}
    body = WEST | {
        "properties": {
            "subnet": {"id": f"{DRILL_NETWORK}/subnets/alpha"},
            "privateLinkServiceConnections": [{"name": "link", "properties": linked}],
        }
    }
    made = await admin.put(path, body)
    entry = made["properties"]["privateLinkServiceConnections"][0]["properties"]
    assert entry["privateLinkServiceConnectionState"]["status"] == "Approved"
    (card,) = made["properties"]["networkInterfaces"]
    assert card["id"].startswith(f"{NETWORK}/networkInterfaces/pe.nic.")
    shown = await azure.get(card["id"])
    assert shown["properties"]["privateEndpoint"] == {"id": path}
    placed = shown["properties"]["ipConfigurations"][0]["properties"]
    assert placed["privateIPAddress"] == "10.1.9.4"
    assert await admin.refused("DELETE", card["id"]) == (400, "NicInUse")
    again = await admin.put(path, body)
    assert again["properties"]["networkInterfaces"] == [card]
    await admin.delete(path)
    assert (await azure.ask("GET", card["id"]))[0] == 404


async def test_a_zone_holds_records_and_links(azure: Azure) -> None:
    admin = await operator(azure)
    zone = await admin.put(ZONE, {"location": "global"})
    assert zone["properties"]["numberOfRecordSets"] == 1
    record = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.1.9.4"}]}}
    assert (await admin.ask("PUT", f"{ZONE}/A/erp", record))[0] == 201
    shown = await azure.get(f"{ZONE}/A/erp")
    assert shown["properties"] == {
        "ttl": 60,
        "aRecords": [{"ipv4Address": "10.1.9.4"}],
        "fqdn": "erp.privatelink.example.com.",
        "isAutoRegistered": False,
    }
    link = f"{ZONE}/virtualNetworkLinks/drill"
    body = {"location": "global", "properties": {"virtualNetwork": {"id": DRILL_NETWORK}}}
    made = await admin.put(link, body)
    assert made["properties"]["virtualNetworkLinkState"] == "Completed"
    zone = await azure.get(ZONE)
    assert zone["properties"]["numberOfRecordSets"] == 2
    assert zone["properties"]["numberOfVirtualNetworkLinks"] == 1
    rows = (await azure.get(f"{ZONE}/ALL"))["value"]
    assert [row["type"].rpartition("/")[2] for row in rows] == ["A", "SOA"]
    assert await admin.refused("DELETE", ZONE) == (409, "CannotDeleteResource")
    body["properties"] = {"virtualNetwork": {"id": f"{NETWORK}/virtualNetworks/none"}}
    assert await admin.refused("PUT", f"{ZONE}/virtualNetworkLinks/x", body) == (
        400,
        "InvalidResourceReference",
    )
    await admin.delete(link)
    await admin.delete(ZONE)
    assert await admin.refused("GET", f"{ZONE}/A/erp") == (404, "NotFound")


async def test_network_changes_tags_alone_by_patch(azure: Azure) -> None:
    admin = await operator(azure)
    status, told, _ = await admin.ask("PATCH", DRILL_NETWORK, {"tags": {"for": "drills"}})
    assert (status, told["tags"]) == (200, {"for": "drills"})
    assert len(told["properties"]["subnets"]) == 2
    status, told, _ = await admin.ask("PATCH", DRILL_NETWORK, {"tags": {}})
    assert told["tags"] == {}
    assert await admin.refused("PATCH", f"{DRILL_NETWORK}/subnets/alpha", {}) == (
        405,
        "MethodNotAllowed",
    )
