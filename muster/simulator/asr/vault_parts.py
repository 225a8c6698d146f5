"""What the set-up of a vault says to one who protects a VM: containers, mappings, policies."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import setup
from muster.simulator.json_types import Json
from muster.simulator.world import World


def entry(world: World, entry_id: str) -> Json | None:
    """A fabric, container, policy or mapping by its id."""
    return world.table("asr").get(entry_id.rstrip("/").lower())


def fabric_of(container_id: str) -> str:
    """The id of the fabric that a container lies in."""
    return container_id.rstrip("/").rpartition("/")[0].rpartition("/")[0]


def location_of(world: World, container_id: str) -> str:
    """The region of a container; "" if its fabric is not known."""
    fabric = entry(world, fabric_of(container_id))
    return str(fabric["properties"]["customDetails"]["location"]) if fabric else ""


def guid_of(world: World, container: Json) -> str:
    """The internal name of a container, which ids of recovery points bear."""
    return setup.container_guid(world, container["id"])


def is_mapped(world: World, source_id: str, target_id: str) -> bool:
    """Whether a container mapping leads from one container to another."""
    return any(
        same(str(found["properties"]["targetProtectionContainerId"]), target_id)
        for found in _under(world, source_id, "replicationProtectionContainerMappings")
    )


def mapped_network(world: World, fabric_id: str, network_id: str) -> str | None:
    """The recovery network that a network mapping names for a network; ids are lower-cased."""
    for found in _under(world, fabric_id, "replicationNetworkMappings"):
        if same(str(found["properties"]["primaryNetworkId"]), network_id):
            return str(found["properties"]["recoveryNetworkId"])
    return None


def policy_facts(policy: Json) -> Json:
    """What an item keeps of its policy: seconds between app-consistent points, and of history."""
    details = policy["properties"]["providerSpecificDetails"]
    return {
        "policy": policy["name"],
        "app_every": details["appConsistentFrequencyInMinutes"] * 60.0,
        "keep": details["recoveryPointHistory"] * 60.0,
    }


def side(world: World, container: Json, prefix: str = "") -> Json:
    """What an item keeps of a container that it lies in, or is replicated to (`recovery_`)."""
    return {
        f"{prefix}fabric": name_of(fabric_of(container["id"])),
        f"{prefix}container": container["name"],
        f"{prefix}container_guid": guid_of(world, container),
        f"{prefix}location": location_of(world, container["id"]),
    }


def _under(world: World, owner: str, kind: str) -> Iterator[Json]:
    prefix = owner.rstrip("/").lower() + "/"
    for key, found in world.table("asr").items():
        if key.startswith(prefix) and found["type"].rpartition("/")[2] == kind:
            yield found
