"""Runs of a plan as `muster verify` sees them: what does not hold is evidence of nothing.

Only the runs that somebody asks for are read: a look has no time for years of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from muster.errors import JournalError, RunNotFound
from muster.journal.completeness import Choose, chosen_runs, is_entry_of
from muster.journal.events import Event
from muster.journal.register import Entry
from muster.journal.stores import Store
from muster.journal.verify import read_verified


@dataclass(frozen=True, slots=True)
class Runs:
    """Chosen runs of a plan, oldest first, and what was found to contradict them so far."""

    store: Store
    entries: tuple[Entry, ...]
    broken: dict[str, str] = field(default_factory=dict)
    """Why, by run; by the name of its entry where the register itself does not hold."""

    @property
    def register_broken(self) -> str | None:
        """What the register contradicts; None where it holds."""
        return next((why for at, why in self.broken.items() if at.startswith("plans/")), None)

    def events_of(self, entry: Entry) -> Sequence[Event]:
        """The events of a run if nothing contradicts them; else none, and `broken` says why."""
        if entry.run in self.broken:
            return ()
        try:
            events = read_verified(self.store, entry.run)
        except RunNotFound:  # registered, never began: the register's findings say if that is odd
            return ()
        except JournalError as err:
            self.broken[entry.run] = err.message
            return ()
        if not is_entry_of(entry, events[0].data):
            said = f"it was not opened as number {entry.n} of the register says"
            self.broken[entry.run] = said
            return ()
        return events


def runs_held(store: Store, plan: str, choose: Choose) -> Runs:
    """The runs of a plan that `choose` takes of its register; no journal is read for it but its
    last line.
    """
    chosen, findings = chosen_runs(store, plan, choose)
    broken = {
        one.place.removeprefix("runs/"): f"[{one.code}] {one.sentence}"
        for one in findings
        if one.severity == "error"
    }
    return Runs(store, tuple(chosen), broken)


def newest(most: int, *, operation: str, of_it: int) -> Choose:
    """The newest runs of whatever kind, and besides them so many of one operation: other runs do
    not make those forgotten.
    """

    def choose(entries: list[Entry]) -> list[Entry]:
        kept = {entry.n for entry in entries[-most:]}
        kept |= {entry.n for entry in [e for e in entries if e.operation == operation][-of_it:]}
        return [entry for entry in entries if entry.n in kept]

    return choose
