"""GET of protected items and their recovery points."""

from __future__ import annotations

from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.asr import item_lists, items, points, vault_parts
from muster.simulator.asr.item_details import Telling
from muster.simulator.call import Answer, Call, Route, Routes


def get_item(call: Call) -> Answer:
    """GET …/replicationProtectedItems/{item}."""
    item = items.find(call.world, call.target)
    return Answer(200, items.body(call.world, item, Telling(call.api_version)))


def list_items(call: Call) -> Answer:
    """GET …/replicationProtectedItems of a container, or of the whole vault."""
    names = call.target.names
    if len(names) > 1 and vault_parts.entry(call.world, call.target.owner) is None:
        raise site_recovery_not_found(names[-1])
    under = call.target.owner.lower() + "/"
    found = items.in_vault(call.world, call.target)
    mine = [item for item in found if item["id"].lower().startswith(under)]
    return item_lists.page(call, mine)


def list_points(call: Call) -> Answer:
    """GET …/recoveryPoints."""
    return points.list_points(call, items.find(call.world, call.target))


def get_point(call: Call) -> Answer:
    """GET …/recoveryPoints/{point}."""
    return points.get_point(call, items.find(call.world, call.target))


_VAULT_WIDE = "Microsoft.RecoveryServices/vaults/replicationProtectedItems"
_STATES = (
    "States while a test failover waits, and between failover and commit: specified. While a job "
    "runs: inferred."
)
_LISTS = (
    "What a list leaves out of its disks is recorded. Grammar of `$filter`, form of `skipToken` "
    "and the length of a page: inferred; an unread filter is refused."
)
_POINTS = (
    "The list and its points are recorded, one point by itself is not. Spelling of an "
    "app-consistent point in A2A lists, when a new one can be used: inferred."
)
ROUTES: Routes = {
    (items.TYPE, "get"): Route(get_item, "recorded", _STATES),
    (items.TYPE, "list"): Route(list_items, "recorded", _LISTS),
    (_VAULT_WIDE, "list"): Route(list_items, "recorded", _LISTS),
    (f"{items.TYPE}/recoveryPoints", "list"): Route(list_points, "recorded", _POINTS),
    (f"{items.TYPE}/recoveryPoints", "get"): Route(get_point, "recorded", _POINTS),
}
