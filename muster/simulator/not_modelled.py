"""Requests that are known to the roles and refused: a permitted caller hears the truth."""

from __future__ import annotations

from muster.simulator.arm.errors import not_implemented
from muster.simulator.asr import items
from muster.simulator.call import Answer, Call, Route, Routes


def refuse(call: Call) -> Answer:
    """Better than to act as if."""
    raise not_implemented(f"{call.method} {call.target.type}")


_ROUTE = Route(refuse, "not modelled")
_VERBS = (
    "unplannedFailover",
    "plannedFailover",
    "failoverCommit",
    "failoverCancel",
    "applyRecoveryPoint",
    "reProtect",
    "remove",
    "repairReplication",
    "resolveHealthErrors",
)
_CONTAINER = items.TYPE.rpartition("/")[0]
ROUTES: Routes = {
    **{(f"{items.TYPE}/{verb}", "post"): _ROUTE for verb in _VERBS},
    **{(items.TYPE, verb): _ROUTE for verb in ("put", "patch", "delete")},
    (f"{_CONTAINER}/switchprotection", "post"): _ROUTE,
}
