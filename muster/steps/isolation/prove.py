"""Proof of isolation: all that the walk asks for is read; anything but isolated is refused."""

from __future__ import annotations

import asyncio

from muster.compile.graph import Step
from muster.errors import GatewayError, IsolationRefused
from muster.gateway.ids import key_of, parse_id, same_id
from muster.journal.events import EventKind, Observed
from muster.steps.context import Run
from muster.steps.isolation.reach import Hop, Looked, Rules, Unreadable, Walk, walk

MOST_READS = 500
"""A network that leads to more than this is not isolated, whatever the rest says."""
DNS_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"


def network_id_of(name: str, *, group: str, subscription: str) -> str:
    """ARM id of a network that a plan names shortly or in full."""
    if name.startswith("/"):
        return name
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.Network/virtualNetworks/{name}"
    )


def source_network_id(run: Run) -> str:
    source = run.plan.source
    return network_id_of(
        source.network, group=source.resource_group, subscription=run.subscription
    )


def target_network_id(run: Run) -> str:
    return network_id_of(
        run.plan.target_network,
        group=run.plan.target_resource_group,
        subscription=run.target_subscription,
    )


def drill_network_id(run: Run) -> str:
    """ARM id of the network that the plan wants made or used."""
    wanted = run.plan.drill.network
    return network_id_of(
        str(wanted.create or wanted.use),
        group=run.plan.target_resource_group,
        subscription=run.target_subscription,
    )


def rules_of(run: Run) -> Rules:
    """What a drill of this plan may reach: never the source or the target."""
    allowed = (
        network_id_of(
            name, group=run.plan.target_resource_group, subscription=run.target_subscription
        )
        for name in run.plan.drill.network.may_reach
    )
    forbidden = {
        key_of(source_network_id(run)): "source",
        key_of(target_network_id(run)): "target",
    }
    return Rules(
        forbidden,
        frozenset(key_of(one) for one in allowed if key_of(one) not in forbidden),
        run.plan.drill.egress,
    )


async def prove_isolation(run: Run, step: Step, network_id: str) -> None:
    """Walk everything the network reaches or may reach.

    Raises:
        IsolationRefused: It reaches something of production, or what it reaches cannot be read
            (safety rule 2).
    """
    found = await gather(run, network_id, rules_of(run))
    found.hops += await _dns_links(run, network_id)
    data = {
        "what": Observed.REACHABILITY.value,
        "network_id": network_id,
        "verdict": found.verdict,
        "why": found.why or "no way out of it was found, beyond what the plan asks for",
        "hops": [hop.as_data() for hop in found.hops],
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    if found.verdict == "isolated":
        return
    may = "reaches" if found.verdict == "reaches" else "may reach"
    raise IsolationRefused(
        f"{network_id} {may} what a drill must not touch: {found.why}",
        code="ISO-001" if found.verdict == "reaches" else "ISO-003",
    )


async def gather(run: Run, network_id: str, rules: Rules) -> Walk:
    """Read whatever the walk asks for, until it asks for nothing more."""
    known: dict[str, Looked] = {}
    wanted = {network_id, *rules.forbidden}
    while True:
        for one, looked in zip(
            sorted(wanted),
            await asyncio.gather(*(_look(run, one) for one in sorted(wanted))),
            strict=True,
        ):
            known[key_of(one)] = looked
        found = walk(network_id, known, rules)
        wanted = {one for one in found.missing if key_of(one) not in known}
        if not wanted:
            return found
        if len(known) + len(wanted) > MOST_READS:
            why = f"it leads to more than {MOST_READS} things"
            found.hops.append(Hop(network_id, "?", "everything found so far", "unknown", why))
            return found


async def _look(run: Run, arm_id: str) -> Looked:
    try:
        return await run.gateway.resource(arm_id)
    except GatewayError as err:
        return Unreadable(err.message)


async def _dns_links(run: Run, network_id: str) -> list[Hop]:
    """Private DNS zones linked to the network: they name, or are written by, what is in it."""
    subscriptions = {
        run.subscription,
        run.target_subscription,
        parse_id(network_id).subscription or run.target_subscription,
    }
    hops: list[Hop] = []
    for subscription in sorted(subscriptions):
        try:
            for listed in await run.gateway.resources_of_type(subscription, DNS_LINK):
                link = await run.gateway.resource(listed.id)
                properties = link.properties if link else {}
                if same_id((properties.get("virtualNetwork") or {}).get("id"), network_id):
                    why = (
                        "a private DNS zone is linked: copies find production's "
                        "names, or register theirs"
                    )
                    hops.append(Hop(network_id, listed.id, "private DNS zone", "reaches", why))
        except GatewayError as err:
            why = f"the private DNS zones of {subscription} cannot be read: {err.message}"
            hops.append(Hop(network_id, subscription, "private DNS zones", "unknown", why))
    return hops
