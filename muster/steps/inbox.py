"""What people dropped into the run's inbox, each message taken once; the rest is noted, not much
of it.
"""

from __future__ import annotations

from muster.compile.graph import Step
from muster.journal.events import EventKind
from muster.journal.inbox import Message, MessageKind
from muster.steps.context import Run
from muster.steps.recorded import events_of

MOST_NOTES = 30
"""Messages a run notes that it did not follow or could not read; whoever drops more is not named
one by one."""


async def unread(run: Run, step: Step, kind: MessageKind) -> list[Message]:
    """Messages of a kind that no event of this run names, oldest first.

    What is no message is noted here, once.
    """
    await run.inbox.look()
    for bad in run.inbox.unreadable(_seen(run)):
        await _dismiss(run, step, "unreadable", bad.name, f"{bad.name} is no message: {bad.why}")
    return [one for one in run.inbox.messages(_seen(run)) if one.kind == kind]


async def refuse(run: Run, step: Step, message: Message, why: str) -> None:
    """Note that a message was read and not followed."""
    text = f"{message.kind} by {message.by} was not followed: {why}"
    await _dismiss(run, step, "request", message.name, text)


def _seen(run: Run) -> frozenset[str]:
    kinds = (EventKind.ANSWERED, EventKind.NOTED)
    events = (event for event in run.journal.events if event.kind in kinds)
    named = (str(event.data["message"]) for event in events if event.data.get("message"))
    return frozenset(named) | run.inbox.dismissed


async def _dismiss(run: Run, step: Step, what: str, name: str, text: str) -> None:
    run.inbox.dismissed.add(name)
    noted = sum(event.data.get("followed") is False for event in events_of(run, EventKind.NOTED))
    if noted > MOST_NOTES:
        return
    data = {"what": what, "text": text, "message": name, "followed": False}
    if noted == MOST_NOTES:
        text = "More messages were not followed; they are not named"
        data = {"what": what, "text": text, "followed": False}
    await run.journal.append(EventKind.NOTED, data, step=step.id)
