"""Isolate: make or take the drill network, and prove that it leads nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import IsolationRefused
from muster.gateway.ids import parse_id
from muster.gateway.values import Resource
from muster.journal.events import EventKind, Observed
from muster.steps.context import Done, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.history import history_of
from muster.steps.isolation.egress import prefixes
from muster.steps.isolation.mirror import TAG, Mirror, Part, mirror_of
from muster.steps.isolation.places import NETWORK, drill_network_id, target_network_id
from muster.steps.isolation.prove import prove_isolation
from muster.steps.named import named
from muster.steps.recorded import BASELINE, MAKE_NETWORK, baseline, last_observed
from muster.steps.spending import counted, told_on_failure

LONGEST_PUT = timedelta(minutes=5)


async def isolate(step: Step, run: Run) -> Done:
    """Have a drill network that is proven to reach nothing of production.

    Raises:
        IsolationRefused: It reaches, or may reach, production; or a network of that name is not
            this run's.
    """
    spent = Spent()
    with told_on_failure(spent), counted(spent, "cloud", run.clock):
        await _take_baseline(run, step)
        network_id = drill_network_id(run)
        if run.plan.drill.network.create:
            await _make(run, step, network_id)
        else:
            await _take(run, step, network_id)
        await prove_isolation(run, step, network_id)
        return Done({"network_id": network_id}, spent)


async def _take_baseline(run: Run, step: Step) -> None:
    """Take down what stands in the target group before the first act; the proof compares."""
    if baseline(run) is not None:
        return
    listed = await run.gateway.resources_of_group(run.target_group_id)
    data = {
        "what": BASELINE,
        "looked_in": run.target_group_id,
        "ids": sorted(resource.id for resource in listed),
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


async def _take(run: Run, step: Step, network_id: str) -> None:
    """A given network: read, never changed."""
    network = await run.gateway.resource(network_id)
    if network is None:
        raise IsolationRefused(
            f"{network_id} is not there",
            code="ISO-005",
            hint="Correct `drill.network.use`, or let Muster make one: `create: NAME`.",
        )
    _require_network(network_id, network)
    data = _given_data(network_id, network)
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


def _require_network(network_id: str, found: Resource) -> None:
    """Refuse what is no virtual network, or has no subnet that a copy could stand in.

    Raises:
        IsolationRefused: Neither would the walk say anything about it.
    """
    if {found.type.casefold(), parse_id(found.id).type.casefold()} != {NETWORK}:
        raise IsolationRefused(
            f"{network_id} is a {found.type}, not a virtual network",
            code="ISO-007",
            hint="Name a virtual network under `drill.network.use`.",
        )
    if not found.properties.get("subnets"):
        raise IsolationRefused(
            f"{network_id} has no subnet",
            code="ISO-008",
            hint="Make a subnet in it of the name that the target network has.",
        )


async def _make(run: Run, step: Step, network_id: str) -> None:
    known = last_observed(run, Observed.NETWORK, network_id=network_id)
    target = await run.gateway.resource(target_network_id(run))
    if target is None:
        raise IsolationRefused(
            f"The target network {target_network_id(run)} is not there, so it cannot be mirrored",
            code="ISO-006",
            hint="Correct `target.network` in the plan, or make the network.",
        )
    mirror = mirror_of(target, network_id, run.id, run.plan.drill.egress)
    for part in mirror.parts:
        await _require_free_or_ours(run, part)
    deadline = Deadline.of(step, run.clock)
    for part in mirror.parts:
        await _put(run, step, part, deadline)
    if known is None:
        await run.journal.append(EventKind.OBSERVED, _mirror_data(mirror, target), step=step.id)


async def _require_free_or_ours(run: Run, part: Part) -> None:
    """Refuse to touch what this run did not mean to make.

    Raises:
        IsolationRefused: Something of that id exists, and is not tagged and journalled as this
            run's.
    """
    found = await run.gateway.resource(part.id)
    if found is None:
        return
    was_meant = history_of(run, MAKE_NETWORK, part.id).ever_intended
    if not was_meant or found.tags.get(TAG) != run.id:
        raise IsolationRefused(
            f"{part.id} exists, and this run did not make it",
            code="ISO-002",
            hint=(
                "If it is left from an earlier run, clean that run up (its tag "
                "`muster-run` names it); "
                "else choose another name under `drill.network.create`."
            ),
        )


async def _put(run: Run, step: Step, part: Part, deadline: Deadline) -> None:
    async def is_there() -> bool:
        found = await run.gateway.resource(part.id)
        state = str(found.properties.get("provisioningState", "")) if found else ""
        return state.casefold() == "succeeded"

    async def send() -> None:
        within = min(LONGEST_PUT, deadline.left())
        await run.gateway.put_resource(part.id, part.body, within=within)

    request = {"id": part.id, "body": part.body}
    await named(run, step, MAKE_NETWORK, part.id, request=request, is_there=is_there, send=send)


def _mirror_data(mirror: Mirror, target: Resource) -> dict[str, Any]:
    return {
        "what": Observed.NETWORK.value,
        "network_id": mirror.network_id,
        "made": True,
        "location": target.location,
        "address_space": list(mirror.address_space),
        "subnets": [dict(subnet) for subnet in mirror.subnets],
        "owned": [part.id for part in mirror.parts],
        "holes": [dict(hole) for hole in mirror.holes],
        "mirror_of": target.id,
    }


def _given_data(network_id: str, network: Resource) -> dict[str, Any]:
    space = prefixes(network.properties.get("addressSpace") or {}, "", "addressPrefixes")
    return {
        "what": Observed.NETWORK.value,
        "network_id": network_id,
        "made": False,
        "location": network.location,
        "address_space": space,
        "subnets": [
            {
                "name": subnet.get("name"),
                "prefix": ", ".join(
                    prefixes(subnet.get("properties") or {}, "addressPrefix", "addressPrefixes")
                ),
            }
            for subnet in network.properties.get("subnets") or []
        ],
        "owned": [],
        "holes": [],
    }
