"""What is particular about networks: children inside their parent, peerings, subnets in use."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import chain, combinations
from typing import Any

from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.forms import named, part
from muster.simulator.arm.ids import same
from muster.simulator.json_types import Json, copied
from muster.simulator.world import World

NETWORK = "Microsoft.Network/virtualNetworks"
NIC = "Microsoft.Network/networkInterfaces"
GROUP, ROUTES = "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/routeTables"
INLINE = {
    NETWORK.lower(): ("subnets", "virtualNetworkPeerings"),
    GROUP.lower(): ("securityRules",),
    ROUTES.lower(): ("routes",),
}
_IN_SUBNETS = (
    NIC,
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/bastionHosts",
    "Microsoft.Network/virtualNetworkGateways",
)
_SUBNET_DEFAULTS: Json = {
    "delegations": [],
    "serviceEndpoints": [],
    "privateEndpointNetworkPolicies": "Disabled",
    "privateLinkServiceNetworkPolicies": "Enabled",
}
_PEERING_DEFAULTS: Json = {
    "allowVirtualNetworkAccess": True,
    "allowForwardedTraffic": False,
    "allowGatewayTransit": False,
    "useRemoteGateways": False,
    "peeringSyncLevel": "FullyInSync",
}


def child(world: World, parent: Json, collection: str, given: Json) -> Json:
    """A child as it lies in its parent's list, from what a client sent."""
    name = str(given.get("name") or "")
    if not name:
        raise bad_request("InvalidRequestFormat", f"An entry of '{collection}' has no name.")
    defaults = {"subnets": _SUBNET_DEFAULTS, "virtualNetworkPeerings": _PEERING_DEFAULTS}
    properties = copy.deepcopy(defaults.get(collection, {})) | (given.get("properties") or {})
    for computed in ("ipConfigurations", "peeringState"):
        properties.pop(computed, None)
    return {
        "name": name,
        "id": f"{parent['id']}/{collection}/{name}",
        "etag": world.etag(),
        "type": f"{parent['type']}/{collection}",
        "properties": properties | {"provisioningState": "Succeeded"},
    }


def adopt(world: World, resource: Json, before: Json | None) -> None:
    """Bring a network resource that was PUT into the shape it is kept in.

    A list of children that the body leaves out is kept as it was (so Azure does for peerings and,
    in newer api-versions, for subnets; UNCERTAIN for the rest).
    """
    properties = resource["properties"]
    for collection in INLINE.get(resource["type"].lower(), ()):
        if collection in properties:
            properties[collection] = [
                child(world, resource, collection, given) for given in properties[collection] or []
            ]
        else:
            properties[collection] = before["properties"][collection] if before else []
    if same(resource["type"], NETWORK):
        check_ranges(resource)
        check_references(world, resource)
        if before:
            kept = {entry["id"].lower() for entry in properties["subnets"]}
            for subnet in before["properties"]["subnets"]:
                if subnet["id"].lower() not in kept:
                    demand_unused(world, subnet)
    if same(resource["type"], GROUP):
        properties["defaultSecurityRules"] = list(_default_rules(resource))


def check_ranges(network: Json) -> None:
    """Refuse subnets outside the network's ranges, or over each other."""
    try:
        ranges = [
            IPv4Network(text) for text in network["properties"]["addressSpace"]["addressPrefixes"]
        ]
        subnets = [
            (entry["name"], space)
            for entry in network["properties"]["subnets"]
            for space in prefixes(entry)
        ]
    except (KeyError, TypeError, ValueError) as err:
        raise bad_request("InvalidAddressPrefixFormat", f"Not an address prefix: {err}.") from err
    for name, space in subnets:
        if not any(space.subnet_of(of) for of in ranges):
            raise bad_request(
                "NetcfgSubnetRangeOutsideVnet",
                f"Subnet '{name}' is not valid because "
                f"its IP address range is outside the IP address range of virtual "
                f"network '{network['name']}'.",
            )
    for (one, left), (other, right) in combinations(subnets, 2):
        if left.overlaps(right):
            raise bad_request(
                "NetcfgSubnetRangesOverlap",
                f"Subnet '{one}' is not valid because its "
                f"IP address range overlaps with that of an existing subnet '{other}' in "
                f"virtual network '{network['name']}'.",
            )


def check_references(world: World, network: Json) -> None:
    """Refuse what names a security group, route table or peer's range that cannot be."""
    for subnet in network["properties"]["subnets"]:
        for word in ("networkSecurityGroup", "routeTable"):
            other = named(subnet["properties"], word)
            if other and world.resource(other) is None:
                raise bad_request(
                    "InvalidResourceReference",
                    f"Resource {other} referenced by resource {subnet['id']} was not found.",
                )
    own = _space(network)
    for peering in network["properties"]["virtualNetworkPeerings"]:
        remote = world.resource(_remote(peering))
        if remote and any(a.overlaps(b) for a in own for b in _space(remote)):
            raise bad_request(
                "VnetAddressSpacesOverlap",
                f"Cannot create or update peering "
                f"{peering['id']} because the address spaces of the networks overlap.",
            )


def prefixes(subnet: Json) -> list[IPv4Network]:
    """A subnet's ranges."""
    properties = subnet["properties"]
    texts = properties.get("addressPrefixes") or [properties["addressPrefix"]]
    return [IPv4Network(text) for text in texts]


def subnet_of(world: World, subnet_id: str) -> Json | None:
    """A subnet by its id, from inside its network."""
    network = world.resource(subnet_id.rpartition("/subnets/")[0])
    for subnet in (network or {"properties": {"subnets": []}})["properties"]["subnets"]:
        if same(subnet["id"], subnet_id):
            return dict(subnet)
    return None


def configurations_in(world: World, subnet_id: str) -> list[Json]:
    """The IP configurations of all NICs and gateways, and the private endpoints, in a subnet."""
    return _configurations_by_subnet(world).get(subnet_id.casefold(), [])


def _configurations_by_subnet(world: World) -> dict[str, list[Json]]:
    """The same of every subnet that something lies in, by its id without case.

    One look at each resource, however many subnets ask.
    """
    found: dict[str, list[Json]] = {}
    for resource in chain.from_iterable(world.of_type(kind) for kind in _IN_SUBNETS):
        if subnet := named(resource["properties"], "subnet"):
            found.setdefault(subnet.casefold(), []).append(resource)
        for entry in _configurations(resource["properties"]):
            if subnet := named(part(entry, "properties"), "subnet"):
                found.setdefault(subnet.casefold(), []).append(entry)
    return found


def _configurations(properties: Json) -> list[Any]:
    found = properties.get("ipConfigurations")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def demand_unused(world: World, subnet: Json) -> None:
    """Refuse to lose a subnet that something lies in."""
    for entry in configurations_in(world, subnet["id"]):
        raise AzureError(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {subnet['name']} is in use by {entry.get('id')} and cannot be deleted. In "
            "order to delete the subnet, delete all the resources within the subnet.",
            [],
        )


def rendered(world: World, resource: Json) -> Json:
    """The body a GET answers: what follows from other resources is worked out now."""
    body: Json = copied(resource)
    body.pop("_created", None)  # ours: ARM tells it in lists only, when asked to
    render(world, body)
    return body


def render(world: World, body: Json) -> None:
    """Put into a copy of a network, security group or route table what others make of it."""
    kind = body["type"].lower()
    if kind == NETWORK.lower():
        inside = _configurations_by_subnet(world)
        for subnet in body["properties"]["subnets"]:
            if used := inside.get(subnet["id"].casefold()):
                told = [{"id": entry.get("id")} for entry in used]
                subnet["properties"]["ipConfigurations"] = told
        for peering in body["properties"]["virtualNetworkPeerings"]:
            _complete(world, body, peering)
    if kind in (GROUP.lower(), ROUTES.lower()):
        word = "networkSecurityGroup" if kind == GROUP.lower() else "routeTable"
        body["properties"]["subnets"] = [{"id": found} for found in users(world, body["id"], word)]
    if kind == GROUP.lower() and (nics := _nics_of(world, body["id"])):
        body["properties"]["networkInterfaces"] = [{"id": found} for found in nics]


def _nics_of(world: World, group_id: str) -> list[str]:
    word = "networkSecurityGroup"
    return [
        nic["id"] for nic in world.of_type(NIC) if same(named(nic["properties"], word), group_id)
    ]


def users(world: World, arm_id: str, word: str) -> list[str]:
    """The ids of the subnets that name a security group or a route table."""
    return [
        subnet["id"]
        for network in world.of_type(NETWORK)
        for subnet in network["properties"]["subnets"]
        if same(named(subnet["properties"], word), arm_id)
    ]


def _complete(world: World, network: Json, peering: Json) -> None:
    """A peering is Initiated until the other side has its own, Disconnected once that is gone."""
    remote = world.resource(_remote(peering))
    back = remote and any(
        same(_remote(entry), network["id"])
        for entry in remote["properties"]["virtualNetworkPeerings"]
    )
    elsewhere = f"/subscriptions/{world.state['subscription']}/" not in _remote(peering).lower()
    state = "Connected" if back or elsewhere else "Initiated" if remote else "Disconnected"
    peering["properties"]["peeringState"] = state
    if remote:
        space = remote["properties"]["addressSpace"]
        peering["properties"]["remoteAddressSpace"] = space
        peering["properties"]["remoteVirtualNetworkAddressSpace"] = space


def _remote(peering: Json) -> str:
    return named(peering["properties"], "remoteVirtualNetwork")


def _space(network: Json) -> list[IPv4Network]:
    return [IPv4Network(text) for text in network["properties"]["addressSpace"]["addressPrefixes"]]


def _default_rules(group: Json) -> Iterator[Json]:
    for direction, rows in _DEFAULT_RULES.items():
        for priority, name, access, source, destination in rows:
            yield {
                "name": name,
                "id": f"{group['id']}/defaultSecurityRules/{name}",
                "type": f"{GROUP}/defaultSecurityRules",
                "properties": {
                    "protocol": "*",
                    "sourcePortRange": "*",
                    "destinationPortRange": "*",
                    "sourceAddressPrefix": source,
                    "destinationAddressPrefix": destination,
                    "access": access,
                    "priority": priority,
                    "direction": direction,
                    "provisioningState": "Succeeded",
                },
            }


_DEFAULT_RULES = {
    "Inbound": (
        (65000, "AllowVnetInBound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        (65001, "AllowAzureLoadBalancerInBound", "Allow", "AzureLoadBalancer", "*"),
        (65500, "DenyAllInBound", "Deny", "*", "*"),
    ),
    "Outbound": (
        (65000, "AllowVnetOutBound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        (65001, "AllowInternetOutBound", "Allow", "*", "Internet"),
        (65500, "DenyAllOutBound", "Deny", "*", "*"),
    ),
}
