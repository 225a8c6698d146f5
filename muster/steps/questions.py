"""A question to people: asked with a deadline, answered through the inbox, else by its default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import Aborted
from muster.journal.events import EventKind, instant_of, instant_text
from muster.journal.inbox import Message
from muster.plan.actions import Manual
from muster.steps.context import Run, Spent
from muster.steps.inbox import refuse, unread
from muster.steps.recorded import events_of
from muster.steps.spending import counted

ANSWERS = ("continue", "abort")
LOOK_EVERY = timedelta(seconds=5)


async def ask(run: Run, step: Step, manual: Manual, spent: Spent) -> dict[str, Any]:
    """Ask, and wait for the answer; a question asked before a crash keeps its deadline.

    Raises:
        Aborted: Answered `abort` (the run stops), or the run is stopping.
    """
    asked = await _asked(run, step, manual)
    deadline = instant_of(asked["deadline"])
    with counted(spent, "human", run.clock):
        answered = await _answered(run, step, manual, deadline)
    if answered["answer"] == "abort":
        who = (
            "nobody answered in time" if answered["via"] == "deadline" else f"by {answered['by']}"
        )
        run.stop(f"“{manual.ask}” was answered abort ({who})")
        raise Aborted(f"“{manual.ask}” was answered abort ({who})")
    return {"answer": answered["answer"], "by": answered["by"], "via": answered["via"]}


async def _asked(run: Run, step: Step, manual: Manual) -> Mapping[str, Any]:
    for event in events_of(run, EventKind.ASKED):
        if event.data["question"] == step.id:
            return event.data
    data = {
        "question": step.id,
        "ask": manual.ask,
        "deadline": instant_text(run.clock.now() + manual.within),
        "otherwise": manual.otherwise,
        "answers": list(ANSWERS),
    }
    await run.journal.append(EventKind.ASKED, data, step=step.id)
    return data


async def _answered(run: Run, step: Step, manual: Manual, deadline: datetime) -> Mapping[str, Any]:
    for event in events_of(run, EventKind.ANSWERED):
        if event.data["question"] == step.id:
            return event.data
    while True:
        if message := await _answer_from_inbox(run, step):
            answer = (message.answer or "").strip().casefold()
            return await _journal(run, step, answer, message.by, "inbox", message.name)
        left = deadline - run.clock.now()
        if left <= timedelta():
            return await _journal(run, step, manual.otherwise, "nobody", "deadline", None)
        if run.stopping.is_set():
            await _journal(run, step, "not waited for", "muster", "stopping", None)
            raise Aborted(f"“{manual.ask}” was not waited for: {run.stop_reason}")
        await run.clock.sleep(min(LOOK_EVERY, left))


async def _answer_from_inbox(run: Run, step: Step) -> Message | None:
    for message in unread(run, "answer"):
        if message.question != step.id:
            continue
        if (message.answer or "").strip().casefold() in ANSWERS:
            return message
        await refuse(run, step, message, f"{message.answer!r} is none of {', '.join(ANSWERS)}")
    return None


async def _journal(
    run: Run, step: Step, answer: str, by: str, via: str, message: str | None
) -> Mapping[str, Any]:
    data = {
        "question": step.id,
        "answer": answer,
        "by": by,
        "via": via,
        "at": instant_text(run.clock.now()),
        **({"message": message} if message else {}),
    }
    await run.journal.append(EventKind.ANSWERED, data, step=step.id)
    return data
