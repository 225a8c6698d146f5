"""Which runs there are and where they stand, for `muster status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from muster.errors import JournalError, RunNotFound
from muster.journal.completeness import chosen_runs
from muster.journal.events import Event, EventKind, instant_text
from muster.journal.facts import Question
from muster.journal.glimpse import glimpse
from muster.journal.holding_up import Runs, runs_held
from muster.journal.journal import run_exists
from muster.journal.marks import marks_of
from muster.journal.register import Entry, plans_of
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.journal.verify import read_verified
from muster.runs.overview import BROKEN


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run, in a line."""

    run: str
    plan: str
    operation: str
    opened_at: str  # on the wall, whatever clock the run went by
    target: str
    state: str  # open | closed | broken
    outcome: str | None
    note: str = ""
    marks: tuple[str, ...] = ()  # why it is no evidence of a drill on Azure
    is_registered: bool = True  # else it is an entry of a register that does not read
    is_by_own_clock: bool = False  # `opened_at` is the run's own, as its first event is unread
    is_verified: bool = False  # as its first and last event say, or as `muster verify` sees it

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def run_overview(store: Store) -> list[RunLine]:
    """Every run of every plan, newest last, as its first and its last event say: nothing is
    verified. A run, or an entry of a register, that cannot be read is named, not left out.
    """
    lines = [line for plan in plans_of(store) for line in _of_plan(store, plan)]
    return sorted(lines, key=lambda line: line.opened_at)


def verified(store: Store, lines: Sequence[RunLine]) -> list[RunLine]:
    """Lines as `muster verify` sees their runs; one whose evidence does not hold reads broken.

    Args:
        store: The journal.
        lines: Of `run_overview`; all that is shown, and no more: each run is read as a whole.
    """
    plans = {line.plan for line in lines}
    asked = {line.run for line in lines}
    held = {
        plan: runs_held(store, plan, lambda all_: [one for one in all_ if one.run in asked])
        for plan in plans
    }
    entries = {entry.run: entry for runs in held.values() for entry in runs.entries}
    return [
        _verified(held[line.plan], entries[line.run], line) if line.run in entries else line
        for line in lines
    ]


def _of_plan(store: Store, plan: str) -> list[RunLine]:
    readable: list[Entry] = []

    def none_of(entries: list[Entry]) -> list[Entry]:
        readable.extend(entries)
        return []

    _, findings = chosen_runs(store, plan, none_of)
    of_register = [
        RunLine(
            one.place,
            plan,
            "?",
            "",
            "?",
            BROKEN,
            None,
            f"[{one.code}] {one.sentence}",
            is_registered=False,
        )
        for one in findings
        if one.severity == "error"
    ][:1]  # the others mostly follow from it; `muster verify` tells all
    return [*of_register, *(_glimpsed(store, entry) for entry in readable)]


def _glimpsed(store: Store, entry: Entry) -> RunLine:
    try:
        return _line(entry, glimpse(store, entry.run))
    except JournalError as err:
        return RunLine(
            entry.run, entry.plan, entry.operation, entry.opened_at, "?", BROKEN, None, str(err),
            is_by_own_clock=True,
        )  # fmt: skip


def _verified(runs: Runs, entry: Entry, line: RunLine) -> RunLine:
    events = runs.events_of(entry)
    if why := runs.broken.get(entry.run):
        return replace(line, state=BROKEN, outcome=None, note=why, marks=(), is_verified=True)
    return replace(_line(entry, events) if events else line, is_verified=True)


def _line(entry: Entry, events: Sequence[Event]) -> RunLine:
    closed = next((event for event in events if event.kind == EventKind.CLOSED), None)
    return RunLine(
        run=entry.run,
        plan=entry.plan,
        operation=entry.operation,
        opened_at=instant_text(events[0].wall),
        target=str(events[0].data.get("target", "?")),
        state="closed" if closed else "open",
        outcome=str(closed.data["outcome"]) if closed else None,
        marks=marks_of(events),
    )


def run_status(store: Store, run_id: str) -> dict[str, Any]:
    """Where one run stands: steps, open questions, outcome.

    Raises:
        RunNotFound: No such run.
        Tampered: Its evidence does not hold, as `muster verify` sees it.
    """
    if not run_exists(store, run_id):
        raise RunNotFound(f"There is no run {run_id}")
    events = read_verified(store, run_id)
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
