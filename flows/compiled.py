"""Plan and operation to a Prefect flow: the factory, and the entrypoints that `prefect.yaml`
names.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flows import Flow
from prefect.runtime import flow_run as runtime
from pydantic import Field

from flows.compiled_replicating import replicating_flow
from flows.drilling import Form, drill
from flows.environment import PLAN_FILES
from flows.hooks import clean_up_cancelled, clean_up_crashed, clean_up_failed
from flows.preflighting import look_ahead
from muster.cli.prefect_yaml import (
    OPERATIONS,
    flow_name,
    function_name,
    preflight_function,
    preflight_name,
)
from muster.errors import PlanError
from muster.plan.actions import Operation
from muster.plan.durations import parse_duration
from muster.plan.loader import LoadedPlan, load_plan
from muster.runs.request import run_id_for_flow_run

AS_PLANNED = "as the plan says"
PointChoice = Literal[
    "as the plan says", "latest", "latest-processed", "app-consistent", "crash-consistent"
]
KeepFor = Annotated[str, Field(pattern=r"^(as the plan says|(\d+h)?(\d+m)?(\d+s)?)$")]
"""Plain lists and texts, no `or None`: the form draws those as a choice between types first."""

_FORM = """

Args:
    recovery_point: Which recovery point of every VM.
    reason: Why now. Goes into the record; who starts a drill by hand has to say it.
    keep_for: How long to keep the copies up for people, such as 30m or 2h.
    requested_by: Your name or e-mail. Prefect does not know who fills in this form.
"""
"""Prefect takes the words of a form from the docstring, not from the annotations."""


def compile_flow(plan_path: Path, operation: Operation) -> Flow[..., Any]:
    """The flow of one plan and operation; a plan that does not load gives a flow that says so
    and fails.

    Raises:
        NotImplementedError: No flow is made of that operation yet.
    """
    if operation in (Operation.REPLICATE, Operation.DISABLE):
        return replicating_flow(plan_path, operation)
    if operation is not Operation.DRILL:
        raise NotImplementedError(f"no flow is made of {operation.value} yet")
    try:
        loaded = load_plan(plan_path)
    except PlanError as err:
        return _as_flow(_refusing(err), plan_path.stem, operation, f"Does not load:\n\n{err}")
    about = f"{loaded.plan.about}\n\nOwner: {loaded.plan.owner or 'not named'}"
    return _as_flow(_drilling(loaded), plan_path.stem, operation, about)


def _drilling(loaded: LoadedPlan) -> Callable[..., Any]:
    async def run_drill_flow(
        recovery_point: PointChoice = "as the plan says",
        reason: str = "",
        keep_for: KeepFor = AS_PLANNED,
        requested_by: str = "",
    ) -> State[None]:
        point = None if recovery_point == "as the plan says" else recovery_point
        span = None if keep_for == AS_PLANNED else parse_duration(keep_for or "0s")
        return await drill(loaded, Form(point, reason, span, requested_by))

    return run_drill_flow


def _refusing(error: PlanError) -> Callable[..., Any]:
    async def refuse(  # the same form as when it loads: a schedule may carry parameters
        recovery_point: PointChoice = "as the plan says",  # noqa: ARG001
        reason: str = "",  # noqa: ARG001
        keep_for: KeepFor = AS_PLANNED,  # noqa: ARG001
        requested_by: str = "",  # noqa: ARG001
    ) -> None:
        raise error

    return refuse


def _as_flow(
    function: Callable[..., Any], plan: str, operation: Operation, about: str
) -> Flow[..., Any]:
    function.__name__ = function_name(plan, operation)
    function.__qualname__ = function.__name__
    function.__doc__ = about + _FORM

    def run_name() -> str:
        """The flow run bears the name of the run that it stands for: what people type in
        commands.
        """
        return run_id_for_flow_run(plan, operation, str(runtime.id))

    return flow(
        name=flow_name(plan, operation),
        description=about,
        flow_run_name=run_name,
        persist_result=False,
        retries=0,
        on_cancellation=[clean_up_cancelled],
        on_failure=[clean_up_failed],
        on_crashed=[clean_up_crashed],
    )(function)


def compile_preflight(plan_path: Path) -> Flow[..., Any]:
    """The flow that looks whether a drill of a plan would work; it has nothing to clean up."""

    async def look() -> State[None]:
        return await look_ahead(plan_path)

    look.__name__ = look.__qualname__ = preflight_function(plan_path.stem)
    look.__doc__ = f"Whether a drill of {plan_path.stem} would work; nothing is sent."
    return flow(name=preflight_name(plan_path.stem), persist_result=False, retries=0)(look)


for _path in PLAN_FILES:
    globals()[preflight_function(_path.stem)] = compile_preflight(_path)
    for _operation in OPERATIONS:
        globals()[function_name(_path.stem, _operation)] = compile_flow(_path, _operation)
