"""Who asked for a flow run, and with which words: from the form to the journal's request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from muster.errors import InputError
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.runs.request import RunRequest, run_id_for_flow_run

VIA = "MUSTER_VIA"
"""Set by `flows.run`: a flow run that the command line started is not one that the Prefect UI
started."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the person filled in."""

    reason: str
    requested_by: str
    choices: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a RunRequest that only this operation has."""


def request_for(
    loaded: LoadedPlan, operation: Operation, form: Form, flow_run: FlowRun
) -> RunRequest:
    """Who asked for what, in the journal's words.

    Raises:
        InputError: Somebody started it in the UI without saying why.
    """
    via = os.environ.get(VIA) or ("schedule" if flow_run.auto_scheduled else "prefect ui")
    # Prefect in open source does not know who pressed the button: what the form says is a claim.
    reason = form.reason.strip() or (f"scheduled {operation.value}" if via == "schedule" else "")
    if via == "prefect ui" and len(reason) < 3:
        raise InputError(
            "What is started by hand needs a reason; nothing was done",
            code="INPUT-011",
            hint="Start it again and say in the form why it runs now.",
        )
    nobody = "the plan's schedule" if via == "schedule" else "not named"
    return RunRequest(
        plan_path=loaded.path,
        operation=operation,
        run_id=run_id_for_flow_run(loaded.plan.plan, operation, str(flow_run.id)),
        reason=reason,
        requested_by=form.requested_by or ("" if via == "cli" else nobody),
        via=via,
        flow_run_id=str(flow_run.id),
        **form.choices,
    )


def this_flow_run() -> FlowRun:
    """The flow run that is under way here; raises LookupError outside of one."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise LookupError("A plan's flow runs only as a Prefect flow run")
    return context.flow_run
