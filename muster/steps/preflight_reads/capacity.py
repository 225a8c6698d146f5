"""What the target region has room for: quotas and sizes."""

from __future__ import annotations

import asyncio

from muster.gateway.parse import text_of
from muster.steps.preflight_reads.reader import Reader

OF_CAPACITY = ("compute_usages", "network_usages", "sizes")


async def read_capacity(reader: Reader) -> None:
    """Quotas and sizes, as the target's subscription lists them."""
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
