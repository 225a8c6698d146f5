"""Finalisers outlive an outage: what Azure did not answer is asked again, up to their own end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from muster.compile.graph import Step
from muster.gateway.waiting import TEMPORARY
from muster.journal.events import EventKind
from muster.steps.context import Done, Run, Spent, StepEnded
from muster.steps.deadline import Deadline

AGAIN_AFTER = timedelta(seconds=30)

StepFunction = Callable[[Step, Run], Awaitable[Done]]


def outliving_outages(do: StepFunction) -> StepFunction:
    """A step that is done again while Azure cannot be reached. Only for steps that converge.

    A drill's own steps fail in an outage, and the drill with them. A finaliser that gave up would
    leave copies behind that run, and cost, until somebody finds them.
    """

    async def again_and_again(step: Step, run: Run) -> Done:
        deadline = Deadline.of(step, run.clock)
        lost = timedelta()
        while True:
            began = run.clock.monotonic()
            try:
                done = await do(step, run)
            except StepEnded as err:
                if not isinstance(err.cause, TEMPORARY) or deadline.left() <= AGAIN_AFTER:
                    raise
                text = f"{step.id} is done again in {AGAIN_AFTER}: {err.cause.message}"
                data = {"what": "retry", "text": text}
                await run.journal.append(EventKind.NOTED, data, step=step.id)
            else:
                return Done(done.facts, _with(done.spent, lost))
            await run.clock.sleep(AGAIN_AFTER)
            lost += run.clock.monotonic() - began

    return again_and_again


def _with(spent: Spent, lost: timedelta) -> Spent:
    spent.retry += lost
    return spent
