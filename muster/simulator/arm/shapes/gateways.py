"""What stands in a subnet besides machines: gateways, firewalls, balancers and what they hold."""

from __future__ import annotations

from collections.abc import Callable

from muster.simulator.arm.addresses import next_free
from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.forms import REFERENCE, TEXTS, Form, named
from muster.simulator.arm.ids import name_of, same
from muster.simulator.arm.networks import subnet_of
from muster.simulator.arm.shape import Shape, demand_known, give_ids, keep
from muster.simulator.json_types import Json
from muster.simulator.world import World

_CONFIGURATION: Form = [
    {
        "name": str,
        "properties": {
            "subnet": REFERENCE,
            "publicIPAddress": REFERENCE,
            "privateIPAddress": str,
            "privateIPAllocationMethod": str,
        },
    }
]
_ENTRIES: Form = [{"name": str, "properties": {}}]
BALANCER_PARTS = (
    "frontendIPConfigurations",
    "backendAddressPools",
    "loadBalancingRules",
    "probes",
    "inboundNatRules",
    "inboundNatPools",
    "outboundRules",
)
_APPLICATION_PARTS = (
    "gatewayIPConfigurations",
    "frontendIPConfigurations",
    "frontendPorts",
    "backendAddressPools",
    "backendHttpSettingsCollection",
    "httpListeners",
    "requestRoutingRules",
    "probes",
)


def _adopting(
    parts: tuple[str, ...], placed: str, subnet_name: str = "", **defaults: object
) -> Callable[[World, Json, Json | None], None]:
    """An `adopt` that gives parts their ids, and those that are placed in a subnet an address."""

    def adopt(world: World, body: Json, before: Json | None) -> None:
        keep(body, before, ("resourceGuid",))
        for key, value in defaults.items():
            body["properties"].setdefault(key, value)
        give_ids(world, body, parts)
        for part in parts:
            body["properties"].setdefault(part, [])
        for entry in body["properties"].get(placed) or []:
            _place(world, body, entry, subnet_name)

    return adopt


def _place(world: World, body: Json, entry: Json, subnet_name: str) -> None:
    properties = entry["properties"]
    if public_ip := named(properties, "publicIPAddress"):
        demand_known(world, body, public_ip)
    subnet_id = named(properties, "subnet")
    if not subnet_id:
        return
    subnet = subnet_of(world, subnet_id)
    if subnet is None:
        demand_known(world, body, subnet_id)
        return
    if subnet_name and not same(name_of(subnet_id), subnet_name):
        raise bad_request(
            "InvalidSubnetName",
            f"The subnet of {body['id']} has to be called '{subnet_name}', not "
            f"'{name_of(subnet_id)}'.",
        )
    static = same(str(properties.get("privateIPAllocationMethod")), "Static")
    if not static or not properties.get("privateIPAddress"):
        properties["privateIPAllocationMethod"] = "Dynamic"
        properties["privateIPAddress"] = next_free(world, subnet)


def _adopt_balancer(world: World, body: Json, before: Json | None) -> None:
    body["sku"] = {"name": "Standard", "tier": "Regional"} | (body.get("sku") or {})
    _adopting(BALANCER_PARTS, "frontendIPConfigurations")(world, body, before)
    known = {
        entry["id"].lower()
        for part in BALANCER_PARTS
        for entry in body["properties"].get(part) or []
    }
    for part in ("loadBalancingRules", "inboundNatRules", "outboundRules"):
        for entry in body["properties"].get(part) or []:
            for word in ("frontendIPConfiguration", "backendAddressPool", "probe"):
                asked = named(entry["properties"], word)
                if asked and asked.lower() not in known:
                    raise bad_request(
                        "InvalidResourceReference",
                        f"Resource {asked} referenced by resource {entry['id']} was not found.",
                    )


def _render_balancer(world: World, body: Json) -> None:
    """A pool tells which NICs are in it."""
    pools = {entry["id"].lower(): entry for entry in body["properties"]["backendAddressPools"]}
    for nic in world.of_type("Microsoft.Network/networkInterfaces"):
        for entry in nic["properties"].get("ipConfigurations") or []:
            for pool in (entry.get("properties") or {}).get("loadBalancerBackendAddressPools", []):
                if found := pools.get(str(pool.get("id")).lower()):
                    members = found["properties"].setdefault("backendIPConfigurations", [])
                    members.append({"id": entry["id"]})


def _adopt_connection(world: World, body: Json, before: Json | None) -> None:
    keep(body, before, ("resourceGuid",))
    properties = body["properties"]
    for word in ("virtualNetworkGateway1", "virtualNetworkGateway2", "localNetworkGateway2"):
        if asked := named(properties, word):
            demand_known(world, body, asked)
    properties.setdefault("connectionStatus", "Unknown")
    properties.setdefault("routingWeight", 0)


BALANCER = Shape(
    form={"frontendIPConfigurations": _CONFIGURATION,
          **dict.fromkeys(BALANCER_PARTS[1:], _ENTRIES)},
    top={"sku": {"name": str, "tier": str}},
    adopt=_adopt_balancer,
    render=_render_balancer,
)  # fmt: skip
NETWORK_GATEWAY = Shape(
    form={"ipConfigurations": _CONFIGURATION, "gatewayType": str, "vpnType": str},
    adopt=_adopting(
        ("ipConfigurations",),
        "ipConfigurations",
        "GatewaySubnet",
        gatewayType="Vpn",
        vpnType="RouteBased",
        enableBgp=False,
        activeActive=False,
    ),
)
APPLICATION_GATEWAY = Shape(
    form={"frontendIPConfigurations": _CONFIGURATION, "gatewayIPConfigurations": _CONFIGURATION,
          **dict.fromkeys(_APPLICATION_PARTS[2:], _ENTRIES)},
    adopt=_adopting(
        _APPLICATION_PARTS, "frontendIPConfigurations", operationalState="Running"
    ),
)  # fmt: skip
FIREWALL = Shape(
    form={"ipConfigurations": _CONFIGURATION},
    adopt=_adopting(
        ("ipConfigurations",), "ipConfigurations", "AzureFirewallSubnet", threatIntelMode="Alert"
    ),
)
BASTION = Shape(
    form={"ipConfigurations": _CONFIGURATION},
    adopt=_adopting(("ipConfigurations",), "ipConfigurations", "AzureBastionSubnet"),
)
LOCAL_GATEWAY = Shape(
    form={"gatewayIpAddress": str, "localNetworkAddressSpace": {"addressPrefixes": TEXTS}},
    adopt=_adopting((), ""),
)
CONNECTION = Shape(
    form={
        "connectionType": str,
        "virtualNetworkGateway1": REFERENCE,
        "virtualNetworkGateway2": REFERENCE,
        "localNetworkGateway2": REFERENCE,
    },
    adopt=_adopt_connection,
)
NAT = Shape(
    form={"idleTimeoutInMinutes": int, "publicIpAddresses": [REFERENCE]},
    adopt=_adopting((), "", idleTimeoutInMinutes=4),
)
