"""Let a span pass for a stated reason; a run that is stopping does not wait on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import Aborted
from muster.journal.events import EventKind, instant_of, instant_text
from muster.plan.actions import Wait
from muster.steps.context import Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.recorded import events_of
from muster.steps.spending import counted

LOOK_EVERY = timedelta(seconds=5)


async def wait_for_reason(run: Run, step: Step, wait: Wait, spent: Spent) -> dict[str, Any]:
    """Wait the plan's span; one that was begun before a crash ends when it would have ended.

    Raises:
        Aborted: The run is stopping.
    """
    end = Deadline(run.clock, await _end_of(run, step, wait))
    with counted(spent, "script", run.clock):
        while left := end.left():
            if run.stopping.is_set():
                raise Aborted(f"'{wait.why}' was not waited for: {run.stop_reason}")
            await run.clock.sleep(min(LOOK_EVERY, left))
    return {"waited_seconds": wait.for_.total_seconds(), "why": wait.why}


async def _end_of(run: Run, step: Step, wait: Wait) -> Any:
    for event in events_of(run, EventKind.OBSERVED):
        if event.step == step.id and event.data.get("what") == "wait":
            return instant_of(event.data["until"])
    until = run.clock.now() + wait.for_
    data = {"what": "wait", "until": instant_text(until), "why": wait.why}
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    return until
