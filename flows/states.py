"""How a run's end shows in Prefect. A flow that returns None is Completed whatever happened:
each end has a state.
"""

from __future__ import annotations

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from prefect.states import Cancelled, Completed, Failed

from muster.cli.summary import is_clean
from muster.errors import MusterError
from muster.runs.result import RunResult

MOST_CAUSES = 5


async def state_of(result: RunResult) -> State[None]:
    """Completed only if the run passed; Cancelled if somebody asked Prefect for that; else
    Failed, with the causes.
    """
    message = f"{result.run}: {result.outcome}"
    if result.outcome == "passed":
        return Completed(message=message)
    causes = [f"[{cause['code']}] {cause['message']}" for cause in result.causes]
    if len(causes) > MOST_CAUSES:
        causes = [*causes[:MOST_CAUSES], f"and {len(causes) - MOST_CAUSES} more"]
    message = "\n".join([message, *causes])
    if result.outcome == "aborted" and await _is_cancelling():
        return Cancelled(message=message)
    return Failed(name="Aborted" if result.outcome == "aborted" else None, message=message)


def state_of_refusal(error: MusterError) -> State[None]:
    """A run that was refused before its first act."""
    return Failed(name="Refused", message=str(error))


def state_of_cleanup(result: RunResult) -> State[None]:
    """Completed if nothing is left, however the run had ended that was cleaned up after."""
    if is_clean(result.record):
        return Completed(message=f"{result.run} is cleaned up and closed: {result.outcome}")
    causes = "\n".join(f"[{cause['code']}] {cause['message']}" for cause in result.causes)
    return Failed(name="Left-overs", message=f"{result.run} is not clean\n{causes}")


async def _is_cancelling() -> bool:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return False
    try:
        async with get_client() as client:
            state = (await client.read_flow_run(context.flow_run.id)).state
    except (PrefectException, httpx.HTTPError):
        return False
    return state is not None and state.is_cancelling()
