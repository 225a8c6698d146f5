"""What happens inside a flow run that replicates, or ends that: from request to state."""

from __future__ import annotations

import os
from dataclasses import dataclass

from prefect.client.schemas.objects import FlowRun, State

from flows.board_artifact import board_artifact
from flows.drilling import VIA, this_flow_run
from flows.environment import settings_for
from flows.final_artifacts import publish
from flows.states import state_of, state_of_refusal
from flows.telling import TELLER
from muster.errors import InputError, MusterError
from muster.journal.events import Event
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.runs.replicate import run_replicate
from muster.runs.request import RunRequest, run_id_for_flow_run
from muster.steps.replicating.deciding import decide
from tasks.performing import perform_as_tasks


@dataclass(frozen=True, slots=True)
class ReplicateForm:
    """What the person filled in."""

    reason: str
    requested_by: str
    confirmed: str = ""


async def replicate(loaded: LoadedPlan, operation: Operation, form: ReplicateForm) -> State[None]:
    """Replicate inside the flow run that is under way; returns the state it ends in."""
    plan, key = loaded.plan.plan, f"{loaded.plan.plan}-{operation.value}"
    try:
        request = request_for(loaded, operation, form, this_flow_run())
        async with board_artifact(key) as artifact:

            def watch(event: Event) -> None:
                artifact.see(event)
                TELLER.event(event)

            result = await run_replicate(
                request, settings_for(plan), decide=decide, wrap=perform_as_tasks, watch=watch,
                say=TELLER.say,
            )  # fmt: skip
    except MusterError as err:
        TELLER.refused(err)
        return state_of_refusal(err)
    await publish(key, result)
    TELLER.ended(result)
    return await state_of(result)


def request_for(
    loaded: LoadedPlan, operation: Operation, form: ReplicateForm, flow_run: FlowRun
) -> RunRequest:
    """Who asked for what, in the journal's words.

    Raises:
        InputError: Somebody started it in the UI without saying why.
    """
    via = os.environ.get(VIA) or ("schedule" if flow_run.auto_scheduled else "prefect ui")
    reason = form.reason.strip() or ("scheduled" if via == "schedule" else "")
    if via == "prefect ui" and len(reason) < 3:
        raise InputError(
            "What is started by hand needs a reason; nothing was done",
            code="INPUT-011",
            hint="Start it again and say in the form why it runs now.",
        )
    return RunRequest(
        plan_path=loaded.path,
        operation=operation,
        run_id=run_id_for_flow_run(loaded.plan.plan, operation, str(flow_run.id)),
        confirmed=form.confirmed,
        reason=reason,
        requested_by="" if via == "cli" else form.requested_by or "not named",
        via=via,
        flow_run_id=str(flow_run.id),
    )
