"""Security groups, route tables and networks: what their entries may say, and who uses them."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from muster.simulator.arm import networks
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.forms import REFERENCE, TEXTS, named
from muster.simulator.arm.ids import same
from muster.simulator.arm.shape import Shape, keep
from muster.simulator.json_types import Json
from muster.simulator.world import World

_NAME = re.compile(r"[A-Za-z0-9]([\w.-]{0,78}\w)?")
_PROTOCOLS = ("*", "tcp", "udp", "icmp", "esp", "ah")
_HOPS = ("virtualnetworkgateway", "vnetlocal", "internet", "virtualappliance", "none")
_RULE = {
    "protocol": str,
    "access": str,
    "direction": str,
    "priority": int,
    "description": str,
    **{f"{side}{word}": str for side in ("source", "destination")
       for word in ("PortRange", "AddressPrefix")},
    **{f"{side}{word}": TEXTS for side in ("source", "destination")
       for word in ("PortRanges", "AddressPrefixes")},
    **{f"{side}ApplicationSecurityGroups": [REFERENCE] for side in ("source", "destination")},
}  # fmt: skip
_ROUTE = {"addressPrefix": str, "nextHopType": str, "nextHopIpAddress": str}
_SUBNET = {
    "addressPrefix": str,
    "addressPrefixes": TEXTS,
    "networkSecurityGroup": REFERENCE,
    "routeTable": REFERENCE,
    "natGateway": REFERENCE,
    "delegations": [{"name": str, "properties": {"serviceName": str}}],
    "serviceEndpoints": [{"service": str}],
}
_PEERING = {"remoteVirtualNetwork": REFERENCE, "allowVirtualNetworkAccess": bool}


def check_rule(entry: Json) -> None:
    """Refuse a security rule that cannot be."""
    properties, name = entry["properties"], str(entry["name"])
    _demand_name(name, "securityRule")
    for word, known in (
        ("protocol", _PROTOCOLS),
        ("access", ("allow", "deny")),
        ("direction", ("inbound", "outbound")),
    ):
        value = properties.get(word, "*" if word == "protocol" else None)
        if value is None and word == "direction":
            properties[word] = "Inbound"
        elif str(value).lower() not in known:
            raise bad_request(
                "SecurityRuleInvalid" + word.capitalize(),
                f"Security rule {name} has an invalid {word}: '{value}'.",
            )
    priority = properties.get("priority")
    if not isinstance(priority, int) or not 100 <= priority <= 4096:
        raise bad_request(
            "SecurityRuleInvalidPriority",
            f"Security rule has invalid Priority. Value provided: {priority} Allowed range "
            "100-4096.",
        )
    for word in ("sourcePortRange", "destinationPortRange"):
        for text in (properties.get(word), *(properties.get(f"{word}s") or [])):
            if text is not None and not _is_port_range(text):
                raise bad_request(
                    "SecurityRuleInvalidPortRange",
                    f"Security rule has invalid Port range. Value provided: {text}. Value should "
                    "be an integer OR integer range with '-' delimiter. Valid range 0-65535.",
                )


def adopt_group(world: World, body: Json, before: Json | None) -> None:
    """A security group with its rules; two may not have one priority in one direction."""
    networks.adopt(world, body, before)
    seen: dict[tuple[str, int], str] = {}
    for entry in body["properties"]["securityRules"]:
        check_rule(entry)
        properties = entry["properties"]
        place = (str(properties["direction"]).lower(), properties["priority"])
        if place in seen:
            raise bad_request(
                "SecurityRuleConflict",
                f"Security rule {entry['name']} conflicts with rule {seen[place]}. Rules cannot "
                "have the same Priority and Direction. To learn more, see "
                "aka.ms/nsgrules.",
            )
        seen[place] = entry["name"]


def check_route(entry: Json) -> None:
    """Refuse a route that cannot be."""
    properties, name = entry["properties"], str(entry["name"])
    prefix, hop = properties.get("addressPrefix"), str(properties.get("nextHopType") or "")
    if hop.lower() not in _HOPS:
        raise bad_request("RouteInvalidNextHopType", f"Route {name} has no next hop type '{hop}'.")
    if prefix is None or not (_is_network(prefix) or _NAME.fullmatch(prefix)):
        raise bad_request("InvalidAddressPrefixFormat", f"Not an address prefix: '{prefix}'.")
    address = properties.get("nextHopIpAddress")
    if (hop.lower() == "virtualappliance") != (address is not None):
        raise bad_request(
            "RouteNextHopIpAddressMismatch",
            f"Route {name}: a next hop address belongs to next hop type VirtualAppliance.",
        )
    if address is not None and not _is_address(address):
        raise bad_request("InvalidIPAddress", f"IP address {address} is not a valid IPv4 address.")


def adopt_table(world: World, body: Json, before: Json | None) -> None:
    """A route table with its routes; two may not go to the same prefix."""
    networks.adopt(world, body, before)
    body["properties"].setdefault("disableBgpRoutePropagation", False)
    seen: set[str] = set()
    for entry in body["properties"]["routes"]:
        check_route(entry)
        prefix = str(entry["properties"]["addressPrefix"])
        if prefix in seen:
            raise bad_request(
                "RouteConflict", f"Route {entry['name']}: '{prefix}' has a route already."
            )
        seen.add(prefix)


def adopt_network(world: World, body: Json, before: Json | None) -> None:
    """A network with its subnets and peerings."""
    keep(body, before, ("resourceGuid",))
    networks.adopt(world, body, before)
    body["properties"].setdefault("enableDdosProtection", False)


def _demand_subnets_unused(world: World, body: Json) -> None:
    for subnet in body["properties"]["subnets"]:
        networks.demand_unused(world, subnet)


def _demand_unnamed(word: str, code: str):  # type: ignore[no-untyped-def]
    def demand(world: World, body: Json) -> None:
        users = networks.users(world, body["id"], word)
        if word == "networkSecurityGroup":
            users += [
                nic["id"]
                for nic in world.of_type(networks.NIC)
                if same(named(nic["properties"], word), body["id"])
            ]
        if users:
            raise AzureError(
                400,
                code,
                f"{body['name']} cannot be deleted because it is in use by the following "
                f"resources: {', '.join(users)}.",
                [],
            )

    return demand


def _demand_name(name: str, what: str) -> None:
    if not _NAME.fullmatch(name):
        raise bad_request(
            "InvalidResourceName",
            f"Resource name {name} of {what} is invalid. The name can be up to 80 characters "
            "long. It must begin with a word character, and it must end with a word character or "
            "with '_'. The name may contain word characters or '.', '-', '_'.",
        )


def _is_port_range(text: str) -> bool:
    if text == "*":
        return True
    low, _, high = text.partition("-")
    numbers = [low, high or low]
    if not all(number.isascii() and number.isdigit() and len(number) <= 5 for number in numbers):
        return False
    return int(numbers[0]) <= int(numbers[1]) <= 65535


def _is_network(text: str) -> bool:
    try:
        IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


GROUP = Shape(
    form={"securityRules": [{"name": str, "properties": _RULE}]},
    adopt=adopt_group,
    render=networks.render,
    demand_unused=_demand_unnamed(
        "networkSecurityGroup", "InUseNetworkSecurityGroupCannotBeDeleted"
    ),
)
TABLE = Shape(
    form={"routes": [{"name": str, "properties": _ROUTE}]},
    adopt=adopt_table,
    render=networks.render,
    demand_unused=_demand_unnamed("routeTable", "InUseRouteTableCannotBeDeleted"),
)
NETWORK = Shape(
    form={
        "addressSpace": {"addressPrefixes": TEXTS},
        "subnets": [{"name": str, "properties": _SUBNET}],
        "virtualNetworkPeerings": [{"name": str, "properties": _PEERING}],
    },
    adopt=adopt_network,
    render=networks.render,
    demand_unused=_demand_subnets_unused,
)
RULE = Shape(form=_RULE)
ROUTE = Shape(form=_ROUTE)
SUBNET = Shape(form=_SUBNET, demand_unused=networks.demand_unused)
PEERING = Shape(form=_PEERING)
