"""What happens inside a flow run, whatever its operation: the walk through tasks, followed by a
table and by whoever listens, its artifacts, and the state it ends in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from prefect.client.schemas.objects import State

from flows.board_artifact import board_artifact
from flows.environment import settings_for
from flows.final_artifacts import publish
from flows.requesting import Form, request_for, this_flow_run
from flows.states import state_of, state_of_refusal
from flows.telling import TELLER
from muster.errors import MusterError
from muster.journal.events import Event
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.runs.drill import Watch, Wrap
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.settings import Settings
from tasks.performing import perform_as_tasks


class Walk(Protocol):
    """A run of one operation, from its request to its record; see `run_drill`."""

    def __call__(
        self,
        request: RunRequest,
        settings: Settings,
        *,
        wrap: Wrap,
        watch: Watch,
        say: Callable[[str], None],
    ) -> Awaitable[RunResult]: ...


async def run_inside(
    loaded: LoadedPlan, operation: Operation, form: Form, walk: Walk
) -> State[None]:
    """Run an operation inside the flow run that is under way; returns the state it ends in."""
    plan = loaded.plan.plan
    try:
        request = request_for(loaded, operation, form, this_flow_run())
        settings = settings_for(plan)
        result = await followed(
            f"{plan}-{operation.value}",
            lambda watch: walk(
                request, settings, wrap=perform_as_tasks, watch=watch, say=TELLER.say
            ),
        )
    except MusterError as err:
        TELLER.refused(err)
        return state_of_refusal(err)
    return await state_of(result)


async def followed(
    key: str,
    walk: Callable[[Watch], Awaitable[RunResult]],
    *,
    before: Iterable[Event] = (),
) -> RunResult:
    """Walk while a table artifact keeps up, then publish what people read afterwards.

    Args:
        key: Begins the names of the run's artifacts: one line of them per plan and operation.
        walk: Is handed what every event of the run goes to.
        before: What the run's journal held already; shown in the table, told to nobody.
    """
    async with board_artifact(key) as artifact:
        for event in before:
            artifact.board.see(event)

        def watch(event: Event) -> None:
            artifact.see(event)
            TELLER.event(event)

        result = await walk(watch)
    await publish(key, result)
    TELLER.ended(result)
    return result
