"""What the target region has room for: quotas, sizes, reservations, and what items name there."""

from __future__ import annotations

import asyncio

from muster.gateway.ids import key_of
from muster.gateway.parse import rows, text_of
from muster.steps.preflight_checks.facts import Reserved
from muster.steps.preflight_checks.raw import named_by, reservation_of
from muster.steps.preflight_reads.reader import Reader

OF_CAPACITY = ("compute_usages", "network_usages", "sizes")
NAMED = ("reserved", "named")
POOLS, POOLS_KEY = "/backendaddresspools/", "backendAddressPools"


async def read_capacity(reader: Reader) -> None:
    """Quotas and sizes; after the items, for what they name."""
    facts, gateway, scene = reader.facts, reader.gateway, reader.scene
    within = f"/subscriptions/{scene.target_subscription}/providers"
    region = scene.plan.target.region
    usages = f"locations/{region}/usages"
    sizes = f"{within}/Microsoft.Compute/skus?$filter=location eq '{region}'"
    facts.compute_usages, facts.network_usages, listed = await asyncio.gather(
        reader.rows(
            "compute_usages", lambda: gateway.collection(f"{within}/Microsoft.Compute/{usages}")
        ),
        reader.rows(
            "network_usages", lambda: gateway.collection(f"{within}/Microsoft.Network/{usages}")
        ),
        reader.rows("sizes", lambda: gateway.collection(sizes)),
    )
    facts.sizes = {
        text_of(row.get("name")).casefold(): row
        for row in listed
        if text_of(row.get("resourceType")).casefold() == "virtualmachines"
    }


async def read_what_items_name(reader: Reader) -> None:
    """Reservations and other resources that items of the plan name in the target."""
    facts = reader.facts
    if "items" in facts.unread:
        for name in NAMED:
            facts.unread.setdefault(name, facts.unread["items"])
        return
    groups = [one for item in facts.items.values() if (one := reservation_of(item))]
    reserved, found = await asyncio.gather(
        reader.each("reserved", groups, lambda one: _reserved(reader, one), Reserved(None)),
        reader.each(
            "named",
            (one for item in facts.items.values() for one in named_by(item, facts.operation)),
            lambda one: _is_there(reader, one),
            None,
        ),
    )
    facts.reserved = {key_of(one): what for one, what in reserved.items()}
    facts.named = {one: bool(is_there) for one, is_there in found.items()}


async def _is_there(reader: Reader, arm_id: str) -> bool | None:
    """Whether a thing is there; a pool is a part of its balancer, which is what Azure tells."""
    holder, _, pool = arm_id.casefold().partition(POOLS)
    found = await reader.gateway.resource(arm_id[: len(holder)])
    if found is None or not pool:
        return found is not None
    names = [text_of(one.get("name")).casefold() for one in rows(found.properties.get(POOLS_KEY))]
    return pool in names


async def _reserved(reader: Reader, group: str) -> Reserved:
    body = await reader.gateway.resource(group)
    if body is None:
        return Reserved(None)
    return Reserved(body, await reader.gateway.collection(f"{group}/capacityReservations"))
