"""The set-up that the portal makes by itself for two regions, under its own names [PS-CL]."""

from __future__ import annotations

from muster.simulator.asr import setup
from muster.simulator.json_types import Json
from muster.simulator.world import World

PORTAL_POLICY = "24-hour-retention-policy"


def fabric_name(location: str) -> str:
    return f"asr-a2a-default-{location}"


def container_name(location: str) -> str:
    return f"{fabric_name(location)}-container"


def prepare(world: World, vault_id: str, terms: Json, here: str, there: str) -> list[Json]:
    """Store what two regions still lack: policy, fabrics, containers, mappings both ways.

    The mapping from `here` to `there` comes first, so `here` is the primary side. Answers what was
    made anew.
    """
    made = [] if setup.find(world, terms["id"], setup.POLICIES) else [terms]
    containers = []
    for location in (here, there):
        inside = _or_new(
            world, setup.fabric(world, vault_id, fabric_name(location), location), made
        )
        mine = setup.container(world, inside, container_name(location))
        containers.append(_or_new(world, mine, made))
    for source, target, name in (
        (containers[0], containers[1], f"{here}-{there}-{terms['name']}"),
        (containers[1], containers[0], f"{there}-{here}-{terms['name']}"),
    ):
        updates = setup.AgentUpdates(authentication="SystemAssignedIdentity")  # [PS-CL]
        _or_new(world, setup.mapping(world, name, source, target, terms, updates), made)
    setup.keep(world, *made)
    return made


def _or_new(world: World, draft: Json, made: list[Json]) -> Json:
    """What is there under the draft's id, else the draft, which is then new."""
    known = world.table("asr").get(draft["id"].lower())
    if known is None:
        made.append(draft)
    return known or draft
