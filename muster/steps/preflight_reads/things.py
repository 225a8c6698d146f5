"""Many resources by their ids: from lists where they are many of a type, else one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from muster.gateway.ids import BadArmId, key_of, parse_id
from muster.gateway.parse import parse_resource
from muster.gateway.values import Json, Resource
from muster.steps.preflight_checks.facts import unread_name
from muster.steps.preflight_reads.lists import MOST_GROUPS, by_key, groups_of, list_or_none
from muster.steps.preflight_reads.reader import MOST_ASKED_SINGLY, Reader

FEW = 3
"""Of one type and subscription: no more than these are read one by one, and no list of them."""
Things = Mapping[str, Resource | None]
"""By key of id; None: it is not there. What could not be read is left out."""


async def read_things(reader: Reader, ids: Iterable[str]) -> Things:
    """Read each thing once.

    That no list shows one proves nothing: a list shows what its reader may see. So it is asked
    for by itself; of what cannot be read the reason is kept by its own `unread_name`.
    """
    wanted = {key_of(one): one for one in ids}
    known = _ids_of_things(reader, wanted)
    listed = await asyncio.gather(
        *(_listed(reader, arm_type, some) for (arm_type, _), some in known.items())
    )
    rows = {key: row for of_type in listed for key, row in of_type.items() if key in wanted}
    found: dict[str, Resource | None] = {key: parse_resource(row) for key, row in rows.items()}
    every = [one for some in known.values() for one in some]
    return found | await _singly(reader, [one for one in every if key_of(one) not in found])


def _ids_of_things(reader: Reader, wanted: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    """Ids by type and subscription; what is none is kept as unread."""
    known: dict[tuple[str, str], list[str]] = {}
    for one in wanted.values():
        try:
            parsed = parse_id(one)
        except BadArmId as err:
            reader.facts.unread[unread_name(one)] = err.message
            continue
        place = parsed.type.casefold(), (parsed.subscription or "").casefold()
        known.setdefault(place, []).append(one)
    return known


async def _listed(reader: Reader, arm_type: str, ids: list[str]) -> Mapping[str, Json]:
    """What lists show of one type; nothing where there are few, or the lists cannot be had."""
    if len(ids) <= FEW or arm_type.count("/") > 1:
        return {}
    groups = groups_of(ids)
    if len(groups) > MOST_GROUPS:
        groups = [f"/subscriptions/{parse_id(ids[0]).subscription}"]
    kind = parse_id(ids[0]).type
    listing = reader.gateway.collection
    lists = await asyncio.gather(
        *(list_or_none(reader, f"{scope}/providers/{kind}", listing) for scope in groups)
    )
    return by_key(row for rows in lists for row in rows or ())


async def _singly(reader: Reader, ids: list[str]) -> dict[str, Resource | None]:
    for one in ids[MOST_ASKED_SINGLY:]:
        why = f"{len(ids)} things that no list shows are more than are asked for singly"
        reader.facts.unread[unread_name(one)] = why

    async def read(one: str) -> Resource | None:
        name = unread_name(one)
        return await reader.read(name, lambda: reader.gateway.resource(one), None)

    asked = ids[:MOST_ASKED_SINGLY]
    found = await asyncio.gather(*map(read, asked))
    return {
        key_of(one): body
        for one, body in zip(asked, found, strict=True)
        if unread_name(one) not in reader.facts.unread
    }
