"""Which runs there are and where they stand, for `muster status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from muster.errors import JournalError, RunNotFound
from muster.journal.chain import read_run
from muster.journal.events import Event, EventKind, instant_text
from muster.journal.facts import Question
from muster.journal.journal import run_exists
from muster.journal.marks import marks_of
from muster.journal.register import Entry, runs_of
from muster.journal.state import RunState
from muster.journal.stores import Store


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run, in a line."""

    run: str
    plan: str
    operation: str
    opened_at: str  # on the wall, whatever clock the run went by
    target: str
    state: str  # under way | closed | broken
    outcome: str | None
    note: str = ""
    marks: tuple[str, ...] = ()  # why it is no evidence of a drill on Azure

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def run_overview(store: Store) -> list[RunLine]:
    """Every run of every plan, newest last; a run that cannot be read is named, not left out."""
    lines = [_line(store, entry) for entry in runs_of(store)]
    return sorted(lines, key=lambda line: line.opened_at)


def _line(store: Store, entry: Entry) -> RunLine:
    try:
        events = read_run(store, entry.run)
    except JournalError as err:
        return RunLine(
            entry.run, entry.plan, entry.operation, entry.opened_at, "?", "broken", None, str(err)
        )
    closed = next((event for event in events if event.kind == EventKind.CLOSED), None)
    return RunLine(
        run=entry.run,
        plan=entry.plan,
        operation=entry.operation,
        opened_at=instant_text(events[0].wall) if events else entry.opened_at,
        target=str(events[0].data.get("target", "?")) if events else "?",
        state="closed" if closed else "open",
        outcome=str(closed.data["outcome"]) if closed else None,
        marks=marks_of(events),
    )


def run_status(store: Store, run_id: str) -> dict[str, Any]:
    """Where one run stands: steps, open questions, outcome.

    Raises:
        RunNotFound: No such run.
        Tampered: Its journal does not verify.
    """
    if not run_exists(store, run_id):
        raise RunNotFound(f"There is no run {run_id}")
    events = read_run(store, run_id)
    state = RunState.of(events)
    opened = events[0]
    begun = {event.step for event in events if event.kind == EventKind.STARTED and event.step}
    ended = {e.step: e.data for e in events if e.kind == EventKind.FINISHED and e.step}
    steps = [_step_line(node, begun, ended) for node in opened.data.get("graph", [])]
    closed = next((event.data for event in events if event.kind == EventKind.CLOSED), None)
    return {
        "run": run_id,
        "plan": opened.data.get("plan"),
        "operation": opened.data.get("operation"),
        "target": opened.data.get("target"),
        "marks": list(marks_of(events)),
        "opened_at": instant_text(opened.wall),
        "state": "closed" if closed else "open",
        "outcome": closed["outcome"] if closed else None,
        "leftovers": list(closed.get("leftovers", [])) if closed else None,
        "questions": [_question_line(question) for question in state.open_questions],
        "hold": _hold_line(events, ended),
        "not_followed": [
            {"at": instant_text(event.at), "text": str(event.data["text"])}
            for event in events
            if event.kind == EventKind.NOTED and event.data.get("followed") is False
        ],
        "steps": steps,
        "last_event": {
            "seq": events[-1].seq,
            "at": instant_text(events[-1].at),
            "kind": events[-1].kind.value,
        },
    }


def _question_line(question: Question) -> dict[str, Any]:
    return {
        "question": question.question,
        "ask": question.ask,
        "deadline": instant_text(question.deadline) if question.deadline else None,
        "otherwise": question.otherwise,
        "answers": list(question.answers),
    }


def _hold_line(events: Sequence[Event], ended: Mapping[str, Any]) -> dict[str, Any] | None:
    """Until when the copies are kept up for people, while they are."""
    for event in reversed(events):
        if event.kind == EventKind.OBSERVED and event.data.get("what") == "hold":
            return None if str(event.step) in ended else {"until": event.data["until"]}
    return None


def _step_line(node: Any, begun: set[str], ended: dict[str, Any]) -> dict[str, Any]:
    end = ended.get(node["id"])
    status = end["status"] if end else ("running" if node["id"] in begun else "waiting")
    return {
        "id": node["id"],
        "kind": node["kind"],
        "group": node["group"],
        "subject": node["subject"],
        "status": status,
        "error": end.get("error") if end else None,
        "why": end.get("why", "") if end else "",
    }
