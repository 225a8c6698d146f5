"""The runs of a plan, as far as register and signed heads vouch for them; else why they do not.

Nobody's items are given away by evidence that was changed or lost: what does not read, or is not
as it was written, is a doubt, and stands in the place of the run that it hides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from muster.errors import JournalError
from muster.journal.completeness import is_entry_of, register_of
from muster.journal.events import Event, EventKind, instant_of
from muster.journal.lines import Finding
from muster.journal.register import NUMBERED, Entry, plans_of
from muster.journal.sealed import read_sealed
from muster.journal.segments import SEGMENT
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.replication.claims_made import Doubt

_KNOWN = frozenset(one.value for one in Operation)
_ASKED = frozenset({Operation.REPLICATE.value, Operation.DISABLE.value})
_NEVER = "never opened"
Register = tuple[list[Entry], list[Finding]]
"""Entries of a plan, and what contradicts them."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """A run of replicate or disable whose evidence holds."""

    entry: Entry
    events: Sequence[Event]


@dataclass(slots=True)
class TrustedRuns:
    """Runs of a store; a closed one is read and checked once for a command."""

    store: Store
    _read: dict[str, Sequence[Event]] = field(default_factory=dict)
    _registers: dict[str, Register] = field(default_factory=dict)  # as first read

    def plans(self) -> list[str]:
        """Every plan that has a register."""
        return plans_of(self.store)

    def of_plan(self, plan: str) -> Iterator[Trusted | Doubt]:
        """Runs of replicate and disable, and doubts, in the order of the register."""
        entries, findings = self._register(plan)
        later = {one.n: after for one, after in pairwise(entries) if after.n == one.n + 1}
        at_place = _by_number(findings)
        for n in sorted({*at_place, *(entry.n for entry in entries)}):
            entry = next((one for one in entries if one.n == n), None)
            for finding in at_place.get(n, ()):
                yield _of_register(plan, finding, entry)
            if entry is not None:
                yield from self._of_entry(entry, later.get(n))

    def unregistered(self) -> Iterator[Doubt]:
        """Journals that no register names: runs are registered before they begin, so that an
        entry was taken away.
        """
        names = (name.split("/") for name in self.store.names("runs/"))
        runs = {one[1] for one in names if _is_segment(one)} - self._registered()
        if runs:  # one that was opened since is in its register by now
            self._registers.clear()
            runs -= self._registered()
        for run in sorted(runs):
            yield from self._of_nobody(run)

    def _registered(self) -> set[str]:
        return {entry.run for plan in self.plans() for entry in self._register(plan)[0]}

    def _register(self, plan: str) -> Register:
        if plan not in self._registers:
            self._registers[plan] = register_of(self.store, plan)
        return self._registers[plan]

    def _of_entry(self, entry: Entry, witness: Entry | None) -> Iterator[Trusted | Doubt]:
        if entry.operation in _KNOWN - _ASKED and witness is not None:
            return  # the entry behind it vouches for this one
        if witness is not None and witness.previous_state == _NEVER:
            return  # registered and never begun, as the next run saw
        try:
            events = self._events(entry.run)
        except JournalError as err:
            if entry.operation not in _KNOWN - _ASKED:
                yield _of_run(entry, err.message)
            return
        if why := _contradicted(entry, events, witness):
            yield _of_run(entry, why)
        elif entry.operation in _ASKED:
            yield Trusted(entry, events)

    def _of_nobody(self, run: str) -> Iterator[Doubt]:
        why = "no register names it: its entry was taken away"
        try:
            opened = self._events(run)[0]
        except JournalError as err:
            yield Doubt("", f"run {run}", f"{why}, and {err.message}", _look_at(run))
            return
        if opened.data.get("operation") == Operation.REPLICATE.value:
            plan = str(opened.data.get("plan") or "")
            yield Doubt(plan, f"run {run}", why, _look_at(run), opened.at)

    def _events(self, run: str) -> Sequence[Event]:
        if (known := self._read.get(run)) is not None:
            return known
        events = read_sealed(self.store, run)
        if events[-1].kind is EventKind.CLOSED:
            self._read[run] = events
        return events


def _contradicted(entry: Entry, events: Sequence[Event], witness: Entry | None) -> str:
    """What a run's events say against its entry in the register; "" where they fit."""
    if entry.operation not in _KNOWN:
        return f"the register says `{entry.operation}`, which is no operation"
    if not is_entry_of(entry, events[0].data):
        return "the register's entry is not the one that it was opened with"
    head = witness.previous_head if witness else None
    if head is not None and head != events[-1].digest():
        return f"it does not end as run {witness.run if witness else ''} saw it end"
    return ""


def _of_run(entry: Entry, why: str) -> Doubt:
    at = instant_of(entry.opened_at)
    remedy = _look_at(entry.run, entry.plan)
    if "VER-021" in why:
        remedy = f"If its process died at its end, `muster cleanup {entry.run}` signs it. {remedy}"
    return Doubt(entry.plan, f"run {entry.run}", why, remedy, at)


def _of_register(plan: str, finding: Finding, behind: Entry | None) -> Doubt:
    """What a cut or missing entry hides was begun before the run behind it."""
    again = "" if finding.code == "VER-040" else _again(plan)  # beside a cut entry it cannot run
    remedy = (
        f"Look at a run of {plan} with `muster verify RUN`, and put the register's file back from "
        f"a copy{again}."
    )
    at = instant_of(behind.opened_at) if behind else None
    return Doubt(plan, f"a run in {finding.place}", finding.sentence, remedy, at)


def _look_at(run: str, plan: str = "") -> str:
    return (
        f"Look at it with `muster verify {run}`, and put what is missing or changed back from a "
        f"copy{_again(plan) if plan else ''}."
    )


def _again(plan: str) -> str:
    return f"; or have {plan} replicated again, if it still runs: what its plan means then counts"


def _by_number(findings: Sequence[Finding]) -> dict[int, list[Finding]]:
    """Findings by the number in the register at which they stand; of a missing entry that one is
    told which does not read.
    """
    found: dict[int, list[Finding]] = {}
    cut = {_number(one) for one in findings if one.code == "VER-040"}
    for one in findings:
        if not (one.code == "VER-041" and _number(one) - 1 in cut):
            found.setdefault(_number(one), []).append(one)
    return found


def _number(finding: Finding) -> int:
    match = NUMBERED.fullmatch(finding.place)
    return int(match[2]) if match else 0


def _is_segment(parts: list[str]) -> bool:
    return len(parts) == 3 and SEGMENT.fullmatch(parts[2]) is not None
