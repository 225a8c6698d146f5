"""Requests that are known to the roles and refused: a permitted caller hears the truth."""

from __future__ import annotations

from muster.simulator.arm.errors import not_implemented
from muster.simulator.call import Answer, Call, Route, Routes, listed


def refuse(call: Call) -> Answer:
    """Better than to act as if."""
    raise not_implemented(f"{call.method} {call.target.type}")


def list_none(_: Call) -> Answer:
    """A list of what no world of this version can hold (ASR's own recovery plans)."""
    return listed([])


_ROUTE = Route(refuse, "not modelled")
_VAULT = "Microsoft.RecoveryServices/vaults"
ROUTES: Routes = {
    **{
        (f"{_VAULT}/replicationJobs/{verb}", "post"): _ROUTE
        for verb in ("cancel", "resume", "restart")
    },
    (f"{_VAULT}/replicationRecoveryPlans", "list"): Route(list_none, "recorded", "Always empty."),
}
