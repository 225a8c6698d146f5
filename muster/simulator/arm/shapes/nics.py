"""Network interfaces: placed in subnets, with addresses that nobody else has."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

from muster.simulator.arm import bodies
from muster.simulator.arm.addresses import is_usable, next_free
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.forms import REFERENCE, named
from muster.simulator.arm.ids import same
from muster.simulator.arm.networks import NIC, configurations_in, prefixes, subnet_of
from muster.simulator.arm.shape import Shape, demand_known, give_ids, keep
from muster.simulator.json_types import Json
from muster.simulator.world import World

CONFIGURATIONS = "ipConfigurations"
_FORM = {
    CONFIGURATIONS: [
        {
            "name": str,
            "properties": {
                "subnet": REFERENCE,
                "publicIPAddress": REFERENCE,
                "privateIPAddress": str,
                "privateIPAllocationMethod": str,
                "privateIPAddressVersion": str,
                "primary": bool,
                "loadBalancerBackendAddressPools": [REFERENCE],
                "loadBalancerInboundNatRules": [REFERENCE],
                "applicationSecurityGroups": [REFERENCE],
            },
        }
    ],
    "networkSecurityGroup": REFERENCE,
    "dnsSettings": {"dnsServers": [str]},
    "enableAcceleratedNetworking": bool,
    "enableIPForwarding": bool,
}


def adopt(world: World, nic: Json, before: Json | None) -> None:
    """Check a NIC that was PUT, and give each configuration without an address one."""
    properties = nic["properties"]
    keep(nic, before, ("virtualMachine", "privateEndpoint", "resourceGuid", "macAddress"))
    entries = properties.get(CONFIGURATIONS) or []
    if not entries:
        raise bad_request(
            "NetworkInterfaceMustHaveAtLeastOneIpConfiguration",
            f"Network interface {nic['id']} must have at least one IP configuration.",
        )
    if group := named(properties, "networkSecurityGroup"):
        demand_known(world, nic, group)
    give_ids(world, nic, (CONFIGURATIONS,))
    _demand_names(nic, entries)
    for n, entry in enumerate(entries):
        entry["properties"] = {"primary": n == 0} | entry["properties"]
        _place(world, nic, entry, before)
    properties.setdefault("resourceGuid", world.guid("nic", nic["id"]))
    properties.setdefault("macAddress", bodies.mac(world.guid("mac", nic["id"])))
    properties["dnsSettings"] = {"dnsServers": [], "appliedDnsServers": []} | (
        properties.get("dnsSettings") or {}
    )
    for word in ("enableAcceleratedNetworking", "enableIPForwarding"):
        properties.setdefault(word, False)
    properties.setdefault("nicType", "Standard")


def demand_unused(_: World, nic: Json) -> None:
    """Refuse to delete a NIC of a VM or of a private endpoint."""
    for word in ("virtualMachine", "privateEndpoint"):
        if holder := named(nic["properties"], word):
            raise AzureError(
                400,
                "NicInUse",
                f"Network Interface {nic['id']} is used by existing resource {holder}. In order "
                "to delete the network interface, it must be dissociated from the resource. To "
                "learn more, see aka.ms/deletenic.",
                [],
            )


def _demand_names(nic: Json, entries: list[Json]) -> None:
    names = [str(entry["name"]).lower() for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise bad_request(
                "DuplicateResourceName",
                f"Resource {nic['id']} has two child resources with the same name ({name}).",
            )


def _place(world: World, nic: Json, entry: Json, before: Json | None) -> None:
    """Give one configuration its address, or refuse the one it asks for."""
    properties = entry["properties"]
    subnet_id = named(properties, "subnet")
    subnet = subnet_of(world, subnet_id)
    if subnet is None:
        raise bad_request(
            "InvalidResourceReference",
            f"Resource {subnet_id} referenced by resource {nic['id']} was not found. Please make "
            "sure that the referenced resource exists, and that both resources are in the same "
            "region.",
        )
    _demand_same_place(world, nic, subnet_id)
    _demand_public_ip(world, nic, entry)
    asked = properties.get("privateIPAddress")
    static = same(str(properties.get("privateIPAllocationMethod")), "Static")
    if not asked or not static:
        asked = _had(before, entry["name"], subnet_id) or next_free(world, subnet)
        if asked is None:
            raise bad_request(
                "SubnetIsFull",
                f"Subnet {subnet['name']} with address prefix {prefixes(subnet)[0]} does not have "
                "enough capacity for 1 IP addresses.",
            )
    else:
        _demand_free(world, nic, entry, subnet, asked)
    properties["privateIPAddress"] = asked
    properties["privateIPAllocationMethod"] = "Static" if static else "Dynamic"
    properties.setdefault("privateIPAddressVersion", "IPv4")


def _demand_same_place(world: World, nic: Json, subnet_id: str) -> None:
    network = world.resource(subnet_id.rpartition("/subnets/")[0])
    if network and not same(str(network.get("location")), str(nic.get("location"))):
        raise bad_request(
            "InvalidResourceReference",
            f"Resource {subnet_id} referenced by resource {nic['id']} was not found. Please make "
            "sure that the referenced resource exists, and that both resources are in the same "
            "region.",
        )


def _demand_public_ip(world: World, nic: Json, entry: Json) -> None:
    public_ip = named(entry["properties"], "publicIPAddress")
    if not public_ip:
        return
    demand_known(world, nic, public_ip)
    for other in world.of_type(NIC):
        for configuration in other["properties"].get(CONFIGURATIONS) or []:
            theirs = named(configuration.get("properties") or {}, "publicIPAddress")
            if same(theirs, public_ip) and not same(configuration["id"], entry["id"]):
                raise bad_request(
                    "PublicIPAddressInUse",
                    f"Resource {entry['id']} is referencing public IP address {public_ip} that "
                    f"is already allocated to resource {configuration['id']}.",
                )


def _had(before: Json | None, name: str, subnet_id: str) -> str | None:
    """The address a configuration of the same name had in the same subnet."""
    for entry in (before or {"properties": {}})["properties"].get(CONFIGURATIONS) or []:
        properties = entry["properties"]
        if same(entry["name"], name) and same(named(properties, "subnet"), subnet_id):
            return str(properties["privateIPAddress"])
    return None


def _demand_free(world: World, nic: Json, entry: Json, subnet: Json, asked: str) -> None:
    try:
        address = IPv4Address(asked)
    except AddressValueError as err:
        raise bad_request(
            "InvalidIPAddress", f"IP address {asked} is not a valid IPv4 address."
        ) from err
    space = prefixes(subnet)
    if not any(address in each for each in space):
        raise bad_request(
            "PrivateIPAddressNotInSubnet",
            f"Private static IP address {asked} does not belong to the range of subnet prefix "
            f"{space[0]}.",
        )
    if not is_usable(subnet, asked):
        raise bad_request(
            "PrivateIPAddressInReservedRange",
            f"Private static IP address {asked} falls within reserved IP range of subnet prefix "
            f"{space[0]}.",
        )
    for other in configurations_in(world, subnet["id"]):
        theirs = (other.get("properties") or {}).get("privateIPAddress")
        own = str(other["id"]).lower().startswith(nic["id"].lower() + "/")
        if theirs == asked and not own:
            raise bad_request(
                "PrivateIPAddressIsAllocated",
                f"IP configuration {entry['id']} is using the private IP address {asked} which is "
                f"already allocated to resource {other['id']}.",
            )


SHAPE = Shape(form=_FORM, adopt=adopt, demand_unused=demand_unused)
