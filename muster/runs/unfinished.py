"""A run of replicate or disable that was left open: it is gone on with, not begun anew."""

from __future__ import annotations

import os
import platform

from muster.journal.chain import read_run
from muster.journal.process import is_alive
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.runs.rivals import StillOpen, open_runs


def unfinished_run(store: Store, plan: str, operation: Operation) -> RunState | None:
    """The state of the open run of a plan and operation, if there is one and its process is gone.

    Taking over is safe in any case: whoever owned the run is fenced before anything is sent. A
    process of this machine that is alive is left alone all the same, as two terminals that take
    a run from each other in turn would get nowhere.

    Raises:
        StillOpen: It is under way on this machine.
        JournalError: Its journal is broken.
    """
    same = [entry for entry in open_runs(store, plan, but="") if entry.operation == operation]
    if not same:
        return None
    state = RunState.of(read_run(store, same[-1].run))
    if _is_alive(state):
        raise StillOpen(state.run, state.plan, state.operation)
    return state


def _is_alive(state: RunState) -> bool:
    """Whether its owner is another process of this machine that still runs."""
    if state.owner.get("host") != platform.node():
        return False
    pid = state.owner.get("pid")
    return pid != os.getpid() and is_alive(pid, state.owner.get("started"))
