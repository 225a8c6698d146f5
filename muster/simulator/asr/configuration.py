"""Reading a vault's set-up: fabrics, containers, policies, networks and mappings."""

from __future__ import annotations

from collections.abc import Callable

from muster.simulator.arm.errors import (
    group_not_found,
    resource_not_found,
    site_recovery_not_found,
)
from muster.simulator.arm.ids import parse, same
from muster.simulator.asr import refusals, setup
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Handler, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.world import World


def demand_vault(call: Call) -> Json:
    """The vault a path lies in, or ARM's own 404: of its group, or of itself."""
    path = "/".join(call.target.path.split("/")[:9])
    vault = call.world.resource(path)
    if vault is None and call.world.group(call.target) is None:
        raise group_not_found(call.target.group)
    if vault is None:
        raise resource_not_found(parse(path))
    return vault


def shown(world: World, entry: Json) -> Json:
    """A piece of set-up as GET and lists tell it: what follows from others is worked out now."""
    told = {key: value for key, value in entry.items() if not key.startswith("_")}
    if entry["type"] == f"{setup.BASE}/{setup.CONTAINERS}":
        told["properties"] = entry["properties"] | _paired(world, entry)
    if entry["type"] == f"{setup.BASE}/{setup.FABRICS}":
        details = entry["properties"]["customDetails"] | {
            "containerIds": _container_ids(world, entry)
        }
        told["properties"] = entry["properties"] | {"customDetails": details}
    return told


def _paired(world: World, container: Json) -> Json:
    """Role and pairing follow the mappings: the oldest one that touches the container decides."""
    role = ""
    for mapping in setup.under(world, setup.above(container, 2), setup.MAPPINGS):
        if same(setup.above(mapping), container["id"]):
            role = role or "Primary"
        elif same(mapping["properties"]["targetProtectionContainerId"], container["id"]):
            role = role or "Recovery"
    return {
        "protectedItemCount": len(items_in(world, container["id"])),
        "pairingStatus": "Paired" if role else "NotPaired",
        "role": role,
    }


def _container_ids(world: World, fabric: Json) -> list[str]:
    """Ids whose last name is the container's internal GUID; empty before there is one [PS-NC]."""
    return [
        f"{fabric['id']}/replicationProtectionContainers/{container['_guid']}"
        for container in setup.under(world, fabric["id"], setup.CONTAINERS)
    ]


def items_in(world: World, arm_id: str) -> list[Json]:
    """The protected items below a container, a fabric or a vault."""
    prefix = arm_id.lower() + "/"
    return [item for key, item in world.items.items() if key.startswith(prefix)]


def items_into(world: World, fabric_id: str) -> list[Json]:
    """The protected items that replicate into a fabric."""
    return [
        item
        for item in world.items.values()
        if same(f"{item['vault_id']}/replicationFabrics/{item['recovery_fabric']}", fabric_id)
    ]


def items_under(world: World, policy_id: str) -> list[Json]:
    """The protected items that follow a policy."""
    return [
        item
        for item in world.items.values()
        if same(f"{item['vault_id']}/replicationPolicies/{item['policy']}", policy_id)
    ]


# -- GET --------------------------------------------------------------------------------------


def get(kind: str) -> Handler:
    """GET one piece of set-up of a kind."""

    def handle(call: Call) -> Answer:
        if kind == setup.FABRICS:
            return Answer(200, shown(call.world, refusals.demand_fabric(call)))
        return Answer(200, shown(call.world, refusals.demand(call, kind)))

    return handle


def list_in(kind: str, demand: Callable[[Call], Json] | None) -> Handler:
    """GET those of a kind in a fabric or a container; None: in the whole vault."""

    def handle(call: Call) -> Answer:
        inside = demand(call)["id"] if demand else vault_id_of(call)
        entries = setup.under(call.world, inside, kind)
        return listed([shown(call.world, entry) for entry in entries])

    return handle


def list_mappings(call: Call) -> Answer:
    """GET the mappings of a container: those in both directions [CLI]."""
    container = refusals.demand_container(call)["id"]
    return listed(
        [
            shown(call.world, entry)
            for entry in setup.under(call.world, vault_id_of(call), setup.MAPPINGS)
            if same(setup.above(entry), container)
            or same(entry["properties"]["targetProtectionContainerId"], container)
        ]
    )


# -- networks: every Azure fabric has one, by a literal name ------------------------------------


def get_network(call: Call) -> Answer:
    """GET …/replicationNetworks/azureNetwork."""
    fabric = refusals.demand_fabric(call)
    demand_network(call)
    return Answer(200, _network(fabric))


def list_networks(call: Call) -> Answer:
    """GET the networks of a fabric."""
    return listed([_network(refusals.demand_fabric(call))])


def list_vault_networks(call: Call) -> Answer:
    """GET the networks of all fabrics."""
    fabrics = setup.under(call.world, vault_id_of(call), setup.FABRICS)
    return listed([_network(fabric) for fabric in fabrics])


def list_network_mappings(call: Call) -> Answer:
    """GET the mappings of a fabric's network."""
    fabric = refusals.demand_fabric(call)
    demand_network(call)
    entries = setup.under(call.world, fabric["id"], setup.NETWORK_MAPPINGS)
    return listed([shown(call.world, entry) for entry in entries])


def demand_network(call: Call) -> None:
    """Another network than the literal one is not there. Raises: AzureError, 404."""
    if not same(call.target.names[2], setup.AZURE_NETWORK):
        raise site_recovery_not_found(call.target.names[2])


def _network(fabric: Json) -> Json:
    return {
        "id": f"{fabric['id']}/replicationNetworks/{setup.AZURE_NETWORK}",
        "name": setup.AZURE_NETWORK,
        "type": f"{setup.BASE}/{setup.NETWORKS}",
        "properties": {
            "fabricType": "Azure",
            "subnets": [],
            "friendlyName": setup.AZURE_NETWORK,
            "networkType": "",
        },
    }


_ROLES = "Which mapping decides a container's role when there are several: inferred."
_LISTED = "Its elements are recorded, and how lists are told."
_MAKING = "That what is being made cannot be read before its job is over: inferred."
_NETWORK = "Its name is recorded in ids of mappings; its own body is inferred."
_VAULT = setup.BASE
ROUTES: Routes = {
    **{
        (f"{_VAULT}/{kind}", "get"): Route(get(kind), "recorded", _MAKING)
        for kind in (setup.FABRICS, setup.POLICIES, setup.MAPPINGS, setup.NETWORK_MAPPINGS)
    },
    (f"{_VAULT}/{setup.CONTAINERS}", "get"): Route(get(setup.CONTAINERS), "recorded", _ROLES),
    **{
        (f"{_VAULT}/{kind}", "list"): Route(list_in(kind, None), "recorded", _LISTED)
        for kind in (setup.FABRICS, setup.POLICIES)
    },
    **{
        (f"{_VAULT}/{kind.rpartition('/')[2]}", "list"): Route(list_in(kind, None), "specified")
        for kind in (setup.CONTAINERS, setup.MAPPINGS, setup.NETWORK_MAPPINGS)
    },
    (f"{_VAULT}/{setup.CONTAINERS}", "list"): Route(
        list_in(setup.CONTAINERS, refusals.demand_fabric), "recorded", f"{_LISTED} {_ROLES}"
    ),
    (f"{_VAULT}/{setup.MAPPINGS}", "list"): Route(list_mappings, "recorded", _LISTED),
    (f"{_VAULT}/{setup.NETWORK_MAPPINGS}", "list"): Route(list_network_mappings, "specified"),
    (f"{_VAULT}/{setup.NETWORKS}", "get"): Route(get_network, "inferred", _NETWORK),
    (f"{_VAULT}/{setup.NETWORKS}", "list"): Route(list_networks, "inferred", _NETWORK),
    (f"{_VAULT}/replicationNetworks", "list"): Route(list_vault_networks, "inferred", _NETWORK),
}
