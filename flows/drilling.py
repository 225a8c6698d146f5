"""A plan's drill as a Prefect flow: its form, and the days on which it is skipped."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed
from pydantic import Field

from flows.inside import run_inside
from flows.making import REQUESTED_BY, Body, Making, PlanFile
from flows.requesting import Form, this_flow_run
from muster.clock import ScaledClock
from muster.plan.actions import Operation
from muster.plan.durations import parse_duration
from muster.plan.loader import LoadedPlan
from muster.runs.drill import run_drill

AS_PLANNED = "as the plan says"
PointChoice = Literal[
    "as the plan says", "latest", "latest-processed", "app-consistent", "crash-consistent"
]
KeepFor = Annotated[str, Field(pattern=r"^(as the plan says|(\d+h)?(\d+m)?(\d+s)?)$")]
"""Plain lists and texts, no `or None`: the form draws those as a choice between types first."""

FORM = {
    "recovery_point": "Which recovery point of every VM.",
    "reason": "Why now. Goes into the record; who starts a drill by hand has to say it.",
    "keep_for": "How long to keep the copies up for people, such as 30m or 2h.",
    "requested_by": REQUESTED_BY,
}


def drilling(file: PlanFile) -> Body:
    """The function of a plan's drill."""

    async def run_drill_flow(
        recovery_point: PointChoice = "as the plan says",
        reason: str = "",
        keep_for: KeepFor = AS_PLANNED,
        requested_by: str = "",
    ) -> State[None]:
        loaded = file.loaded()
        if skipped := not_today(loaded, this_flow_run(), now=ScaledClock().wall_now()):
            return skipped
        choices = {
            "recovery_point": None if recovery_point == AS_PLANNED else recovery_point,
            "keep_for": None if keep_for == AS_PLANNED else parse_duration(keep_for or "0s"),
        }
        form = Form(reason, requested_by, choices)
        return await run_inside(loaded, Operation.DRILL, form, run_drill)

    return run_drill_flow


DRILL = Making(drilling, form=lambda _: FORM, cleans_up=True)


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
