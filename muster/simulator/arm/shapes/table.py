"""Which type has which shape; a type without one is kept as it came."""

from __future__ import annotations

from muster.simulator.arm import forms, networks
from muster.simulator.arm.shape import Shape
from muster.simulator.arm.shapes import gateways, nics, private_links, public_ips, rules, storage
from muster.simulator.asr import vault_contents
from muster.simulator.compute import attaching, disks, placement
from muster.simulator.json_types import Json, copied
from muster.simulator.world import World

_PLAIN = Shape()
_TOP: forms.Form = {
    "sku": {"name": str, "tier": str},
    "kind": str,
    "zones": forms.TEXTS,
    "identity": {"type": str},
    "plan": {},
    "extendedLocation": {},
}
_NETWORK = "Microsoft.Network"
VAULT = "Microsoft.RecoveryServices/vaults"
_SHAPES = {
    networks.NETWORK: rules.NETWORK,
    f"{networks.NETWORK}/subnets": rules.SUBNET,
    f"{networks.NETWORK}/virtualNetworkPeerings": rules.PEERING,
    networks.GROUP: rules.GROUP,
    f"{networks.GROUP}/securityRules": rules.RULE,
    networks.ROUTES: rules.TABLE,
    f"{networks.ROUTES}/routes": rules.ROUTE,
    networks.NIC: nics.SHAPE,
    f"{_NETWORK}/publicIPAddresses": public_ips.SHAPE,
    f"{_NETWORK}/loadBalancers": gateways.BALANCER,
    f"{_NETWORK}/virtualNetworkGateways": gateways.NETWORK_GATEWAY,
    f"{_NETWORK}/localNetworkGateways": gateways.LOCAL_GATEWAY,
    f"{_NETWORK}/connections": gateways.CONNECTION,
    f"{_NETWORK}/natGateways": gateways.NAT,
    f"{_NETWORK}/azureFirewalls": gateways.FIREWALL,
    f"{_NETWORK}/bastionHosts": gateways.BASTION,
    f"{_NETWORK}/applicationGateways": gateways.APPLICATION_GATEWAY,
    f"{_NETWORK}/privateEndpoints": private_links.ENDPOINT,
    private_links.ZONE: private_links.ZONES,
    private_links.LINK: private_links.LINKS,
    **{f"{private_links.ZONE}/{kind}": private_links.RECORD for kind in private_links.RECORDS},
    placement.VM: Shape(gone=attaching.vm_gone),
    disks.DISK: disks.SHAPE,
    disks.SNAPSHOT: disks.SHAPE,
    placement.SET: placement.AVAILABILITY_SET,
    placement.GROUP: placement.PLACEMENT_GROUP,
    placement.RESERVED: placement.RESERVATION_GROUP,
    placement.RESERVATION: placement.CAPACITY,
    storage.STORAGE: storage.SHAPE,
    VAULT: Shape(demand_unused=vault_contents.demand_empty, gone=vault_contents.gone),
}
SHAPES = {kind.lower(): shape for kind, shape in _SHAPES.items()}


def shape_of(arm_type: str) -> Shape:
    return SHAPES.get(arm_type.lower(), _PLAIN)


def check(body: Json) -> None:
    """Refuse a body whose parts have the wrong types. Raises: AzureError."""
    shape = shape_of(body["type"])
    forms.check(shape.form, body["properties"])
    for key, form in (_TOP | shape.top).items():
        forms.check(form, body.get(key), key)


def adopt(world: World, body: Json, before: Json | None) -> None:
    """Check a body that was PUT and bring it into the shape it is kept in. Raises: AzureError."""
    check(body)
    shape_of(body["type"]).adopt(world, body, before)


def rendered(world: World, resource: Json) -> Json:
    """The body a GET answers: what follows from other resources is worked out now."""
    body = {key: copied(value) for key, value in resource.items() if key[0] != "_"}  # ours
    shape_of(body["type"]).render(world, body)
    return body
