"""Which items runs of other plans enabled after ours, from the register of the same store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from muster.errors import JournalError
from muster.gateway.values import ProtectedItem, VaultRef
from muster.journal.register import plans_of
from muster.journal.stores import Store
from muster.replication.claiming import Enabled
from muster.replication.others_items import Claim
from muster.runs.standing_claims import standing_of
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class EnabledByOthers:
    """What others' runs protect, and which journals did not tell."""

    claims: tuple[Claim, ...] = ()
    unread: tuple[str, ...] = ()  # sentences


def enabled_by_others(
    store: Store,
    plan: str,
    settings: Settings,
    vault: VaultRef,
    items: Sequence[ProtectedItem],
    own: Sequence[Enabled],
) -> EnabledByOthers:
    """Of each item the enabling that came last, where it is another plan's.

    Args:
        store: Whose register tells which plans there are.
        plan: The one whose claims are not asked for.
        settings: Enablings at another place count for nothing.
        vault: Where the items are.
        items: What stands in the vault now.
        own: What the plan's own runs enabled.

    Returns:
        One for each item that another plan's run enabled last. A journal that does not read
        claims nothing, and is named.
    """
    last: dict[str, tuple[datetime, Claim]] = {}
    unread: list[str] = []
    for other in (one for one in plans_of(store) if one != plan):
        try:
            standing = standing_of(store, other, settings, vault, is_own=False)
        except JournalError as err:
            unread.append(f"what plan {other} enabled is not known: {err.message}")
            continue
        unread += standing.unread
        for one, item in _asked(standing.enabled, items):
            if item.id not in last or one.at >= last[item.id][0]:
                last[item.id] = (one.at, Claim(item.id, other, one.run))
    for one, item in _asked(own, items):
        if item.id in last and one.at >= last[item.id][0]:
            del last[item.id]
    return EnabledByOthers(tuple(claim for _, claim in last.values()), tuple(unread))


def _asked(
    enabled: Sequence[Enabled], items: Sequence[ProtectedItem]
) -> Iterator[tuple[Enabled, ProtectedItem]]:
    """Each enabling with the item that stands as it was asked for."""
    for one in enabled:
        yield from ((one, item) for item in items if one.is_of(item))
