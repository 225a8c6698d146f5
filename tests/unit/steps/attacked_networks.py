"""The networks of a small drill, and how they are changed under its hands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from muster.compile.outcome import Outcome
from muster.gateway.ids import key_of
from muster.gateway.values import Resource
from muster.journal.events import Observed
from muster.steps.isolation.reach import Rules, Walk, walk
from tests.builders import a_plan
from tests.fakes.world import SUBSCRIPTION, a_network, a_resource
from tests.unit.steps.drilling import Drill

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-small-asr"


SOURCE_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-small"


NETWORKS = "providers/Microsoft.Network/virtualNetworks"


GIVEN = f"{GROUP}/{NETWORKS}/vnet-given"


SOURCE = f"{SOURCE_GROUP}/{NETWORKS}/vnet-small"


def walked(subnet: dict[str, Any], *others: Resource, rules: Rules | None = None) -> Walk:
    network = a_resource(
        GIVEN,
        "Microsoft.Network/virtualNetworks",
        addressSpace={"addressPrefixes": ["10.5.0.0/16"]},
        subnets=[{"name": "data", "properties": {"addressPrefix": "10.5.0.0/24", **subnet}}],
    )
    known = {key_of(one.id): one for one in (network, *others)}
    return walk(GIVEN, known, rules or Rules({}))


def part(kind: str, name: str, **properties: object) -> Resource:
    arm_type = f"Microsoft.Network/{kind}"
    return a_resource(f"{GROUP}/providers/{arm_type}/{name}", arm_type, **properties)


def change(drill: Drill, arm_id: str, **properties: object) -> None:
    found = drill.world.resources[key_of(arm_id)]
    changed = {**found.properties, **properties}
    drill.world.resources[key_of(arm_id)] = replace(found, properties=changed)


def peering(to: str) -> list[dict[str, Any]]:
    return [{"name": "late", "properties": {"remoteVirtualNetwork": {"id": to}}}]


def verdicts(drill: Drill) -> list[str]:
    return [data["verdict"] for data in drill.observed(Observed.REACHABILITY)]


def given_network(drill: Drill, **properties: object) -> None:
    found = a_network(GIVEN, "10.1.0.0/16", {"default": "10.1.255.0/24"}, "westus2")
    found.properties["subnets"][0]["properties"]["defaultOutboundAccess"] = False
    drill.world.add(replace(found, properties={**found.properties, **properties}))


async def drill_with(**rest: Any) -> Drill:
    """A drill in a network that is given and there."""
    drill = await Drill.begin(a_plan(drill={"network": {"use": "vnet-given"}}, **rest))
    given_network(drill)
    return drill


async def isolated(drill: Drill) -> Outcome:
    return await drill.do("preflight", "recovery-points", "isolate")
