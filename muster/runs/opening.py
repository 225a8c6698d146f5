"""What a journal begins with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from muster import __version__
from muster.compile.graph import Graph, Step
from muster.plan.loader import LoadedPlan
from muster.runs.place import place_of
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
        "arm_host": urlsplit(settings.arm_endpoint).netloc.rpartition("@")[2],
        "private_ca": settings.private_ca,
        "proxy": settings.proxy,
        "place": place_of(settings, loaded.plan),
        "clock": {"speed": settings.clock.speed, "epoch": settings.clock.epoch},
        "rehearsal": settings.is_rehearsal,
        "faults": list(settings.faults),
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
