"""What a journal begins with, and when it may not begin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from muster import __version__
from muster.compile.graph import Graph, Step
from muster.errors import InputError, RunClosed
from muster.journal.journal import run_exists
from muster.journal.register import head_and_state, last_run_of
from muster.journal.stores import Store
from muster.plan.loader import LoadedPlan
from muster.runs.request import RunRequest
from muster.settings import Settings


def opened_data(
    request: RunRequest, loaded: LoadedPlan, graph: Graph, settings: Settings
) -> dict[str, Any]:
    """The data of the `opened` event (see `EventKind.OPENED`); the journal adds run, plan and
    register.
    """
    finalisers = {step.id for step in graph.finalisers}
    return {
        "plan_digest": loaded.digest,
        "canonical": loaded.canonical,
        "parameters": request.parameters(),
        "requested_by": request.requester(),
        "tool": {"name": "muster", "version": __version__},
        "target": settings.target,
        "arm_host": urlsplit(settings.arm_endpoint).netloc,
        "clock": {"speed": settings.clock.speed, "epoch": settings.clock.epoch},
        "rehearsal": settings.is_rehearsal,
        "graph": [_step_data(step, finaliser=step.id in finalisers) for step in graph],
        "left_out": [
            {"group": left.group, "action": left.action, "why": left.why}
            for left in graph.left_out
        ],
    }


def _step_data(step: Step, *, finaliser: bool) -> dict[str, Any]:
    return {
        "id": step.id,
        "kind": step.kind.value,
        "subject": step.subject,
        "group": step.group,
        "needs": list(step.needs),
        "after": list(step.after),
        "timeout": step.timeout.total_seconds(),
        "critical": step.critical,
        "params": dict(step.params),
        "finaliser": finaliser,
    }


def refuse_second_run(store: Store, plan: str, run_id: str) -> None:
    """One run at a time per plan, and no run twice.

    Raises:
        RunClosed: This run has ended; evidence stays as it is.
        InputError: This run, or the newest run of the plan, is still open.
    """
    if run_exists(store, run_id):
        if head_and_state(store, run_id)[1] == "closed":
            raise RunClosed(f"Run {run_id} is closed")
        raise _still_open(run_id)
    last = last_run_of(store, plan)
    if last is not None and head_and_state(store, last.run)[1] == "open":
        raise _still_open(last.run)


def _still_open(run_id: str) -> InputError:
    return InputError(
        f"Run {run_id} is still open: it is under way, or was interrupted",
        code="RUN-011",
        hint=f"Follow it with `muster status {run_id}`; if its process is gone, "
        f"`muster cleanup {run_id}` cleans up and closes it.",
    )
