"""Public IP addresses: the address, what has it, and its name."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.forms import named, part
from muster.simulator.arm.ids import same
from muster.simulator.arm.shape import Shape, keep
from muster.simulator.json_types import Json
from muster.simulator.world import World

_FORM = {
    "publicIPAllocationMethod": str,
    "publicIPAddressVersion": str,
    "idleTimeoutInMinutes": int,
    "dnsSettings": {"domainNameLabel": str},
}
_HOLDERS = ("ipConfigurations", "frontendIPConfigurations", "publicIPAddresses")


def adopt(world: World, body: Json, before: Json | None) -> None:
    """Static ones have their address at once; a Standard one is always static."""
    properties = body["properties"]
    keep(body, before, ("ipAddress", "resourceGuid", "ipConfiguration"))
    body["sku"] = {"name": "Basic", "tier": "Regional"} | (body.get("sku") or {})
    if same(str(body["sku"]["name"]), "Standard"):
        given = properties.setdefault("publicIPAllocationMethod", "Static")
        if not same(str(given), "Static"):
            raise bad_request(
                "StandardSkuPublicIPAddressesMustBeStatic",
                f"Standard sku publicIp {body['id']} must have AllocationMethod set to Static.",
            )
    properties.setdefault("publicIPAllocationMethod", "Dynamic")
    properties.setdefault("publicIPAddressVersion", "IPv4")
    properties.setdefault("idleTimeoutInMinutes", 4)
    if same(properties["publicIPAllocationMethod"], "Static"):
        properties.setdefault("ipAddress", _address(world, body))
    if label := (properties.get("dnsSettings") or {}).get("domainNameLabel"):
        zone = f"{body.get('location')}.cloudapp.azure.com"
        properties["dnsSettings"]["fqdn"] = f"{label}.{zone}"


def render(world: World, body: Json) -> None:
    """Tell what has the address; a dynamic one is there only then."""
    properties = body["properties"]
    holder = next(_holders(world, body["id"]), None)
    if holder is not None:
        properties["ipConfiguration"] = {"id": holder}
        properties.setdefault("ipAddress", _address(world, body))


def demand_unused(world: World, body: Json) -> None:
    """Refuse to delete an address something has."""
    for holder in _holders(world, body["id"]):
        raise AzureError(
            400,
            "PublicIPAddressCannotBeDeleted",
            f"Public IP address {body['id']} can not be deleted since it is still allocated to "
            f"resource {holder}. In order to delete the public IP, disassociate/detach the Public "
            "IP address from the resource.",
            [],
        )


def _holders(world: World, arm_id: str) -> Iterator[str]:
    for resource in world.resources.values():
        if not resource["type"].startswith("Microsoft.Network/"):
            continue
        for collection in _HOLDERS:
            entries = resource["properties"].get(collection)
            for entry in entries if isinstance(entries, list) else []:
                if not isinstance(entry, dict):
                    continue
                if same(str(entry.get("id")), arm_id) and collection == _HOLDERS[-1]:
                    yield resource["id"]
                elif same(named(part(entry, "properties"), "publicIPAddress"), arm_id):
                    yield str(entry.get("id"))


def _address(world: World, body: Json) -> str:
    """A public address of Azure's own look, always the same for the same resource."""
    digits = world.guid("public ip", body["id"])
    return f"20.{int(digits[:2], 16)}.{int(digits[2:4], 16)}.{1 + int(digits[4:6], 16) % 254}"


SHAPE = Shape(form=_FORM, adopt=adopt, render=render, demand_unused=demand_unused)
