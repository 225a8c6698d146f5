"""Networks, security groups, route tables, storage accounts and vaults, from ARM's JSON."""

from __future__ import annotations

from muster.gateway.parse import id_at, mapping, rows, text_of, text_or_none, texts
from muster.gateway.values import Json
from muster.replication.found import (
    FoundNetwork,
    FoundRoute,
    FoundRouteTable,
    FoundRule,
    FoundSecurityGroup,
    FoundStorage,
    FoundSubnet,
    FoundVault,
)
from muster.replication.untold import (
    told_of_end,
    untold_of_group,
    untold_of_routes,
    untold_of_subnet,
)


def read_network(raw: Json) -> FoundNetwork:
    """A virtual network with its subnets."""
    properties = mapping(raw.get("properties"))
    return FoundNetwork(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        region=text_of(raw.get("location")),
        address_space=texts(mapping(properties.get("addressSpace")).get("addressPrefixes")),
        subnets=tuple(_subnet(one) for one in rows(properties.get("subnets"))),
        dns_servers=texts(mapping(properties.get("dhcpOptions")).get("dnsServers")),
    )


def read_security_group(raw: Json) -> FoundSecurityGroup:
    """A security group; its default rules are left out, for they are always the same."""
    properties = mapping(raw.get("properties"))
    return FoundSecurityGroup(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        rules=tuple(_rule(one) for one in rows(properties.get("securityRules"))),
        untold=untold_of_group(raw),
    )


def read_route_table(raw: Json) -> FoundRouteTable:
    """A route table."""
    routes = []
    for one in rows(mapping(raw.get("properties")).get("routes")):
        properties = mapping(one.get("properties"))
        routes.append(
            FoundRoute(
                name=text_of(one.get("name")),
                prefix=text_of(properties.get("addressPrefix")),
                next_hop=text_of(properties.get("nextHopType")),
                next_hop_address=text_or_none(properties.get("nextHopIpAddress")),
            )
        )
    arm_id, name = text_of(raw.get("id")), text_of(raw.get("name"))
    return FoundRouteTable(arm_id, name, tuple(routes), untold_of_routes(raw))


def read_storage(raw: Json, blob_service: Json | None = None) -> FoundStorage:
    """A storage account.

    Args:
        raw: The account.
        blob_service: Its `blobServices/default`, which knows of soft delete; None: not read.
    """
    properties = mapping(raw.get("properties"))
    rules = mapping(properties.get("networkAcls"))
    kept = mapping(mapping(blob_service or {}).get("properties")).get("deleteRetentionPolicy")
    days = mapping(kept).get("days") if mapping(kept).get("enabled") is True else None
    return FoundStorage(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        region=text_of(raw.get("location")),
        sku=text_of(mapping(raw.get("sku")).get("name")),
        kind=text_of(raw.get("kind")),
        allows_shared_key=properties.get("allowSharedKeyAccess") is not False,  # absent: allowed
        soft_delete_days=days if isinstance(days, int) else None,
        default_action=text_of(rules.get("defaultAction")) or "Allow",
        bypasses_azure_services="azureservices" in text_of(rules.get("bypass")).casefold()
        or not rules,
    )


def read_vault(raw: Json) -> FoundVault:
    """A Recovery Services vault."""
    return FoundVault(
        text_of(raw.get("id")), text_of(raw.get("name")), text_of(raw.get("location"))
    )


def _subnet(raw: Json) -> FoundSubnet:
    properties = mapping(raw.get("properties"))
    single = text_or_none(properties.get("addressPrefix"))
    endpoints = rows(properties.get("serviceEndpoints"))
    return FoundSubnet(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        prefixes=(single,) if single else texts(properties.get("addressPrefixes")),
        security_group_id=id_at(properties, "networkSecurityGroup"),
        route_table_id=id_at(properties, "routeTable"),
        service_endpoints=tuple(text_of(one.get("service")) for one in endpoints),
        untold=untold_of_subnet(raw),
        raw=raw,
    )


def _rule(raw: Json) -> FoundRule:
    properties = mapping(raw.get("properties"))
    priority = properties.get("priority")
    return FoundRule(
        name=text_of(raw.get("name")),
        priority=priority if isinstance(priority, int) else 65000,
        is_outbound=text_of(properties.get("direction")).casefold() == "outbound",
        allows=text_of(properties.get("access")).casefold() == "allow",
        protocol=text_of(properties.get("protocol")) or "*",
        sources=told_of_end(properties, "sourceAddressPrefix") or ("*",),
        destinations=told_of_end(properties, "destinationAddressPrefix") or ("*",),
        ports=told_of_end(properties, "destinationPortRange") or ("*",),
    )
