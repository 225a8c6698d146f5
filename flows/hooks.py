"""What Prefect calls when a drill's flow run ended badly: each only starts the `cleanup`
deployment and returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from prefect.client.orchestration import get_client
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.logging import get_logger

from flows.environment import settings_for
from muster.journal.chain import read_run
from muster.journal.journal import run_exists
from muster.journal.state import RunState
from muster.journal.stores import DirectoryStore
from muster.plan.actions import Operation
from muster.runs.request import run_id_for_flow_run
from muster.runs.stopping import go_on_command

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun, State
    from prefect.flows import Flow

CLEANUP = "cleanup/cleanup"

log = get_logger("muster.hooks")


async def clean_up_cancelled(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """`on_cancellation`: the process was killed 30 s after SIGTERM, maybe in the middle of its
    finalisers.
    """
    await start_cleanup(flow, flow_run, state)


async def clean_up_failed(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """`on_failure`: usually the run has closed itself; if not, somebody has to."""
    await start_cleanup(flow, flow_run, state)


async def clean_up_crashed(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """`on_crashed`: the process is gone."""
    await start_cleanup(flow, flow_run, state)


async def start_cleanup(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Start the cleanup of a flow run's run, unless there is nothing to clean up; never raises
    for a server away.
    """
    plan, _, operation = flow.name.partition(": ")
    run_id = run_id_for_flow_run(plan, Operation(operation), str(flow_run.id))
    if not is_open(plan, run_id):
        return
    parameters = {"run": run_id, "reason": f"flow run {flow_run.name} ended {state.name}"}
    try:
        async with get_client() as client:
            await arun_deployment(
                CLEANUP,
                client=client,
                parameters=parameters,
                timeout=0,
                as_subflow=False,
                idempotency_key=f"{run_id}-{state.id}",
                flow_run_name=f"cleanup {run_id}",
                tags=[plan],
            )
    except ObjectNotFound:
        log.warning("no deployment %s; go on with:  %s", CLEANUP, go_on_command(run_id))
    except (PrefectException, httpx.HTTPError) as err:
        log.error("cleanup could not be started (%s); go on with:  %s", err, go_on_command(run_id))
    else:
        log.info("cleanup of %s was started", run_id)


def is_open(plan: str, run_id: str) -> bool:
    """Whether the journal knows the run and nobody has closed it: a run that never opened left
    nothing behind.
    """
    store = DirectoryStore(settings_for(plan).journal)
    return run_exists(store, run_id) and not RunState.of(read_run(store, run_id)).is_closed
