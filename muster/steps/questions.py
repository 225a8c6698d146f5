"""A question to people: asked with a deadline, answered through the inbox, else by its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import Aborted
from muster.journal.events import EventKind, instant_of, instant_text
from muster.journal.inbox import Message
from muster.plan.actions import Manual
from muster.steps.act import SKEW
from muster.steps.context import Run, Spent
from muster.steps.inbox import refuse, unread
from muster.steps.recorded import events_of
from muster.steps.spending import counted

ANSWERS = ("continue", "abort")
LOOK_EVERY = timedelta(seconds=5)
LAST_LOOK = timedelta(seconds=1)
"""So shortly before its deadline a question looks once more: after it nothing counts."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a question can be answered."""

    asked: datetime
    deadline: datetime

    def why_not(self, at: datetime, now: datetime) -> str | None:
        """Why an answer dated `at`, read `now`, does not count; None if it does.

        Its date is what its sender says, so what is read is judged by our clock as well.
        """
        if at < self.asked:
            return "it was given before the question was asked"
        if at > self.deadline or now >= self.deadline:
            return "it came after the question's deadline"
        if at > now + SKEW:
            return "it is dated in the future"
        return None


async def ask(run: Run, step: Step, manual: Manual, spent: Spent) -> dict[str, Any]:
    """Ask, and wait for the answer; a question asked before a crash keeps its deadline.

    Raises:
        Aborted: Answered `abort` (the run stops), or the run is stopping.
    """
    span = await _asked(run, step, manual)
    with counted(spent, "human", run.clock):
        answered = await _answered(run, step, manual, span)
    if answered["answer"] == "abort":
        who = (
            "nobody answered in time" if answered["via"] == "deadline" else f"by {answered['by']}"
        )
        run.stop(f"“{manual.ask}” was answered abort ({who})")
        raise Aborted(f"“{manual.ask}” was answered abort ({who})")
    return {"answer": answered["answer"], "by": answered["by"], "via": answered["via"]}


async def _asked(run: Run, step: Step, manual: Manual) -> Span:
    for event in events_of(run, EventKind.ASKED):
        if event.data["question"] == step.id:
            return Span(event.at, instant_of(event.data["deadline"]))
    deadline = run.clock.now() + manual.within
    data = {
        "question": step.id,
        "ask": manual.ask,
        "deadline": instant_text(deadline),
        "otherwise": manual.otherwise,
        "answers": list(ANSWERS),
    }
    event = await run.journal.append(EventKind.ASKED, data, step=step.id)
    return Span(event.at, deadline)


async def _answered(run: Run, step: Step, manual: Manual, span: Span) -> Mapping[str, Any]:
    for event in events_of(run, EventKind.ANSWERED):
        if event.data["question"] == step.id:
            return event.data
    while True:
        # Before the inbox: an answer that is only read after the deadline came too late.
        left = span.deadline - run.clock.now()
        if left <= timedelta():
            default = await _journal(run, step, manual.otherwise, "nobody", "deadline", None)
            await _answer_from_inbox(run, step, span)  # what lies there is noted as too late
            return default
        if message := await _answer_from_inbox(run, step, span):
            answer = (message.answer or "").strip().casefold()
            return await _journal(run, step, answer, message.by, "inbox", message.name)
        if run.stopping.is_set():
            await _journal(run, step, "not waited for", "muster", "stopping", None)
            raise Aborted(f"“{manual.ask}” was not waited for: {run.stop_reason}")
        await run.clock.sleep(_until_next_look(span.deadline - run.clock.now()))


def _until_next_look(left: timedelta) -> timedelta:
    return min(LOOK_EVERY, left - LAST_LOOK) if left > LAST_LOOK else max(left, timedelta())


async def _answer_from_inbox(run: Run, step: Step, span: Span) -> Message | None:
    for message in await unread(run, step, "answer"):
        if message.question != step.id:
            continue
        if why := span.why_not(message.at, run.clock.now()):
            await refuse(run, step, message, why)
        elif (message.answer or "").strip().casefold() not in ANSWERS:
            why = f"{message.answer!r} is none of {', '.join(ANSWERS)}"
            await refuse(run, step, message, why)
        else:
            return message
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
