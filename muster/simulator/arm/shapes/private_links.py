"""Private endpoints with the NIC they make, and private DNS zones with their records."""

from __future__ import annotations

from muster.simulator.arm import bodies, paging
from muster.simulator.arm.addresses import next_free
from muster.simulator.arm.errors import AzureError, bad_request, parent_not_found
from muster.simulator.arm.forms import REFERENCE, named
from muster.simulator.arm.networks import NIC, subnet_of
from muster.simulator.arm.shape import Shape, demand_known, give_ids, keep
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json, copied
from muster.simulator.world import World

ZONE = "Microsoft.Network/privateDnsZones"
LINK = f"{ZONE}/virtualNetworkLinks"
RECORDS = {
    "A": "aRecords",
    "AAAA": "aaaaRecords",
    "CNAME": "cnameRecord",
    "MX": "mxRecords",
    "PTR": "ptrRecords",
    "SOA": "soaRecord",
    "SRV": "srvRecords",
    "TXT": "txtRecords",
}
"""Type of a record set -> where its properties keep the records."""
_CONNECTIONS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
_CONNECTION = [
    {
        "name": str,
        "properties": {"privateLinkServiceId": str, "groupIds": [str], "requestMessage": str},
    }
]


def adopt_endpoint(world: World, body: Json, before: Json | None) -> None:
    """A private endpoint: it makes its own NIC in the subnet, and its connections are approved."""
    properties = body["properties"]
    keep(body, before, ("networkInterfaces", "resourceGuid"))
    subnet_id = named(properties, "subnet")
    subnet = subnet_of(world, subnet_id)
    if subnet is None:
        demand_known(world, body, subnet_id)
        return
    give_ids(world, body, _CONNECTIONS)
    for collection in _CONNECTIONS:
        properties.setdefault(collection, [])
        approved = collection == _CONNECTIONS[0]
        for entry in properties[collection]:
            entry["properties"]["privateLinkServiceConnectionState"] = {
                "status": "Approved" if approved else "Pending",
                "description": "Auto-Approved" if approved else "",
                "actionsRequired": "None",
            }
    properties.setdefault("customDnsConfigs", [])
    if "networkInterfaces" not in properties:
        properties["networkInterfaces"] = [{"id": _made_nic(world, body, subnet)}]


def _made_nic(world: World, body: Json, subnet: Json) -> str:
    address = next_free(world, subnet)
    if address is None:
        raise bad_request("SubnetIsFull", f"Subnet {subnet['name']} has no free address left.")
    guid = world.guid("endpoint", body["id"])
    group = body["id"].partition("/providers/")[0]
    nic = bodies.nic(
        world,
        f"{group}/providers/{NIC}/{body['name']}.nic.{guid}",
        str(body.get("location")),
        f"privateEndpointIpConfig.{guid}",
        subnet["id"],
        address,
        static=False,
    )
    nic["properties"]["privateEndpoint"] = {"id": body["id"]}
    world.put(nic)
    return str(nic["id"])


def endpoint_gone(world: World, body: Json) -> None:
    """Its NIC goes with it."""
    for nic in body["properties"].get("networkInterfaces") or []:
        world.remove(nic["id"])


def adopt_zone(world: World, body: Json, before: Json | None) -> None:
    """A private DNS zone; it has its SOA record from the start."""
    body["location"] = "global"
    if before is None:
        soa = {
            "email": "azureprivatedns-host.microsoft.com",
            "expireTime": 2419200,
            "host": "azureprivatedns.net",
            "minimumTtl": 10,
            "refreshTime": 3600,
            "retryTime": 300,
            "serialNumber": 1,
        }
        record: Json = {
            "id": f"{body['id']}/SOA/@",
            "name": "@",
            "type": f"{ZONE}/SOA",
            "tags": {},
            "etag": world.etag(),
            "properties": {"ttl": 3600, "soaRecord": soa, "provisioningState": "Succeeded"},
            "_created": world.now,
        }
        adopt_record(world, record, None)
        world.put(record)


def render_zone(world: World, body: Json) -> None:
    """How many records and links there are."""
    links = list(world.of_type(LINK, body["id"]))
    registering = sum(bool(link["properties"].get("registrationEnabled")) for link in links)
    body["properties"] |= {
        "maxNumberOfRecordSets": 25000,
        "maxNumberOfVirtualNetworkLinks": 1000,
        "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
        "numberOfRecordSets": len(record_sets(world, body["id"])),
        "numberOfVirtualNetworkLinks": len(links),
        "numberOfVirtualNetworkLinksWithRegistration": registering,
    }


def demand_zone_unused(world: World, body: Json) -> None:
    """A zone with links cannot go."""
    if any(world.of_type(LINK, body["id"])):
        raise AzureError(
            409,
            "CannotDeleteResource",
            f"Can not delete resource before nested resources are deleted: {body['id']}.",
        )


def adopt_link(world: World, body: Json, _: Json | None) -> None:
    """A link of a zone to a network."""
    body["location"] = "global"
    demand_known(world, body, named(body["properties"], "virtualNetwork"))
    body["properties"].setdefault("registrationEnabled", False)
    body["properties"]["virtualNetworkLinkState"] = "Completed"


def adopt_record(_: World, body: Json, __: Json | None) -> None:
    """A record set: its name below the zone's, and how long it may be kept."""
    zone = body["id"].split("/")[8]
    name = body["name"]
    full = f"{zone}." if name == "@" else f"{name}.{zone}."
    body["properties"] |= {"fqdn": full, "isAutoRegistered": False}
    body["properties"].setdefault("ttl", 3600)


def render_record(_: World, body: Json) -> None:
    """A record set is in no state."""
    body["properties"].pop("provisioningState", None)


def record_sets(world: World, zone_id: str) -> list[Json]:
    """All record sets of a zone."""
    return [body for kind in RECORDS for body in world.of_type(f"{ZONE}/{kind}", zone_id)]


ENDPOINT = Shape(
    form={"subnet": REFERENCE, **dict.fromkeys(_CONNECTIONS, _CONNECTION)},
    adopt=adopt_endpoint,
    gone=endpoint_gone,
)
ZONES = Shape(adopt=adopt_zone, render=render_zone, demand_unused=demand_zone_unused)
LINKS = Shape(form={"virtualNetwork": REFERENCE, "registrationEnabled": bool}, adopt=adopt_link)
RECORD = Shape(
    form={
        "ttl": int,
        "aRecords": [{"ipv4Address": str}],
        "aaaaRecords": [{"ipv6Address": str}],
        "cnameRecord": {"cname": str},
    },
    adopt=adopt_record,
    render=render_record,
)


def list_records(call: Call) -> Answer:
    """GET …/privateDnsZones/{zone}/ALL and /recordsets: the record sets of every type."""
    zone = call.world.resource(call.target.owner)
    if zone is None:
        raise parent_not_found(call.target, call.target.owner)
    rows = []
    for body in record_sets(call.world, zone["id"]):
        row = {key: copied(value) for key, value in body.items() if key[0] != "_"}
        render_record(call.world, row)
        rows.append(row)
    return paging.page(call, rows, top=True)


ROUTES: Routes = {
    (f"{ZONE}/{word}", "list"): Route(list_records, "specified") for word in ("ALL", "recordsets")
}
