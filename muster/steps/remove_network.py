"""Remove the drill network: only what this run made, only when nobody stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import LeftOvers
from muster.gateway.ids import key_of, lies_in, parse_id
from muster.gateway.values import Resource
from muster.journal.events import EventKind, Observed
from muster.steps.context import Done, Run, Spent
from muster.steps.copies import card_from
from muster.steps.deadline import Deadline
from muster.steps.isolation.mirror import TAG
from muster.steps.named import named
from muster.steps.recorded import MAKE_NETWORK, events_of
from muster.steps.spending import counted, told_on_failure

REMOVE = "remove-network"
LONGEST_DELETE = timedelta(minutes=5)
NETWORK = "microsoft.network/virtualnetworks"
MADE = frozenset(
    {NETWORK, "microsoft.network/networksecuritygroups", "microsoft.network/routetables"}
)
"""What a drill network consists of; nothing else is ever deleted here."""
NIC = "microsoft.network/networkinterfaces"


async def remove_network(step: Step, run: Run) -> Done:
    """Remove every part of the network that this run made, and see that each is gone.

    Raises:
        LeftOvers: Network cards still stand in it, or a part is not this run's; it was left alone.
    """
    made = parts_meant(run)
    if not made:
        return Done({"removed": 0, "why": "this run made no network"})
    spent = Spent()
    with told_on_failure(spent), counted(spent, "cloud", run.clock):
        deadline = Deadline.of(step, run.clock)
        removed: list[str] = []
        for part_id in reversed(made):
            found = await run.gateway.resource(part_id)
            if found is not None:
                await _require_removable(run, found)
                await _remove(run, step, part_id, deadline)
            removed.append(part_id)
        await _gone(run, step, removed)
        return Done({"removed": len(removed)}, spent)


def parts_meant(run: Run) -> list[str]:
    """Ids of all parts of a network that this run meant to make, in that order."""
    meant = (
        str(event.data["request"]["id"])
        for event in events_of(run, EventKind.INTENDED)
        if event.data["act"] == MAKE_NETWORK
    )
    return list({key_of(one): one for one in meant}.values())


async def _require_removable(run: Run, found: Resource) -> None:
    kind = parse_id(found.id).type.casefold()
    if kind not in MADE:
        raise LeftOvers(
            f"{found.id} is a {kind}, which Muster never makes; it was left alone",
            hint="See who made it; if it is the drill's, remove it by hand.",
        )
    if found.tags.get(TAG) != run.id:
        raise LeftOvers(
            f"{found.id} does not bear this run's tag any more; it was left alone",
            hint="See who changed it; if it is the drill's, remove it by hand.",
        )
    if kind != NETWORK:
        return
    cards = await cards_in(run, found)
    if cards:
        raise LeftOvers(
            f"{found.id} still holds network cards, so it was left alone: {', '.join(cards)}",
            hint=(
                "Cards that are not the drill's are never removed: whoever put them there has to; "
                "then remove the network, by its id."
            ),
        )


async def cards_in(run: Run, network: Resource) -> list[str]:
    """Ids of what stands in a network, as its subnets and the target group's cards say."""
    found: dict[str, str] = {}
    for subnet in network.properties.get("subnets") or []:
        for config in _ip_configs(subnet):
            owner = config.partition("/ipConfigurations/")[0]
            found[key_of(owner)] = owner
    for listed in await run.gateway.resources_of_group(run.target_group_id):
        if listed.type.casefold() != NIC or key_of(listed.id) in found:
            continue
        nic = await run.gateway.resource(listed.id)
        stands_in = card_from(nic).network_id if nic is not None else None
        if stands_in is not None and lies_in(stands_in, network.id):
            found[key_of(listed.id)] = listed.id
    return list(found.values())


def _ip_configs(subnet: Mapping[str, Any]) -> Sequence[str]:
    properties = subnet.get("properties") or {}
    return [str(one.get("id")) for one in properties.get("ipConfigurations") or []]


async def _remove(run: Run, step: Step, part_id: str, deadline: Deadline) -> None:
    async def is_there() -> bool:
        return (
            False  # a delete that got lost is sent again: the resource was just seen to be there
        )

    async def send() -> None:
        await run.gateway.delete_resource(part_id, within=min(LONGEST_DELETE, deadline.left()))

    request = {"id": part_id}
    # It was just seen to be there: a delete that was accepted before did not work, so this is
    # another one.
    subject = f"{part_id}#{_deletes_accepted(run, part_id) + 1}"
    await named(run, step, REMOVE, subject, request=request, is_there=is_there, send=send)


def _deletes_accepted(run: Run, part_id: str) -> int:
    subjects = (
        str(event.data["subject"])
        for event in events_of(run, EventKind.ACCEPTED)
        if event.data["act"] == REMOVE
    )
    return sum(subject.startswith(f"{part_id}#") for subject in subjects)


async def _gone(run: Run, step: Step, removed: Sequence[str]) -> None:
    left = [one for one in removed if await run.gateway.resource(one) is not None]
    gone = [one for one in removed if one not in left]
    if gone:
        data: dict[str, Any] = {"what": Observed.GONE.value, "ids": gone}
        network = next((o for o in gone if parse_id(o).type.casefold() == NETWORK), None)
        if network is not None:
            data["network_id"] = network
        await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    if left:
        raise LeftOvers(f"Of the drill network there is still: {', '.join(left)}")
