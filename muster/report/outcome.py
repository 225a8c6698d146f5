"""How a run ends: passed, failed or aborted, why, with which exit code. From events alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from muster.errors import EXIT_ABORTED, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK
from muster.journal.events import Event, EventKind
from muster.report import codes
from muster.report.checkruns import FAILED, PASSED, CheckRun, check_runs, preflight_runs
from muster.report.cleanliness import Cleanliness, cleanliness
from muster.report.objectives import (
    MISSED,
    NOT_EVIDENCED,
    losses,
    recovery_point_row,
    recovery_time,
)
from muster.report.read import Reading
from muster.report.stepruns import StepRun
from muster.report.values import text
from muster.report.words import span_words


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why a run did not pass."""

    step: str | None
    code: str
    message: str
    hint: str
    exit_code: int


class Ending(NamedTuple):
    """What `closed` says of a run."""

    outcome: str  # passed | failed | aborted
    causes: list[dict[str, Any]]
    exit_code: int
    leftovers: list[str]


def outcome_of(events: Sequence[Event]) -> Ending:
    """Judge a run, before or after it is closed; every reason it did not pass is listed.

    Passed: every critical step ok, every required check of critical VMs passed, RTO and RPO met,
    inventory clean. Aborted: a person, or a question's default, ended it while steps were still to
    run. Else failed.
    """
    reading = Reading(events)
    if reading.leaves_things_standing:
        return _ending_of_replication(reading)
    checks = check_runs(reading)
    clean = cleanliness(reading)
    stops = list(_stops(reading))
    causes = [*stops, *_failed_steps(reading, checks), *_failed_checks(checks)]
    if not stops:
        causes += _unrun_steps(reading, silent=bool(causes))
    causes += _missed_objectives(reading, checks, silent=bool(causes))
    causes += _left(clean, silent=bool(causes))
    outcome = "aborted" if stops else "failed" if causes else "passed"
    return Ending(
        outcome, [asdict(cause) for cause in causes], _exit_code(causes), list(clean.leftovers)
    )


def _ending_of_replication(reading: Reading) -> Ending:
    """Passed: every step ok. It recovers nothing, so it meets no objective; it has nothing to
    clean: what it made is there to stay.
    """
    stops = list(_stops(reading))
    causes = [*stops, *_failed_steps(reading, ())]
    if not stops:
        causes += _unrun_steps(reading, silent=bool(causes))
    outcome = "aborted" if stops else "failed" if causes else "passed"
    return Ending(outcome, [asdict(cause) for cause in causes], _exit_code(causes), [])


def _exit_code(causes: Sequence[Cause]) -> int:
    """130 interrupted, 5 aborted, else the highest of the causes' codes; 0 without any."""
    found = {cause.exit_code for cause in causes}
    for strongest in (EXIT_INTERRUPTED, EXIT_ABORTED):
        if strongest in found:
            return strongest
    return max(found, default=EXIT_OK)


def cause(code: str, message: str, step: str | None = None, hint: str | None = None) -> Cause:
    """A cause with the words and exit code of our own table."""
    explained = codes.CODES[code]
    return Cause(step, code, message, hint or explained.hint, explained.exit_code)


def _judged(reading: Reading) -> Iterator[StepRun]:
    """Critical steps that have to be ok; `close` judges the others and is not one of them."""
    return (step for step in reading.steps.values() if step.critical and step.kind != "close")


def _incomplete(reading: Reading) -> bool:
    return any(step.status != "ok" for step in _judged(reading) if not step.finaliser)


def _stops(reading: Reading) -> Iterator[Cause]:
    """People, and defaults of questions, that ended the run."""
    aborts = list(_aborts(reading))
    yield from aborts
    answered = {abort.step for abort in aborts}
    for step in reading.steps.values():
        error = step.error or {}
        if error.get("code") == codes.ABORTED and step.id not in answered:
            message = text(error.get("message")) or "aborted"
            aborts.append(cause(codes.ABORTED, message, step.id, text(error.get("hint"))))
            yield aborts[-1]
    if not _incomplete(reading):
        return  # whoever stopped it then stopped nothing that was still to be drilled
    interrupts = reading.of_kind(EventKind.INTERRUPTED)
    for event in interrupts:
        message = f"interrupted by {text(event.data.get('signal')) or 'a signal'}"
        go_on = text(event.data.get("go_on"))
        hint = f"`{go_on}` finishes what it left." if go_on else None
        yield cause(codes.INTERRUPTED, message, hint=hint)
    if (reason := _stop_reason(reading)) and not (interrupts or aborts):
        yield cause(codes.ABORTED, reason)


def _aborts(reading: Reading) -> Iterator[Cause]:
    asked = {str(e.data.get("question")): e for e in reading.of_kind(EventKind.ASKED)}
    for event in reading.of_kind(EventKind.ANSWERED):
        if str(event.data.get("answer")).casefold() != "abort":
            continue
        question = asked.get(str(event.data.get("question")))
        words = text(question.data.get("ask")) if question else None
        by = text(event.data.get("by")) or text(event.data.get("via")) or "somebody"
        message = f"“{words or event.data.get('question')}” was answered abort by {by}"
        step = event.step or (question.step if question else None)
        yield cause(codes.ABORTED, message, step)


def _stop_reason(reading: Reading) -> str | None:
    """Why nothing more was started: as noted, or as the steps say that were skipped for it."""
    for event in reading.of_kind(EventKind.NOTED):
        if event.data.get("what") in ("stop", "stopping"):
            return text(event.data.get("text")) or "stopped"
    for step in reading.steps.values():
        if step.status == "skipped" and (step.why or "").casefold().startswith("stop"):
            return "the run was told to stop, so nothing more was started"
    return None


def _failed_steps(reading: Reading, checks: Sequence[CheckRun]) -> Iterator[Cause]:
    """Critical steps that failed; aborts, left-overs and checks are told with more by others."""
    explained = {check.step for check in checks if _is_told(check)}
    preflight = [run for run in preflight_runs(reading) if run.decides and run.verdict == FAILED]
    for run in preflight:
        # The title says how things should be: without the verdict it reads as if they were.
        message = f"{run.verdict}: {run.title}" + (f": {run.why}" if run.why else "")
        yield Cause(run.step, run.id, message, run.remedy or "", EXIT_FAILED)
    for step in _judged(reading):
        error = step.error or {}
        code = text(error.get("code")) or "STEP-000"
        told = step.id in explained or (step.kind == "preflight" and preflight)
        if step.status != "failed" or code in (codes.ABORTED, codes.LEFT_OVERS) or told:
            continue
        message = text(error.get("message")) or step.why or f"{step.id} failed"
        exit_code = codes.exit_code_of(code, error.get("exit_code"))
        yield Cause(step.id, code, message, text(error.get("hint")) or "", exit_code)


def _is_told(check: CheckRun) -> bool:
    """Whether a check is a cause itself; one that never ran follows from its step's own error."""
    has_run = bool(check.evidence) and check.verdict != "not run"
    return check.decides and check.verdict != PASSED and has_run


def _failed_checks(checks: Sequence[CheckRun]) -> Iterator[Cause]:
    """Required checks that failed or gave no answer; what never ran follows from another cause."""
    for check in checks:
        if not _is_told(check):
            continue
        code = codes.CHECK_FAILED if check.verdict == FAILED else codes.CHECK_NOT_EVIDENCED
        message = f"{check.title}: {check.why or check.verdict}"
        yield cause(code, message, check.step, check.remedy)


def _unrun_steps(reading: Reading, *, silent: bool) -> Iterator[Cause]:
    """A critical step the process died in; one that never began, where nothing explains it."""
    judged = [step for step in _judged(reading) if step.status not in ("ok", "failed")]
    died = [step for step in judged if step.status == "unfinished"]
    if died:
        named = ", ".join(step.id for step in died[:5]) + (" …" if len(died) > 5 else "")
        yield cause(codes.UNFINISHED, f"the process ended in the middle of {named}", died[0].id)
    elif judged and not silent:
        first = judged[0]
        message = f"{len(judged)} critical steps did not run, first {first.id}"
        yield cause(codes.NOT_RUN, message + (f": {first.why}" if first.why else ""), first.id)
    elif not reading.steps and not silent:
        yield cause(codes.NOT_RUN, "the journal names no step that was run")


def _missed_objectives(
    reading: Reading, checks: Sequence[CheckRun], *, silent: bool
) -> Iterator[Cause]:
    """Objectives missed; no evidence is a cause of its own only where none explains it."""
    rows = (
        (recovery_time(reading, checks).row, codes.RTO_MISSED, codes.RTO_NOT_EVIDENCED),
        (
            recovery_point_row(reading, losses(reading, checks)),
            codes.RPO_MISSED,
            codes.RPO_NOT_EVIDENCED,
        ),
    )
    for row, missed, unknown in rows:
        if row.verdict == MISSED:
            wanted, actual = _words(row.objective), _words(row.actual)
            message = f"{row.measure} {wanted}, actual {actual}: {row.why}"
            yield cause(missed, message)
        elif row.verdict == NOT_EVIDENCED and not silent:
            yield cause(
                unknown, f"{row.measure} is not evidenced: {row.why or 'the plan sets none'}"
            )


def _words(span: timedelta | None) -> str:
    return span_words(None if span is None else span.total_seconds())


def _left(clean: Cleanliness, *, silent: bool) -> Iterator[Cause]:
    if clean.left:
        ids = ", ".join(str(one.get("id")) for one in clean.left[:5])
        yield cause(codes.LEFT_OVERS, f"{clean.why}: {ids}", "prove-clean")
    elif not clean.proven and (clean.acted or clean.evidence or not silent):
        yield cause(codes.NOT_PROVEN_CLEAN, f"not proven clean: {clean.why}", "prove-clean")
