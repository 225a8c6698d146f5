"""Whether the register of a plan is whole, fits this run, and none of its runs is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from muster.errors import JournalError
from muster.journal.events import GENESIS
from muster.journal.lines import Finding
from muster.journal.register import NUMBERED, Entry, entry_name, entry_of, head_and_state
from muster.journal.stores import Store

Choose = Callable[[list[Entry]], list[Entry]]


@dataclass(slots=True)
class Completeness:
    """What the register says."""

    findings: list[Finding] = field(default_factory=list)
    complete_up_to: int | None = None  # number of the newest run up to which none is missing
    newest: int | None = None  # number of the newest registered run
    newest_head: str | None = None


def check_register(store: Store, run: str, opened: Mapping[str, Any]) -> Completeness:
    """Check the register of the plan that a run's `opened` event names."""
    plan = str(opened.get("plan", ""))
    result = Completeness()
    entries = _readable(store, plan, result.findings)
    result.findings += _gaps_and_links(entries)
    result.findings += _this_run(entries, run, opened, plan)
    heads = [head_and_state(store, entry.run) for entry in entries]
    missing = list(_missing_runs(entries, heads, entries))
    result.findings += missing
    if entries:
        result.newest, result.newest_head = entries[-1].n, heads[-1][0]
    result.complete_up_to = _complete_up_to(entries, result.findings)
    return result


def chosen_runs(store: Store, plan: str, choose: Choose) -> tuple[list[Entry], list[Finding]]:
    """Some runs of a plan that its register names, and what contradicts the register.

    All entries are held against each other; of the journals, only those of the chosen runs are
    held against what the run after each of them saw: a look has no time for years of them.

    Args:
        store: A journal.
        plan: Name of the plan.
        choose: Of all entries that can be read, oldest first, those that are looked at.

    Returns:
        The chosen entries, oldest first, and findings of every severity.
    """
    findings: list[Finding] = []
    entries = _readable(store, plan, findings)
    findings += _gaps_and_links(entries)
    chosen = choose(entries)
    heads = [head_and_state(store, entry.run) for entry in chosen]
    findings += _missing_runs(chosen, heads, entries)
    return chosen, findings


def register_of(store: Store, plan: str) -> tuple[list[Entry], list[Finding]]:
    """All entries of a plan's register that can be read, oldest first, and what contradicts them.

    No journal is read: `is_entry_of` holds an entry against the run that was opened with it.
    """
    findings: list[Finding] = []
    entries = _readable(store, plan, findings)
    findings += _gaps_and_links(entries)
    return entries, findings


def _readable(store: Store, plan: str, findings: list[Finding]) -> list[Entry]:
    entries = []
    names = store.names(f"plans/{plan}/") if plan else []
    for name in (name for name in names if NUMBERED.fullmatch(name)):
        try:
            entry = entry_of(name, store.read(name))
        except JournalError as err:
            findings.append(Finding("error", "VER-040", name, err.message))
            continue
        if name != entry_name(entry.plan, entry.n):
            sentence = f"the entry is of run {entry.n} of plan {entry.plan}: it was moved"
            findings.append(Finding("error", "VER-040", name, sentence))
            continue
        entries.append(entry)
    return entries


def _gaps_and_links(entries: Sequence[Entry]) -> Iterator[Finding]:
    number, digest, run = 0, GENESIS, None
    for entry in entries:
        place = entry_name(entry.plan, entry.n)
        if entry.n != number + 1:
            sentence = f"number {number + 1} of the register is missing before this one"
            yield Finding("error", "VER-041", place, sentence)
        elif entry.prev_entry_digest != digest or entry.previous_run != run:
            before = entry_name(entry.plan, number) if number else "the beginning"
            sentence = f"does not fit {before}: one of the two was changed"
            yield Finding("error", "VER-042", place, sentence)
        number, digest, run = entry.n, entry.digest(), entry.run


def _this_run(
    entries: Sequence[Entry], run: str, opened: Mapping[str, Any], plan: str
) -> Iterator[Finding]:
    """The run's own words about its place in the register."""
    entry = next((entry for entry in entries if entry.run == run), None)
    if entry is None:
        number = (opened.get("register") or {}).get("number") or 0
        place = entry_name(plan, number)
        yield Finding("error", "VER-044", place, f"run {run} stands nowhere in the register")
    elif not is_entry_of(entry, opened):
        place = entry_name(plan, entry.n)
        yield Finding("error", "VER-045", place, f"not the entry that run {run} was opened with")


def is_entry_of(entry: Entry, opened: Mapping[str, Any]) -> bool:
    """Whether a run's `opened` event names an entry of the register as its own."""
    said = opened.get("register") or {}
    return (entry.n, entry.digest()) == (said.get("number"), said.get("entry_digest"))


def _missing_runs(
    entries: Sequence[Entry],
    heads: Sequence[tuple[str | None, str]],
    registered: Sequence[Entry],
) -> Iterator[Finding]:
    by_number = {entry.n: entry for entry in registered}
    for entry, (head, state) in zip(entries, heads, strict=True):
        witness = by_number.get(entry.n + 1)
        place = f"runs/{entry.run}"
        if state == "never opened":
            yield _no_journal(entry, witness, place)
        elif witness is not None and witness.previous_head not in (None, head):
            sentence = f"run {entry.n} does not end as run {witness.n} saw it end"
            yield Finding("error", "VER-046", place, sentence)


def _no_journal(entry: Entry, witness: Entry | None, place: str) -> Finding:
    if witness is not None and witness.previous_state == "never opened":
        sentence = f"run {entry.n} was registered and never began, as run {witness.n} saw too"
        return Finding("note", "VER-048", place, sentence)
    sentence = f"run {entry.n} of plan {entry.plan} is registered, and its journal is not here"
    return Finding("error", "VER-043", place, sentence)


def _complete_up_to(entries: Sequence[Entry], findings: Sequence[Finding]) -> int:
    """How far the register is whole, counted from its beginning."""
    bad = {finding.place for finding in findings if finding.severity == "error"}
    whole = 0
    for entry in entries:
        if entry.n != whole + 1 or {entry_name(entry.plan, entry.n), f"runs/{entry.run}"} & bad:
            break
        whole = entry.n
    return whole
