"""The storage accounts in the source region that the items' changes go through."""

from __future__ import annotations

from muster.steps.preflight_checks.raw import cache_ids
from muster.steps.preflight_reads.reader import Reader

CACHES = "caches"


async def read_caches(reader: Reader) -> None:
    """Each account once, however many disks go through it; after the items."""
    facts = reader.facts
    ids = dict.fromkeys(one for item in facts.items.values() for one in cache_ids(item))
    facts.caches = await reader.each(CACHES, ids, reader.gateway.resource, None)
