"""Lists instead of single reads: by resource group, or by subscription where groups are many."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from muster.errors import JournalError
from muster.gateway.ids import key_of, parse_id
from muster.gateway.parse import text_of
from muster.gateway.values import Json
from muster.steps.preflight_reads.reader import Reader

MOST_GROUPS = 3
"""Of one subscription: what stands in more groups than these is read by a list of all of it."""

T = TypeVar("T")
Listing = Callable[[str], Awaitable[tuple[T, ...]]]
"""Lists what a scope holds: the id of a resource group, or of a subscription."""


async def listed_around(
    reader: Reader, name: str, ids: Iterable[str], listing: Listing[T]
) -> tuple[T, ...]:
    """Everything of a kind that stands where the ids stand, and maybe more.

    Args:
        reader: Reads, and keeps under `name` why something could not be read.
        name: Of the field of the facts that this is for.
        ids: Of what is wanted.
        listing: Lists a scope.
    """
    by_subscription: dict[str, list[str]] = {}
    for group in groups_of(ids):
        subscription = f"/subscriptions/{parse_id(group).subscription}"
        by_subscription.setdefault(subscription.casefold(), []).append(group)
    found = await asyncio.gather(
        *(_of(reader, name, within, listing) for within in by_subscription.values())
    )
    return tuple(row for listed in found for row in listed)


async def bodies_of(
    reader: Reader, name: str, ids: Iterable[str], arm_type: str
) -> dict[str, Json]:
    """The bodies of resources of one type, by key of id; what no list shows is left out."""
    wanted = {key_of(one): one for one in ids}
    gateway = reader.gateway
    rows = await listed_around(
        reader, name, wanted.values(),
        lambda scope: gateway.collection(f"{scope}/providers/{arm_type}"),
    )  # fmt: skip
    return {key: body for key, body in by_key(rows).items() if key in wanted}


def groups_of(ids: Iterable[str]) -> list[str]:
    """Ids of the resource groups that ids lie in, each once."""
    groups = (parse_id(one).group_id for one in ids)
    return list({key_of(group): group for group in groups}.values())


def by_key(listed: Iterable[Json]) -> Mapping[str, Json]:
    """Rows of a list by the keys of their ids."""
    return {key_of(text_of(row.get("id"))): row for row in listed}


async def _of(reader: Reader, name: str, groups: list[str], listing: Listing[T]) -> tuple[T, ...]:
    """What groups of one subscription hold."""
    if len(groups) > MOST_GROUPS:
        subscription = f"/subscriptions/{parse_id(groups[0]).subscription}"
        listed = await list_or_none(reader, subscription, listing)
        if listed is not None:
            return listed
    found = await asyncio.gather(
        *(
            reader.rows(name, lambda group=group: listing(group))  # type: ignore[misc]
            for group in groups
        )
    )
    return tuple(row for rows in found for row in rows)


async def list_or_none(reader: Reader, scope: str, listing: Listing[T]) -> tuple[T, ...] | None:
    """What a scope holds; None where its list cannot be had, for whatever reason: what it would
    have shown is asked for otherwise then, and says itself why it cannot be read.
    """
    try:
        async with reader.gate:
            return await listing(scope)
    except JournalError:
        raise
    except Exception:  # noqa: BLE001 - not a result yet: the readings in its place are
        return None
