"""The `perform` that a flow hands to the walk: every step goes through its Prefect task."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from prefect.context import TagsContext
from prefect.exceptions import PrefectException, PrefectSignal

from muster.compile.graph import Step, StepKind
from muster.compile.outcome import Outcome, Perform
from muster.steps.context import Run
from muster.steps.perform import perform
from tasks.catalog import TASK_FOR
from tasks.shell import Ended

log = logging.getLogger("muster.tasks")


def perform_as_tasks(run: Run) -> Perform:
    """Steps as task runs of the flow run that is under way, with edges from what each waited
    for.
    """
    ended: dict[str, Ended] = {}  # kept for the whole run: Prefect knows results by identity

    async def perform_as_task(step: Step, before: Mapping[str, Outcome]) -> Outcome:
        # No tags, not even the flow run's: Prefect asks the server for a concurrency slot per tag
        # before a tagged task may start. That took 2 s for each new set of tags, and a server that
        # is away would hold up every step, the cleanup among them. Titles name group, step and VM.
        edges = edges_to(step)
        waited_for = [
            ended[name] if name in edges and name in ended else Ended(outcome)
            for name, outcome in before.items()
        ]
        try:
            with TagsContext(current_tags=set()):
                state = await TASK_FOR[step.kind](
                    run_id=run.id,
                    step_id=step.id,
                    title=step.title,
                    before=waited_for,
                    return_state=True,
                )
            result = await state.aresult(raise_on_failure=False)
        except (PrefectException, PrefectSignal) as err:
            result = err
        if isinstance(result, Ended):
            ended[step.id] = result
            return result.outcome
        # What Prefect cannot show still gets done: a cleanup must not depend on the server, nor on
        # somebody pressing Suspend. Steps converge, so one that was under way is not done twice.
        log.warning(
            "Prefect did not take step %s (%r); it is done without a task run", step.id, result
        )
        return await perform(step, before, run)

    return perform_as_task


def edges_to(step: Step) -> frozenset[str]:
    """Ids of the steps that Prefect draws an edge from.

    A finaliser is handed the outcomes of all steps; edges from all would hide the picture, so it
    gets those
    that it waits for, and a VM's cleanup the one from that VM's test failover.
    """
    waited_for = {*step.needs, *step.after}
    if step.kind is StepKind.CLEANUP:
        waited_for.add(f"{StepKind.TEST_FAILOVER}:{step.subject}")
    return frozenset(waited_for)
