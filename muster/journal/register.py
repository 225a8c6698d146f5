"""The register of runs: one chained list a plan, so that a missing run shows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import rfc8785

from muster.errors import JournalError, SegmentTaken, Tampered
from muster.journal.events import GENESIS, EventKind, instant_text
from muster.journal.segments import last_line, segment_names
from muster.journal.stores import Store, is_name

NUMBERED = re.compile(r"plans/([^/]+)/(\d{6,})\.json")


@dataclass(frozen=True, slots=True)
class Entry:
    """One run as registered when it was opened."""

    n: int  # from 1, no gaps
    run: str
    plan: str
    operation: str
    opened_at: str  # instant in Azure time, as events write it
    prev_entry_digest: str  # SHA-256 of the entry before; GENESIS for the first
    previous_run: str | None
    previous_head: str | None  # head of the previous run if it was closed by then
    previous_state: str | None  # "closed" | "open" | "never opened", as seen then

    def content(self) -> bytes:
        """The stored bytes: canonical JSON."""
        return rfc8785.dumps(asdict(self))

    def digest(self) -> str:
        return hashlib.sha256(self.content()).hexdigest()


def entry_name(plan: str, n: int) -> str:
    return f"plans/{plan}/{n:06d}.json"


def entry_of(name: str, content: bytes) -> Entry:
    """One entry as stored.

    Raises:
        Tampered: The bytes are not what `Entry.content` writes.
    """
    try:
        entry = Entry(**json.loads(content))
        unchanged = entry.content() == content
    except (ValueError, TypeError, RecursionError) as err:
        raise Tampered(f"{name} is no entry of the register ({type(err).__name__})") from err
    if not unchanged:
        raise Tampered(f"{name} is not in canonical form: it was changed after it was written")
    return entry


def entries_of(store: Store, plan: str) -> list[Entry]:
    """The runs of a plan, oldest first; raises Tampered for an entry that does not read."""
    return [entry_of(name, store.read(name)) for name in _entry_names(store, plan)]


def plans_of(store: Store) -> list[str]:
    """Every plan that has a register, by name."""
    matches = (NUMBERED.fullmatch(name) for name in store.names("plans/"))
    return sorted({match[1] for match in matches if match})


def runs_of(store: Store, plan: str | None = None) -> list[Entry]:
    """Registered runs of a plan, or of all plans, oldest first within each plan."""
    plans = [plan] if plan is not None else plans_of(store)
    return [entry for name in plans for entry in entries_of(store, name)]


def last_run_of(store: Store, plan: str) -> Entry | None:
    """The newest registered run of a plan."""
    names = _entry_names(store, plan)
    return entry_of(names[-1], store.read(names[-1])) if names else None


def entry_of_run(store: Store, run: str, plan: str | None = None) -> Entry | None:
    """Where a run is registered; None when it is nowhere."""
    return next((entry for entry in reversed(runs_of(store, plan)) if entry.run == run), None)


def register_run(store: Store, *, run: str, plan: str, operation: str, at: datetime) -> Entry:
    """Win the next number of a plan for a run.

    A run that was registered and died before its journal began keeps its number.

    Raises:
        JournalError: A name cannot be stored (JRN-007), or the run is another plan's (JRN-009).
    """
    for label, text in (("run", run), ("plan", plan)):
        if not is_name(text) or "/" in text:
            raise JournalError(f"{text!r} cannot name a {label}", code="JRN-007")
    if (known := entry_of_run(store, run, plan) or _elsewhere(store, run, plan)) is not None:
        if known.plan != plan:
            raise JournalError(
                f"Run {run} belongs to plan {known.plan}, not to {plan}",
                code="JRN-009",
                hint="Every run has an id of its own; start a new one.",
            )
        return known
    while True:
        entry = _next_entry(store, run, plan, operation, at)
        try:
            store.create(entry_name(plan, entry.n), entry.content())
        except SegmentTaken:
            continue  # another run of the plan won this number: take the next
        return entry


def _elsewhere(store: Store, run: str, plan: str) -> Entry | None:
    """The entry of a run among those of other plans: one of theirs that does not read keeps no
    other plan from being run.
    """
    for other in plans_of(store):
        if other == plan:
            continue
        for name in _entry_names(store, other):
            try:
                entry = entry_of(name, store.read(name))
            except Tampered:
                continue  # the journal of a run that was opened under it is begun once
            if entry.run == run:
                return entry
    return None


def as_opened(entry: Entry) -> Mapping[str, object]:
    """What the `opened` event says of the register."""
    return {
        "number": entry.n,
        "previous_run": entry.previous_run,
        "previous_head": entry.previous_head,
        "entry_digest": entry.digest(),
    }


def head_and_state(store: Store, run: str) -> tuple[str | None, str]:
    """The digest of a run's last line, and whether it is "closed", "open" or "never opened"."""
    if not segment_names(store, run):
        return None, "never opened"
    line = last_line(store, run)
    try:
        closed = json.loads(line)["kind"] == EventKind.CLOSED
    except (ValueError, TypeError, KeyError):
        closed = False
    return hashlib.sha256(line).hexdigest(), "closed" if closed else "open"


def _next_entry(store: Store, run: str, plan: str, operation: str, at: datetime) -> Entry:
    last = last_run_of(store, plan)
    head, state = head_and_state(store, last.run) if last else (None, None)
    return Entry(
        n=last.n + 1 if last else 1,
        run=run,
        plan=plan,
        operation=str(operation),
        opened_at=instant_text(at),
        prev_entry_digest=last.digest() if last else GENESIS,
        previous_run=last.run if last else None,
        previous_head=head if state == "closed" else None,
        previous_state=state,
    )


def _entry_names(store: Store, plan: str) -> list[str]:
    names = store.names(f"plans/{plan}/")
    return [name for name in names if NUMBERED.fullmatch(name)]
