"""Proof of isolation: all that the walk asks for is read; anything but isolated is refused."""

from __future__ import annotations

import asyncio

from muster.compile.graph import Step
from muster.errors import GatewayError, IsolationRefused
from muster.gateway.ids import key_of, parse_id
from muster.journal.events import EventKind, Observed
from muster.steps.context import Run
from muster.steps.history import history_of
from muster.steps.isolation.hops import Hop, Looked, Own, Rules, Unreadable, Walk
from muster.steps.isolation.linked_zones import linked_zones
from muster.steps.isolation.places import network_id_of, source_network_id, target_network_id
from muster.steps.isolation.public_addresses import public_addresses_let_out_to
from muster.steps.isolation.reach import walk
from muster.steps.items import source_vm_id
from muster.steps.jobs import TEST_FAILOVER
from muster.steps.recorded import baseline, last_observed, observed, production_networks

MOST_READS = 500
"""A network that leads to more than this is not isolated, whatever the rest says."""
LIMITS = (
    "connected groups of a Virtual Network Manager, which show at no network",
    "private DNS zones of subscriptions that this caller does not see",
)
"""What no reading of resources shows; the proof says so."""


def rules_of(run: Run, network_id: str) -> Rules:
    """What a drill of this plan may reach: never the source or the target.

    Besides the plan's networks that means those in which the source VMs really stand and into
    which their items really recover, as preflight read them.
    """
    allowed = (
        network_id_of(name, group_id=run.target_group_id)
        for name in run.plan.drill.network.may_reach
    )
    seen = production_networks(run) or {}
    forbidden = {
        **{key_of(one): "target VMs'" for one in seen.get("target", ())},
        **{key_of(one): "source VMs'" for one in seen.get("source", ())},
        key_of(target_network_id(run)): "target",
        key_of(source_network_id(run)): "source",
    }
    return Rules(
        forbidden,
        frozenset(key_of(one) for one in allowed if key_of(one) not in forbidden),
        run.plan.drill.egress,
        own_things(run, network_id),
    )


def own_things(run: Run, network_id: str) -> Own:
    """What this run brought into a network, as its journal says."""
    made = last_observed(run, Observed.NETWORK, network_id=network_id)
    before = baseline(run)
    stood = frozenset(key_of(str(one)) for one in before["ids"]) if before else None
    cards = [str(card) for data in observed(run, Observed.OWNED) for card in data["nic_ids"]]
    copies = (
        f"{item['recovery_resource_group']}/providers/Microsoft.Compute/virtualMachines"
        f"/{item['test_vm_name']}"
        for vm in run.plan.all_vms
        if history_of(run, TEST_FAILOVER, vm.name).ever_intended
        and (item := last_observed(run, Observed.ITEM, vm=vm.name))
    )
    return Own(
        network=bool(made and made["made"]),
        cards=frozenset(map(key_of, cards)) - (stood or frozenset()),
        machines=frozenset(map(key_of, copies)) - (stood or frozenset()),
        group=key_of(run.target_group_id),
        before=stood,
    )


async def prove_isolation(run: Run, step: Step, network_id: str) -> None:
    """Walk everything the network reaches or may reach, and journal what was found.

    Raises:
        IsolationRefused: It reaches something of production, or what it reaches cannot be read
            (safety rule 2).
    """
    found = await gather(run, network_id, rules_of(run, network_id))
    if production_networks(run) is None:
        why = "preflight did not read which networks the source VMs stand in"
        found.hops.append(Hop(network_id, "?", "source VMs", "unknown", why))
    sources = (source_vm_id(run, vm.name) for vm in run.plan.all_vms)
    needed = {parse_id(one).subscription or "" for one in (*sources, network_id)}
    needed |= {run.subscription, run.target_subscription}
    zones, looked_in = await linked_zones(run, network_id, needed - {""})
    found.hops += [*zones, *await public_addresses_let_out_to(run, network_id)]
    none = f"no way out of it was found, beyond what the plan asks for; not seen: {LIMITS[0]}"
    data = {
        "what": Observed.REACHABILITY.value,
        "network_id": network_id,
        "verdict": found.verdict,
        "why": found.why or f"{none}, and {LIMITS[1]}",
        "hops": [hop.as_data() for hop in found.hops],
        "looked_in": looked_in,
        "limits": list(LIMITS),
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
