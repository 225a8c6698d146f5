"""A plan's replication, and its end, as Prefect flows.

Nothing schedules them, so that their forms demand the reason at once. No hook starts a cleanup
behind them: what they made is there to stay, and the next run goes on.
"""

from __future__ import annotations

from functools import partial

from prefect.client.schemas.objects import State

from flows.inside import run_inside
from flows.making import REQUESTED_BY, Body, Making, PlanFile
from flows.requesting import Form
from muster.plan.actions import Operation
from muster.runs.replicate import run_replicate
from muster.steps.replicating.deciding import decide
from muster.steps.replicating.disable import confirmation_for

FORM = {
    "reason": "Why now. Goes into the record; who starts it by hand has to say it.",
    "requested_by": REQUESTED_BY,
}
WALK = partial(run_replicate, decide=decide)


def replicating(file: PlanFile) -> Body:
    """The function of a plan's replication."""

    async def run_replicate_flow(reason: str, requested_by: str = "") -> State[None]:
        form = Form(reason, requested_by)
        return await run_inside(file.loaded(), Operation.REPLICATE, form, WALK)

    return run_replicate_flow


def disabling(file: PlanFile) -> Body:
    """The function of the end of a plan's replication."""

    async def run_disable_flow(
        reason: str, requested_by: str = "", confirmed: str = "", shown: str = ""
    ) -> State[None]:
        form = Form(reason, requested_by, {"confirmed": confirmed, "shown": shown})
        return await run_inside(file.loaded(), Operation.DISABLE, form, WALK)

    return run_disable_flow


def _confirming(plan: str) -> dict[str, str]:
    return {
        **FORM,
        "confirmed": f"Type exactly: {confirmation_for(plan)}",
        "shown": "Left empty in a form: marks of the list that a terminal showed before it asked.",
    }


REPLICATE = Making(replicating, form=lambda _: FORM, cleans_up=False)
DISABLE = Making(disabling, form=_confirming, cleans_up=False)
