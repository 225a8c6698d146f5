"""What a run did not do or cannot show: deviations, not exercised, not evidenced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from muster.journal.events import PREFLIGHT_OVERRIDDEN, EventKind, Observed
from muster.report.checkruns import NOT_EVIDENCED as NO_ANSWER
from muster.report.checkruns import NOT_RUN, PASSED, CheckRun
from muster.report.cleanliness import Cleanliness
from muster.report.objectives import NOT_EVIDENCED, Loss, Row
from muster.report.outcome import outcome_of
from muster.report.overrides import override_words
from muster.report.read import Reading
from muster.report.record_vms import differences
from muster.report.stepruns import StepRun
from muster.report.values import mappings, text

Entry = dict[str, Any]

_NEVER_IN_A_DRILL = (
    ("detection", "Nobody had to notice an outage: the drill began at a time that was chosen."),
    ("decision", "Nobody had to decide to fail over, or to gather approvals for it."),
    (
        "loss of the source",
        "The source stayed up: nothing that recovery silently leans on was gone.",
    ),
    ("DNS", "No name was changed: clients never looked for the recovered application."),
    ("ingress traffic", "No user traffic reached the copies: what was seen is checks, not load."),
    (
        "failover",
        "Test failover is Site Recovery's own rehearsal: no failover of any item was run.",
    ),
    ("commit, reprotect and failback", "They follow a real failover; a test failover has none."),
)


_TOLD_ELSEWHERE = ("left out", "usage")


def deviations(reading: Reading, found: Sequence[Loss]) -> list[Entry]:
    """Everything that went otherwise than planned, in the order of the journal."""
    entries = [
        *_placements(reading),
        *_substitutes(found),
        *_notes(reading),
        *_repeats(reading),
        *_takeovers(reading),
        *_other_outcome(reading),
    ]
    return sorted(entries, key=lambda entry: entry["evidence"][:1] or [0])


def _entry(
    what: str, text_: str, vm: str | None, evidence: Sequence[int], *, severe: bool = False
) -> Entry:
    return {"what": what, "text": text_, "vm": vm, "severe": severe, "evidence": list(evidence)}


def _placements(reading: Reading) -> Iterator[Entry]:
    for vm in reading.vms:
        event = reading.last_observed(Observed.PLACEMENT, vm)
        for one in differences(event) if event else []:
            words = f"{one['field']}: wanted {one['wanted']}, found {one['found']}"
            words += f" ({one['why']})" if one["why"] else ""
            yield _entry(
                "placement", words, vm, [event.seq] if event else [], severe=one["severe"]
            )


def _substitutes(found: Sequence[Loss]) -> Iterator[Entry]:
    for loss in found:
        if loss.point and (loss.point.substitute or loss.point.conflict):
            words = (
                loss.point.conflict
                or f"another recovery point was used: {loss.point.why or loss.point.id}"
            )
            yield _entry("recovery point", words, loss.vm, loss.point.evidence)


def _notes(reading: Reading) -> Iterator[Entry]:
    for event in reading.of_kind(EventKind.NOTED):
        what = text(event.data.get("what")) or "note"
        if what in _TOLD_ELSEWHERE:
            continue
        words = text(event.data.get("text")) or what
        if what == PREFLIGHT_OVERRIDDEN:
            words = override_words(event.data)
        yield _entry(what, words, text(event.data.get("vm")), [event.seq])


def _repeats(reading: Reading) -> Iterator[Entry]:
    for step in reading.steps.values():
        if len(step.tries) > 1:
            words = f"{step.id} was begun {len(step.tries)} times"
            yield _entry("repeated", words, step.vm, step.evidence)


def _takeovers(reading: Reading) -> Iterator[Entry]:
    for event in reading.of_kind(EventKind.OWNER)[1:]:
        why = text(event.data.get("why")) or "no reason given"
        words = f"another process took the run over: {why}"
        yield _entry("taken over", words, None, [event.seq])
    for event in reading.of_kind(EventKind.INTERRUPTED):
        signal = text(event.data.get("signal")) or "a signal"
        yield _entry(
            "interrupted", f"the process was told to leave at once ({signal})", None, [event.seq]
        )


def _other_outcome(reading: Reading) -> Iterator[Entry]:
    closed = reading.closed
    said = text(closed.data.get("outcome")) if closed else None
    found = outcome_of(reading.events).outcome
    if closed and said != found:
        words = f"the run was closed as {said}; its events amount to {found}"
        yield _entry("outcome", words, None, [closed.seq], severe=True)


def not_exercised(reading: Reading) -> list[Entry]:
    """Parts of a real recovery that this run says nothing about."""
    opened = [reading.opened.seq] if reading.opened else []
    entries: list[Entry] = []
    if reading.opening.get("target") == "simulator":
        why = "The simulator answered for Azure: its durations and rules are recorded or inferred."
        entries.append({"what": "Azure itself", "why": why, "evidence": opened})
    if reading.opening.get("operation") == "drill":
        entries += [{"what": what, "why": why, "evidence": []} for what, why in _NEVER_IN_A_DRILL]
    for left in mappings(reading.opening.get("left_out")):
        what = f"action “{text(left.get('action'))}” of {text(left.get('group'))}"
        entries.append({"what": what, "why": text(left.get("why")) or "", "evidence": opened})
    return [*entries, *_unrun(reading)]


def _unrun(reading: Reading) -> Iterator[Entry]:
    """Steps that never ran, drawn together by what kept them from it."""
    by_reason: dict[str, list[StepRun]] = {}
    for step in reading.steps.values():
        if step.status in ("skipped", "not started") and step.kind not in ("hold", "close"):
            by_reason.setdefault(step.why or step.status, []).append(step)
    for why, steps in by_reason.items():
        what = "step" if len(steps) == 1 else f"{len(steps)} steps"
        named = ", ".join(step.id for step in steps)
        evidence = [seq for step in steps for seq in step.evidence]
        yield {"what": f"{what}: {named}", "why": why, "evidence": evidence}


def not_evidenced(
    reading: Reading,
    rto: Row,
    rpo: Row,
    found: Sequence[Loss],
    checks: Sequence[CheckRun],
    clean: Cleanliness,
) -> list[Entry]:
    """Every measure without evidence, by name."""

    def entry(measure: str, why: str | None, evidence: Sequence[int] = ()) -> Entry:
        return {"measure": measure, "why": why or "no reason is known", "evidence": list(evidence)}

    entries = [
        entry(f"{row.measure} actual", row.why, row.evidence)
        for row in (rto, rpo)
        if row.verdict == NOT_EVIDENCED
    ]
    entries += [
        entry(f"data loss of {x.vm}", x.why, x.evidence) for x in found if x.actual is None
    ]
    entries += [
        entry(f"check “{check.title}” ({check.verdict})", check.why, check.evidence)
        for check in checks
        if check.verdict in (NO_ANSWER, NOT_RUN)
    ]
    if reading.last_observed(Observed.REACHABILITY) is None:
        entries.append(entry("isolation", "the drill network was never walked"))
    if not any(check.kind == "unreachable" and check.verdict == PASSED for check in checks):
        entries.append(
            entry("isolation seen from inside", "no canary with a positive control passed")
        )
    if not clean.proven:
        entries.append(entry("nothing is left", clean.why, clean.evidence))
    return [*entries, *end_not_evidenced(reading)]


def end_not_evidenced(reading: Reading) -> list[Entry]:
    """That a run which is still open has shown no end."""
    if reading.closed is not None:
        return []
    why = "the journal is not closed"
    return [{"measure": "the end of the run", "why": why, "evidence": []}]
