"""What all tasks have in common: find the run of this process, do one step of it, show how it
ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed
from prefect.tasks import Task

from muster.compile.outcome import Outcome
from muster.steps.context import current_run
from muster.steps.perform import perform

StepTask = Task[..., Any]


class Ended:
    """The outcome of a step as Prefect passes it on: it draws an edge from the task run that
    returned it.

    A plain class on purpose: Prefect tracks results by identity, and takes dataclasses apart.
    """

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


async def done_by_step(run_id: str, step_id: str, before: Sequence[Ended]) -> Ended | State[Ended]:
    """Do one step of the run that is under way here; a failed one shows as a Failed task run.

    Raises:
        LookupError: No such run is under way in this process (a task run is never retried
        elsewhere).
    """
    run = current_run(run_id)
    outcomes = {one.outcome.step: one.outcome for one in before}
    ended = Ended(await perform(run.graph.step(step_id), outcomes, run))
    if ended.outcome.is_ok:
        return ended
    return Failed(message=in_a_sentence(ended.outcome), data=ended)


def in_a_sentence(outcome: Outcome) -> str:
    """Why a step did not succeed, for a state's message."""
    error = outcome.error
    if error is None:
        return outcome.why or outcome.status
    return f"[{error['code']}] {error['message']} -- {error['hint']}"


def step_task(name: str, description: str) -> StepTask:
    """A task for one kind of step.

    No Prefect retry, no result cache, no persisted result: a blind second start could be a
    second failover, and a
    remembered answer is not evidence. The gateway retries what is safe to retry.
    """

    async def shell(
        run_id: str,
        step_id: str,
        title: str,  # noqa: ARG001  the name of the task run
        before: list[Ended],
    ) -> Any:
        return await done_by_step(run_id, step_id, before)

    shell.__name__ = name.replace(" ", "_")
    made: StepTask = task(
        name=name,
        description=description,
        task_run_name="{title}",
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=0,
    )(shell)
    return made
