"""What people dropped into the run's inbox, each message taken once."""

from __future__ import annotations

from muster.compile.graph import Step
from muster.journal.events import EventKind
from muster.journal.inbox import Message, MessageKind, pending
from muster.steps.context import Run


def unread(run: Run, kind: MessageKind) -> list[Message]:
    """Messages of a kind that no event of this run names, oldest first."""
    return [one for one in pending(run.journal.store, run.id, _seen(run)) if one.kind == kind]


def _seen(run: Run) -> frozenset[str]:
    kinds = (EventKind.ANSWERED, EventKind.NOTED)
    events = (event for event in run.journal.events if event.kind in kinds)
    return frozenset(str(event.data["message"]) for event in events if event.data.get("message"))


async def refuse(run: Run, step: Step, message: Message, why: str) -> None:
    """Note that a message was read and not followed."""
    data = {"what": "request", "text": f"{message.kind} by {message.by} was not followed: {why}"}
    data["message"] = message.name
    await run.journal.append(EventKind.NOTED, data, step=step.id)
