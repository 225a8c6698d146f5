"""Network mappings: which network stands in for which after a failover (FACTS 3)."""

from __future__ import annotations

from muster.simulator.arm.ids import name_of, same
from muster.simulator.arm.networks import NETWORK
from muster.simulator.asr import refusals, setup, setup_jobs, setup_tasks
from muster.simulator.asr.configuration import demand_network
from muster.simulator.asr.setup_jobs import Refusal
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json

_PROVIDER = "fabricSpecificDetails"


def create(call: Call) -> Answer:
    """PUT `{properties:{recoveryFabricName, recoveryNetworkId, fabricSpecificDetails}}`."""
    fabric = refusals.demand_fabric(call)
    demand_network(call)
    given = call.properties()
    other_name = refusals.text(call, given, "recoveryFabricName")
    recovery = refusals.text(call, given, "recoveryNetworkId")
    details = refusals.part(call, given, _PROVIDER, "AzureToAzure")
    primary = refusals.text(call, details, "primaryNetworkId")
    return _written(call, fabric, call.target.name, other_name, (primary, recovery))


def update(call: Call) -> Answer:
    """PATCH: as PUT; what is left out stays as it was."""
    fabric, known = refusals.demand_fabric(call), refusals.demand(call, setup.NETWORK_MAPPINGS)
    given, kept = call.properties(), known["properties"]
    details = given.get(_PROVIDER)
    if details is not None:
        details = refusals.part(call, given, _PROVIDER, "AzureToAzure")
    primary = str((details or {}).get("primaryNetworkId") or kept["primaryNetworkId"])
    recovery = str(given.get("recoveryNetworkId") or kept["recoveryNetworkId"])
    other_name = str(given.get("recoveryFabricName") or name_of(kept["recoveryFabricArmId"]))
    return _written(call, fabric, known["name"], other_name, (primary, recovery), known)


def delete(call: Call) -> Answer:
    """DELETE: networks of items that are protected already stay as they are."""
    world = call.world
    mapping = setup.find(world, call.target.path, setup.NETWORK_MAPPINGS)
    if mapping is None:
        return Answer(204)
    kept = mapping["properties"]
    fabric = setup.find(world, setup.above(mapping, 2), setup.FABRICS)
    other = setup.find(world, kept["recoveryFabricArmId"], setup.FABRICS)
    networks = kept["primaryNetworkId"], kept["recoveryNetworkId"]
    job = _begun(call, setup_tasks.UNMAP_NETWORKS, mapping["id"], fabric, other, networks)
    job["answers"] = False
    if refusal := setup_jobs.busy(world, mapping["id"]):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, drop=[mapping["id"]])


def _written(
    call: Call,
    fabric: Json,
    name: str,
    other_name: str,
    networks: tuple[str, str],
    before: Json | None = None,
) -> Answer:
    """Accept or refuse a mapping; `before` is the one that is being changed."""
    other_id = f"{vault_id_of(call)}/replicationFabrics/{other_name}"
    other = setup.find(call.world, other_id, setup.FABRICS)
    arm_id = f"{fabric['id']}/{_BELOW_FABRIC}/{name}"
    job = _begun(call, setup_tasks.MAP_NETWORKS, arm_id, fabric, other, networks)
    if other is None:
        return setup_jobs.refuse(call, job, _unknown("fabric", other_name))
    mapping = setup.network_mapping(name, fabric, other, *networks)
    refusal = (
        setup_jobs.busy(call.world, arm_id)
        or _misplaced(call, networks[0], fabric)
        or _misplaced(call, networks[1], other)
        or _taken(call, mapping, before)
    )
    if refusal:
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, keep=[mapping])


def _begun(
    call: Call,
    kind: setup_tasks.SetupKind,
    arm_id: str,
    fabric: Json | None,
    other: Json | None,
    networks: tuple[str, str],
) -> Json:
    """A job about the primary network; it is named, not numbered [PS-RP]."""
    primary, recovery = (network.lower() for network in networks)
    affected: Json = {
        "primaryNetworkId": primary,
        "primaryNetworkName": name_of(primary),
        "recoveryNetworkId": recovery,
        **(setup_jobs.fabrics_affected(fabric, other) if fabric else {}),
    }
    takes = call.world.takes("network_unmapping", arm_id)
    if kind is setup_tasks.MAP_NETWORKS:
        takes = call.world.takes("network_mapping", by=(call.world.seed, arm_id))
    subject = name_of(primary), name_of(primary)
    return setup_jobs.begin(call, kind, subject, arm_id, takes, affected=affected)


# -- why not ----------------------------------------------------------------------------------


def _unknown(what: str, name: str) -> Refusal:
    return Refusal(
        f"The {what} '{name}' was not found.",
        "It was removed, or the name is wrong.",
        f"Use a {what} that exists.",
    )


def _misplaced(call: Call, network_id: str, fabric: Json) -> Refusal | None:
    network = call.world.resource(network_id)
    if network is None or not same(network["type"], NETWORK):
        return _unknown("virtual network", network_id)
    if same(network["location"], setup.location_of(fabric)):
        return None
    return Refusal(
        f"The virtual network '{network['name']}' cannot be mapped.",
        f"It is not in {fabric['properties']['friendlyName']}.",
        "Use a virtual network of the fabric's region.",
    )


def _taken(call: Call, mapping: Json, before: Json | None) -> Refusal | None:
    """A name with other content, or a network that is mapped to this fabric already."""
    asked = mapping["properties"]
    for known in setup_jobs.there_or_coming(call.world, vault_id_of(call), setup.NETWORK_MAPPINGS):
        kept = known["properties"]
        if same(known["id"], mapping["id"]):
            if before is None and kept != asked:
                return Refusal(
                    f"The network mapping '{known['name']}' exists already, with other content.",
                    "A network mapping of this name is there.",
                    "Choose another name, or update the network mapping.",
                )
        elif same(kept["primaryNetworkId"], asked["primaryNetworkId"]) and same(
            kept["recoveryFabricArmId"], asked["recoveryFabricArmId"]
        ):
            return Refusal(
                f"The virtual network '{asked['primaryNetworkFriendlyName']}' is mapped already.",
                f"The network mapping '{known['name']}' maps it to the same region.",
                "Update that mapping, or remove it first.",
            )
    return None


_BELOW_FABRIC = f"replicationNetworks/{setup.AZURE_NETWORK}/replicationNetworkMappings"
_CREATE = "What unknown ids, a wrong region and a doubled mapping are answered: inferred."
_UPDATE = "The job is that of a new mapping: inferred."
_DELETE = "Job and tasks are recorded for on-premises networks."
_MAPPING = f"{setup.BASE}/{setup.NETWORK_MAPPINGS}"
ROUTES: Routes = {
    (_MAPPING, "put"): Route(create, "recorded", _CREATE),
    (_MAPPING, "patch"): Route(update, "specified", _UPDATE),
    (_MAPPING, "delete"): Route(delete, "specified", _DELETE),
}
