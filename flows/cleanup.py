"""Entrypoint `cleanup`: close what an interrupted run left open."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.states import Completed
from pydantic import Field

from flows.environment import settings_for
from flows.inside import followed
from flows.states import state_of_cleanup, state_of_refusal
from flows.telling import TELLER
from muster.cli.earlier import earlier_events
from muster.errors import MusterError, RunClosed
from muster.runs.cleanup import run_cleanup
from tasks.performing import perform_as_tasks


@flow(name="cleanup", flow_run_name="cleanup {run}", persist_result=False, retries=0)
async def cleanup(
    run: Annotated[str, Field(min_length=3)], reason: str = "asked for by hand"
) -> Any:
    """Clean up after a run that was interrupted, prove it, close its record.

    Converges: only that run's own resources are touched, and what was done already is read, not
    repeated.

    Args:
        run: The run's id, as `muster status` lists it; its flow run bears it as name.
        reason: Why. Goes into the record.
    """
    key = f"{run.rpartition('-')[0]}-cleanup"  # one line of artifacts per plan and operation
    try:
        settings = settings_for(run)
        before = earlier_events(settings, run)
        result = await followed(
            key,
            lambda watch: run_cleanup(
                run, settings, why=reason, wrap=perform_as_tasks, watch=watch, say=TELLER.say
            ),
            before=before,
        )
    except RunClosed as err:
        return Completed(name="Nothing to do", message=str(err))
    except MusterError as err:
        TELLER.refused(err)
        return state_of_refusal(err)
    return state_of_cleanup(result)
