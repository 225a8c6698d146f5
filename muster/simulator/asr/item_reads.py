"""GET of protected items and their recovery points."""

from __future__ import annotations

from muster.simulator.asr import items, points
from muster.simulator.call import Answer, Call, Route, Routes, listed


def get_item(call: Call) -> Answer:
    """GET …/replicationProtectedItems/{item}."""
    return Answer(200, items.body(call.world, items.find(call.world, call.target)))


def list_items(call: Call) -> Answer:
    """GET …/replicationProtectedItems of a container, or of the whole vault."""
    under = call.target.owner.lower() + "/"
    found = items.in_vault(call.world, call.target)
    mine = [item for item in found if item["id"].lower().startswith(under)]
    return listed([items.body(call.world, item) for item in mine])


def list_points(call: Call) -> Answer:
    """GET …/recoveryPoints."""
    return points.list_points(call, items.find(call.world, call.target))


def get_point(call: Call) -> Answer:
    """GET …/recoveryPoints/{point}."""
    return points.get_point(call, items.find(call.world, call.target))


_VAULT_WIDE = "Microsoft.RecoveryServices/vaults/replicationProtectedItems"
_STATES = "States while a test failover waits: specified. While a job runs: inferred."
_POINTS = "Spelling of an app-consistent point in A2A lists, when a new one can be used: inferred."
ROUTES: Routes = {
    (items.TYPE, "get"): Route(get_item, "recorded", _STATES),
    (items.TYPE, "list"): Route(list_items, "recorded", _STATES),
    (_VAULT_WIDE, "list"): Route(list_items, "recorded", _STATES),
    (f"{items.TYPE}/recoveryPoints", "list"): Route(list_points, "recorded", _POINTS),
    (f"{items.TYPE}/recoveryPoints", "get"): Route(get_point, "recorded", _POINTS),
}
