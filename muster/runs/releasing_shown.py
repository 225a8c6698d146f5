"""A list that a person confirmed, and the run that follows: only what was shown to go, goes.

The run may be another process than the one that asked; marks of the items go along.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from muster.gateway.port import Gateway
from muster.gateway.values import ProtectedItem
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.replication.holding import Held
from muster.replication.item_identity import ANOTHER, identity_of
from muster.replication.primary_side import Refusal
from muster.runs.releasing import Release, read_release
from muster.runs.releasing_again import LOOK, read_again
from muster.runs.same_place import require_same_place, require_same_tenant
from muster.runs.unfinished import unfinished_run
from muster.settings import Settings

_NOTHING = "nothing"
_NOT_COMPARED = "entity_id"
"""Told by health errors alone, which come and go."""


async def read_current(
    gateway: Gateway, loaded: LoadedPlan, settings: Settings, store: Store
) -> Release:
    """The list that a run which starts now would go by: that of a run that was left open, as it
    stands now; else the plan's items.

    Raises:
        StillOpen: A run that ends the plan's replication is under way.
        AnotherPlace: One was left open at another place than these settings name.
        NothingToReplicate, GatewayError, JournalError, InputError: As `read_release` and
            `read_again`.
    """
    earlier = unfinished_run(store, loaded.plan.plan, Operation.DISABLE)
    if earlier is None:
        return await read_release(gateway, loaded.plan, settings, store, loaded.path.parent)
    require_same_place(earlier, settings)
    await require_same_tenant(earlier, settings, gateway)
    return await read_again(gateway, earlier, settings, store, loaded.path.parent)


def marks_of(release: Release) -> str:
    """What a run is told of a list that was shown: one mark per item that is to go."""
    goes = sorted(_mark(one.item) for one in release.held if not release.stays(one))
    return ",".join(goes) or _NOTHING


def only_shown(release: Release, marks: str) -> Release:
    """The list with what was not shown to go staying; all of it where no list was shown ("")."""
    if not marks:
        return release
    shown = frozenset(marks.split(","))
    return replace(release, held=tuple(_if_shown(release, one, shown) for one in release.held))


def _if_shown(release: Release, one: Held, shown: frozenset[str]) -> Held:
    if release.stays(one) or _mark(one.item) in shown:
        return one
    why = "it was not in the list that was shown to go: it came, or changed, since"
    return replace(one, refusal=Refusal(ANOTHER, why, LOOK))


def _mark(item: ProtectedItem) -> str:
    told = {key: one for key, one in identity_of(item).items() if key != _NOT_COMPARED}
    text = json.dumps(told, sort_keys=True).casefold()
    return hashlib.sha256(text.encode()).hexdigest()[:16]
