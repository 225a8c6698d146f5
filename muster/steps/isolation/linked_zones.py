"""Private DNS zones linked to a network: looked for in every subscription that the caller sees."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from muster.errors import GatewayError
from muster.gateway.ids import same_id
from muster.steps.context import Run
from muster.steps.isolation.hops import Hop

DNS_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
READS_AT_ONCE = 10


async def linked_zones(
    run: Run, network_id: str, needed: Collection[str]
) -> tuple[list[Hop], list[str]]:
    """Zones that name, or are written by, what is in a network.

    Args:
        run: Whose gateway reads.
        network_id: The network.
        needed: Subscriptions to look in, whether Azure lists them or not.

    Returns:
        A hop for each link and for each subscription that could not be read, or one that says
        where no link was found; and the subscriptions that were looked in.
    """
    hops: list[Hop] = []
    wanted = {one.casefold(): one for one in needed}
    try:
        for one in await run.gateway.subscriptions():
            wanted.setdefault(one.casefold(), one)
    except GatewayError as err:
        why = f"the subscriptions that this caller sees cannot be listed: {err.message}"
        hops.append(Hop(network_id, "?", "private DNS zones", "unknown", why))
    gate = asyncio.Semaphore(READS_AT_ONCE)
    looked_in = [wanted[key] for key in sorted(wanted)]
    for found in await asyncio.gather(*(_in(run, gate, network_id, one) for one in looked_in)):
        hops += found
    if not hops:
        why = "no private DNS zone there is linked to it"
        hops.append(Hop(network_id, ", ".join(looked_in), "private DNS zones", "ok", why))
    return hops, looked_in


async def _in(run: Run, gate: asyncio.Semaphore, network_id: str, subscription: str) -> list[Hop]:
    try:
        async with gate:
            listed = await run.gateway.resources_of_type(subscription, DNS_LINK)
        linked = await asyncio.gather(*(_leads_here(run, gate, network_id, x.id) for x in listed))
    except GatewayError as err:
        why = f"the private DNS zones of {subscription} cannot be read: {err.message}"
        return [Hop(network_id, subscription, "private DNS zones", "unknown", why)]
    why = "a private DNS zone is linked: copies find production's names, or register theirs"
    return [
        Hop(network_id, link.id, "private DNS zone", "reaches", why)
        for link, is_here in zip(listed, linked, strict=True)
        if is_here
    ]


async def _leads_here(run: Run, gate: asyncio.Semaphore, network_id: str, link_id: str) -> bool:
    async with gate:
        link = await run.gateway.resource(link_id)
    properties = link.properties if link else {}
    return same_id((properties.get("virtualNetwork") or {}).get("id"), network_id)
