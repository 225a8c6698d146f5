"""What happens inside a drill's flow run: a request, the walk through tasks, artifacts, the
state at the end.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.states import Completed

from flows.board_artifact import board_artifact
from flows.environment import settings_for
from flows.final_artifacts import publish
from flows.states import state_of, state_of_refusal
from flows.telling import TELLER
from muster.clock import ScaledClock
from muster.errors import InputError, MusterError
from muster.journal.events import Event
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.plan.model import RecoveryPointChoice
from muster.runs.drill import run_drill
from muster.runs.request import RunRequest, run_id_for_flow_run
from tasks.performing import perform_as_tasks

VIA = "MUSTER_VIA"
"""Set by `flows.run`: a flow run that the command line started is not one that the Prefect UI
started."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the person filled in."""

    recovery_point: RecoveryPointChoice | None
    reason: str
    keep_for: timedelta | None
    requested_by: str


async def drill(loaded: LoadedPlan, form: Form) -> State[None]:
    """Run a drill inside the flow run that is under way; returns the state it ends in."""
    flow_run = this_flow_run()
    if skipped := not_today(loaded, flow_run, now=ScaledClock().wall_now()):
        return skipped
    plan, key = loaded.plan.plan, f"{loaded.plan.plan}-drill"
    try:
        request = request_for(loaded.path, plan, form, flow_run)
        async with board_artifact(key) as artifact:

            def watch(event: Event) -> None:
                artifact.see(event)
                TELLER.event(event)

            result = await run_drill(
                request, settings_for(plan), wrap=perform_as_tasks, watch=watch, say=TELLER.say
            )
    except MusterError as err:
        TELLER.refused(err)
        return state_of_refusal(err)
    await publish(key, result)
    TELLER.ended(result)
    return await state_of(result)


def request_for(path: Path, plan: str, form: Form, flow_run: FlowRun) -> RunRequest:
    """Who asked for what, in the journal's words.

    Raises:
        InputError: Somebody started it in the UI without saying why.
    """
    via = os.environ.get(VIA) or ("schedule" if flow_run.auto_scheduled else "prefect ui")
    # Prefect in open source does not know who pressed the button: what the form says is a claim.
    reason = form.reason.strip() or ("scheduled drill" if via == "schedule" else "")
    if via == "prefect ui" and len(reason) < 3:
        raise InputError(
            "A drill that is started by hand needs a reason; nothing was done",
            code="INPUT-011",
            hint="Start it again and say in the form why it runs now.",
        )
    name = form.requested_by or ("the plan's schedule" if via == "schedule" else "not named")
    return RunRequest(
        plan_path=path,
        operation=Operation.DRILL,
        run_id=run_id_for_flow_run(plan, Operation.DRILL, str(flow_run.id)),
        recovery_point=form.recovery_point,
        keep_for=form.keep_for,
        reason=reason,
        requested_by="" if via == "cli" and not form.requested_by else name,
        via=via,
        flow_run_id=str(flow_run.id),
    )


def not_today(
    loaded: LoadedPlan, flow_run: FlowRun, now: datetime | None = None
) -> State[None] | None:
    """The state of a scheduled flow run that falls on a day its plan excludes; None if it may
    run.

    Args:
        loaded: The plan.
        flow_run: It was due on one day, and may start on another: its worker was away.
        now: When it starts.
    """
    schedule = loaded.plan.drill.schedule
    if schedule is None or not flow_run.auto_scheduled:
        return None
    days = [schedule.excludes(at) for at in (flow_run.expected_start_time, now) if at]
    span = next((one for one in days if one), None)
    if span is None:
        return None
    message = f"{loaded.plan.plan} is not drilled from {span[0]} to {span[1]}; nothing was done"
    return Completed(name="Skipped: not_on", message=message)


def this_flow_run() -> FlowRun:
    """The flow run that is under way here; raises LookupError outside of one."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise LookupError("A drill's flow runs only as a Prefect flow run")
    return context.flow_run
