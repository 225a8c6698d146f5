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
from muster.journal.events import instant_of
from muster.journal.register import plans_of, runs_of
from muster.journal.stores import Store
from muster.replication.holding import Enabled
from muster.replication.others_items import Claim, is_asked_for
from muster.runs.enablings import enabled_by
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class Claims:
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
    found = await asyncio.to_thread(claims_upon, store, plan, settings, items)
    return {
        key_of(one.item_id): f"run {one.run} of plan {one.plan} enabled it" for one in found.others
    }


def claims_upon(
    store: Store, plan: str, settings: Settings, items: Sequence[ProtectedItem]
) -> Claims:
    """What the plan's runs enabled; and of each item the enabling that came last, where it is
    another plan's.

    Args:
        store: Whose register tells which plans there are.
        plan: Whose own runs they are.
        settings: Enablings at another place count for nothing.
        items: What stands in the vault now.

    Returns:
        One claim for each item that another plan's run enabled last. A journal that does not read
        claims nothing, and is named.

    Raises:
        JournalError: The plan's own register does not read.
    """
    own = enabled_by(store, plan, settings)
    last: dict[str, tuple[datetime, Claim]] = {}
    unread = list(own.unread)
    for other in (one for one in plans_of(store) if one != plan):
        try:
            enablings = enabled_by(store, other, settings)
            asked = tuple(_asked(store, other, enablings.enabled, items))
        except JournalError as err:
            unread.append(f"what plan {other} enabled is not known: {err.message}")
            continue
        unread += enablings.unread
        for at, item, run in asked:
            if item.id not in last or at >= last[item.id][0]:
                last[item.id] = (at, Claim(item.id, other, run))
    for at, item, _ in _asked(store, plan, own.enabled, items):
        if item.id in last and at >= last[item.id][0]:
            del last[item.id]
    return Claims(own.enabled, tuple(claim for _, claim in last.values()), tuple(unread))


def _asked(
    store: Store, plan: str, enabled: Sequence[Enabled], items: Sequence[ProtectedItem]
) -> Iterator[tuple[datetime, ProtectedItem, str]]:
    """When a run was opened that asked for an item which stands as it was asked for."""
    if not enabled:
        return
    opened = {one.run: instant_of(one.opened_at) for one in runs_of(store, plan)}
    for one in enabled:
        for item in items:
            if is_asked_for(item, one):
                yield opened[one.run], item, one.run
