"""A plan's replication, or its end, as a Prefect flow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flows import Flow
from prefect.runtime import flow_run as runtime

from flows.replicating import ReplicateForm, replicate
from muster.cli.prefect_yaml import flow_name, function_name
from muster.errors import PlanError
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan, load_plan
from muster.runs.request import run_id_for_flow_run

_FORM = """

Args:
    reason: Why now. Goes into the record; who starts it by hand has to say it.
    requested_by: Your name or e-mail. Prefect does not know who fills in this form.
"""
_CONFIRM = """    confirmed: Type exactly: disable {plan}
"""


def replicating_flow(plan_path: Path, operation: Operation) -> Flow[..., Any]:
    """The flow of one plan; a plan that does not load gives a flow that says so and fails.

    No hook starts a cleanup behind it: what it made is there to stay, and the next run goes on.
    """
    try:
        loaded = load_plan(plan_path)
    except PlanError as err:
        return _as_flow(_refusing(err), plan_path.stem, operation, f"Does not load:\n\n{err}")
    making = _disabling if operation is Operation.DISABLE else _replicating
    about = f"{loaded.plan.about}\n\nOwner: {loaded.plan.owner or 'not named'}"
    return _as_flow(making(loaded), plan_path.stem, operation, about)


def _replicating(loaded: LoadedPlan) -> Callable[..., Any]:
    async def run_replicate_flow(reason: str = "", requested_by: str = "") -> State[None]:
        return await replicate(loaded, Operation.REPLICATE, ReplicateForm(reason, requested_by))

    return run_replicate_flow


def _disabling(loaded: LoadedPlan) -> Callable[..., Any]:
    async def run_disable_flow(
        reason: str = "", requested_by: str = "", confirmed: str = ""
    ) -> State[None]:
        form = ReplicateForm(reason, requested_by, confirmed)
        return await replicate(loaded, Operation.DISABLE, form)

    return run_disable_flow


def _refusing(error: PlanError) -> Callable[..., Any]:
    async def refuse(
        reason: str = "",  # noqa: ARG001
        requested_by: str = "",  # noqa: ARG001
        confirmed: str = "",  # noqa: ARG001
    ) -> None:
        raise error

    return refuse


def _as_flow(
    function: Callable[..., Any], plan: str, operation: Operation, about: str
) -> Flow[..., Any]:
    function.__name__ = function_name(plan, operation)
    function.__qualname__ = function.__name__
    confirm = _CONFIRM.format(plan=plan) if operation is Operation.DISABLE else ""
    function.__doc__ = about + _FORM + confirm

    def run_name() -> str:
        """What people type in commands; a run that is gone on with keeps its own name."""
        return run_id_for_flow_run(plan, operation, str(runtime.id))

    return flow(
        name=flow_name(plan, operation),
        description=about,
        flow_run_name=run_name,
        persist_result=False,
        retries=0,
    )(function)
