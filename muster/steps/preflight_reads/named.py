"""What items name in the target, and what the plan wants there: each thing read once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muster.gateway.ids import key_of
from muster.gateway.parse import rows, text_of
from muster.gateway.values import Json
from muster.plan.actions import Operation
from muster.replication.planned import Use, holder_and_pool, planned_of
from muster.steps.preflight_checks.facts import Facts, NotRead, Reserved, unread_name
from muster.steps.preflight_checks.raw import named_by, reservation_of
from muster.steps.preflight_reads.reader import Reader
from muster.steps.preflight_reads.things import Things, read_things

RESERVED = "reserved"
NAMED = (RESERVED, "named", "planned")


@dataclass(frozen=True, slots=True)
class OfItems:
    """Ids that items name: of capacity reservation groups, and of everything else."""

    reservations: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


async def read_what_is_named(reader: Reader) -> None:
    """Reservations and other resources that items name, and all that the plan names for VMs.

    One that many VMs name, or items as well as the plan, is read once.
    """
    facts = reader.facts
    of_items = _of_items(facts)
    is_drill = facts.operation is Operation.DRILL
    of_plan = [
        one.id
        for one in planned_of(facts.plan, facts.target_group_id)
        if is_drill or one.use is not Use.TEST
    ]
    holders = (holder_and_pool(one)[0] for one in of_items.others)
    found = await read_things(reader, [*of_items.reservations, *holders, *of_plan])
    facts.planned = {key_of(one): found[key_of(one)] for one in of_plan if key_of(one) in found}
    facts.named = {
        one: is_there for one in of_items.others if (is_there := _is_there(found, one)) is not None
    }
    facts.reserved = await _reserved(reader, of_items.reservations, found)


def _of_items(facts: Facts) -> OfItems:
    """What the items name for this operation; nothing, with the reason kept, if they are odd."""
    try:
        facts.need("items")
        items = facts.items.values()
        return OfItems(
            tuple(dict.fromkeys(one for item in items if (one := reservation_of(item)))),
            tuple(dict.fromkeys(id_ for one in items for id_ in named_by(one, facts.operation))),
        )
    except NotRead as err:
        for name in (RESERVED, "named"):
            facts.unread.setdefault(name, str(err))
        return OfItems()


def _is_there(found: Things, arm_id: str) -> bool | None:
    """Whether a thing is there; None: it could not be read."""
    holder, pool = holder_and_pool(arm_id)
    if key_of(holder) not in found:
        return None
    body = found[key_of(holder)]
    if body is None or not pool:
        return body is not None
    told = rows(body.properties.get("backendAddressPools"))
    return pool.casefold() in [text_of(one.get("name")).casefold() for one in told]


async def _reserved(reader: Reader, groups: Iterable[str], found: Things) -> dict[str, Reserved]:
    """Capacity reservation groups, each with the reservations in it."""
    facts = reader.facts
    for group in groups:
        if key_of(group) not in found:
            facts.unread.setdefault(RESERVED, facts.unread[unread_name(group)])
    there = [one for one in groups if found.get(key_of(one)) is not None]
    nothing: tuple[Json, ...] = ()
    listed = await reader.each(
        RESERVED,
        there,
        lambda one: reader.gateway.collection(f"{one}/capacityReservations"),
        nothing,
    )
    return {
        key_of(one): Reserved(found[key_of(one)], listed.get(one, ()))
        for one in groups
        if key_of(one) in found
    }
