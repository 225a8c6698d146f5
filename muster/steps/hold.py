"""Hold: keep the test copies for people to look at, until a deadline or a release."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.compile.graph import Step
from muster.journal.events import EventKind, Observed, instant_of, instant_text
from muster.steps.context import Done, Run, Spent
from muster.steps.inbox import unread
from muster.steps.recorded import events_of, observed
from muster.steps.spending import counted

LOOK_EVERY = timedelta(seconds=5)


async def hold(step: Step, run: Run) -> Done:
    """Wait before the cleanup, as long as the plan, or whoever started the run, says.

    Ends early when released,
    or when the run is stopping.
    """
    span = hold_for(step, run)
    if not span or not observed(run, Observed.OWNED) or run.stopping.is_set():
        return Done({"held_seconds": 0})
    spent = Spent()
    until = await _until(run, step, span)
    ended = "the deadline"
    began = run.clock.now()
    with counted(spent, "human", run.clock):
        while (left := until - run.clock.now()) > timedelta():
            if run.stopping.is_set():
                ended = run.stop_reason
                break
            if released_by := await _released(run, step):
                ended = f"released by {released_by}"
                break
            await run.clock.sleep(min(LOOK_EVERY, left))
    held = (run.clock.now() - began).total_seconds()
    return Done({"held_seconds": held, "ended_by": ended}, spent)


def hold_for(step: Step, run: Run) -> timedelta:
    """How long: after a failure as `on_failure` says, else as asked, else as planned."""
    if _has_failed(run):
        return timedelta(seconds=step.params.get("on_failure_keep_for", 0))
    asked = run.parameters.get("keep_for")
    return timedelta(seconds=step.params.get("keep_for", 0) if asked is None else asked)


def _has_failed(run: Run) -> bool:
    critical = {step.id for step in run.graph.steps if step.critical}
    return any(
        event.data["status"] != "ok" and event.step in critical
        for event in events_of(run, EventKind.FINISHED)
    )


async def _until(run: Run, step: Step, span: timedelta) -> datetime:
    """The end of the hold; one begun before a crash keeps its end."""
    for event in events_of(run, EventKind.OBSERVED):
        if event.data.get("what") == "hold":
            return instant_of(event.data["until"])
    until = run.clock.now() + span
    data = {"what": "hold", "until": instant_text(until)}
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    return until


async def _released(run: Run, step: Step) -> str | None:
    for message in await unread(run, step, "release"):
        data = {"what": "request", "text": f"{message.by} ended the hold", "message": message.name}
        await run.journal.append(EventKind.NOTED, data, step=step.id)
        return message.by
    return None
