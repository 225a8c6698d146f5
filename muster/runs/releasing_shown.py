"""A list that a person confirmed, and the run that follows: only what was shown to go, goes.

The run may be another process than the one that asked; marks of the items go along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from muster.gateway.port import Gateway
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.replication.holding import Held
from muster.replication.item_identity import ANOTHER, is_marked, mark_of, marks_by_kept
from muster.replication.primary_side import Refusal
from muster.runs.releasing import Release, read_release
from muster.runs.releasing_again import LOOK, read_again
from muster.runs.same_place import require_same_place, require_same_tenant
from muster.runs.unfinished import unfinished_run
from muster.settings import Settings

_NOTHING = "nothing"


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
    shown = (one for one in release.held if not release.stays(one) and not release.under_way(one))
    goes = sorted(mark_of(one.item) for one in shown)
    return ",".join(goes) or _NOTHING


def only_shown(release: Release, marks: str) -> Release:
    """The list with what was not shown to go staying; all of it where no list was shown ("")."""
    if not marks:
        return release
    shown = marks_by_kept(marks.split(","))
    return replace(release, held=tuple(_if_shown(release, one, shown) for one in release.held))


def _if_shown(release: Release, one: Held, shown: Mapping[str, str]) -> Held:
    if release.stays(one) or release.under_way(one) or is_marked(one.item, shown):
        return one
    why = "it was not in the list that was shown to go: it came, or changed, since"
    return replace(one, refusal=Refusal(ANOTHER, why, LOOK))
