"""What a plan's own runs enabled, and what other plans' runs enabled after them, from the
register of the same store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from muster.errors import JournalError
from muster.gateway.ids import key_of
from muster.gateway.port import Gateway
from muster.gateway.values import ProtectedItem, VaultRef
from muster.journal.register import plans_of
from muster.journal.stores import Store
from muster.replication.claiming import Enabled
from muster.replication.others_items import Claim
from muster.runs.standing_claims import standing_of
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class EnabledLast:
    """What the plan's runs enabled, what others' runs protect, and which journals did not tell."""

    own: tuple[Enabled, ...] = ()
    others: tuple[Claim, ...] = ()
    unread: tuple[str, ...] = ()  # sentences


async def claimed_items(
    gateway: Gateway, store: Store, plan: str, settings: Settings, vault: VaultRef
) -> Mapping[str, str]:
    """Whose the items of a vault are that other plans' runs enabled last: in words, by key of id.

    Raises:
        JournalError: The plan's own register does not read.
        GatewayError: The vault cannot be read.
    """
    if await gateway.vault(vault) is None:
        return {}
    items = await gateway.protected_items(vault)
    found = await asyncio.to_thread(enabled_last, store, plan, settings, vault, items)
    return {
        key_of(one.item_id): f"run {one.run} of plan {one.plan} enabled it" for one in found.others
    }


def enabled_last(
    store: Store, plan: str, settings: Settings, vault: VaultRef, items: Sequence[ProtectedItem]
) -> EnabledLast:
    """What the plan's runs enabled; and of each item the enabling that came last, where it is
    another plan's.

    Args:
        store: Whose register tells which plans there are.
        plan: Whose own runs they are.
        settings: Enablings at another place count for nothing.
        vault: Where the items are.
        items: What stands in the vault now.

    Returns:
        One claim for each item that another plan's run enabled last. A journal that does not read
        claims nothing, and is named.

    Raises:
        JournalError: The plan's own register does not read.
    """
    own = standing_of(store, plan, settings, vault, is_own=True)
    last: dict[str, tuple[datetime, Claim]] = {}
    unread = list(own.unread)
    for other in (one for one in plans_of(store) if one != plan):
        try:
            standing = standing_of(store, other, settings, vault, is_own=False)
        except JournalError as err:
            unread.append(f"what plan {other} enabled is not known: {err.message}")
            continue
        unread += standing.unread
        for one, item in _asked(standing.enabled, items):
            if item.id not in last or one.counts_from >= last[item.id][0]:
                last[item.id] = (one.counts_from, Claim(item.id, other, one.run))
    for one, item in _asked(own.enabled, items):
        if item.id in last and one.counts_from >= last[item.id][0]:
            del last[item.id]
    others = tuple(claim for _, claim in last.values())
    return EnabledLast(tuple(own.enabled), others, tuple(unread))


def _asked(
    enabled: Sequence[Enabled], items: Sequence[ProtectedItem]
) -> Iterator[tuple[Enabled, ProtectedItem]]:
    """Each enabling with the item that stands as it was asked for."""
    for one in enabled:
        yield from ((one, item) for item in items if one.is_of(item))
