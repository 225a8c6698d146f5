"""RTO and RPO: what was promised, what was measured, and the events the measure rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from muster.checks.ages import age_at
from muster.plan.durations import parse_duration
from muster.report.checkruns import PASSED, CheckRun
from muster.report.points import PointUsed, point_used
from muster.report.read import Reading
from muster.report.values import instant, mapping, number, seqs

MET, MISSED, NOT_EVIDENCED = "met", "missed", "not evidenced"
YOUNGER = "{} is younger than the instant at which the points were resolved: clocks differ"
_AGREE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One objective beside its actual."""

    measure: str
    objective: timedelta | None
    actual: timedelta | None
    why: str | None  # why there is no actual, or where it comes from
    evidence: tuple[int, ...]

    @property
    def verdict(self) -> str:
        if self.actual is None or self.objective is None:
            return NOT_EVIDENCED
        return MET if self.actual <= self.objective else MISSED


@dataclass(frozen=True, slots=True)
class RecoveryTime:
    """The RTO's row, with the two instants between which it was measured."""

    row: Row
    began: datetime | None  # preflight and isolation had passed
    ended: datetime | None  # the last required check had passed
    last_check: CheckRun | None


@dataclass(frozen=True, slots=True)
class Loss:
    """Data loss of one VM at the reference instant."""

    vm: str
    critical: bool
    actual: timedelta | None
    source: str | None  # data | recovery point
    why: str | None
    point: PointUsed | None
    evidence: tuple[int, ...]


def objective(reading: Reading, name: str) -> timedelta | None:
    """`rto` or `rpo` as the pinned plan sets it; None where it cannot be read."""
    try:
        return parse_duration(mapping(reading.plan_data.get("objectives")).get(name))
    except PydanticCustomError:
        return None


def recovery_time(reading: Reading, checks: Sequence[CheckRun]) -> RecoveryTime:
    """Technical recovery time: from proven isolation to the last required check that passed."""
    wanted = objective(reading, "rto")
    isolate = next(reading.steps_of("isolate"), None)
    began = isolate.ended if isolate and isolate.status == "ok" else None

    def without(why: str, *evidence: int) -> RecoveryTime:
        row = Row("RTO", wanted, None, why, tuple(seqs(evidence)))
        return RecoveryTime(row, began, None, None)

    if isolate is None or began is None:
        return without(
            "isolation was not proven, so recovery never began",
            *(isolate.evidence if isolate else ()),
        )
    deciding = [check for check in checks if check.decides]
    if not deciding:
        return without("the plan has no required check of critical VMs")
    if open_checks := [check for check in deciding if check.verdict != PASSED or not check.ended]:
        named = ", ".join(f"{check.title} ({check.verdict})" for check in open_checks[:5])
        rest = f" and {len(open_checks) - 5} more" if len(open_checks) > 5 else ""
        return without(
            f"not every required check passed: {named}{rest}",
            *(seq for check in open_checks for seq in check.evidence),
        )
    last = max(deciding, key=lambda check: check.ended or began)
    if last.ended is None or last.ended < began:
        return without("the last required check ended before isolation was proven", *last.evidence)
    evidence = tuple(seqs(isolate.evidence[-1:], *(check.evidence for check in deciding)))
    why = f"from proven isolation to the last required check, {last.title}"
    row = Row("RTO", wanted, last.ended - began, why, evidence)
    return RecoveryTime(row, began, last.ended, last)


def losses(reading: Reading, checks: Sequence[CheckRun]) -> list[Loss]:
    """Data loss of every VM: from data where the plan says how, else from its point."""
    by_data = {check.vm: check for check in checks if check.kind == "data_loss"}
    return [_loss(reading, vm, by_data.get(vm)) for vm in reading.vms]


def recovery_point_row(reading: Reading, found: Sequence[Loss]) -> Row:
    """The plan's data loss is that of its worst VM; a critical VM without evidence leaves none."""
    wanted = objective(reading, "rpo")
    missing = [loss for loss in found if loss.critical and loss.actual is None]
    measured = [loss for loss in found if loss.actual is not None]
    if missing or not measured:
        named = "; ".join(f"{loss.vm}: {loss.why}" for loss in missing[:5])
        rest = f"; and {len(missing) - 5} more" if len(missing) > 5 else ""
        evidence = tuple(seqs(*(loss.evidence for loss in missing)))
        return Row("RPO", wanted, None, named + rest or "no VM was recovered", evidence)
    worst = max(measured, key=lambda loss: loss.actual or timedelta())
    why = f"worst of {len(measured)} VMs: {worst.vm}, from {worst.source}"
    evidence = tuple(seqs(*(loss.evidence for loss in measured)))
    return Row("RPO", wanted, worst.actual, why, evidence)


def _loss(reading: Reading, vm: str, check: CheckRun | None) -> Loss:
    point = point_used(reading, vm)
    critical = reading.is_critical(vm)
    if check is not None:
        actual, why = _loss_by_data(reading, check, point)
        evidence = tuple(
            seqs(check.evidence, reading.reference.seq if reading.reference else None)
        )
        return Loss(
            vm, critical, actual, "data" if actual is not None else None, why, point, evidence
        )
    actual, why = _loss_by_point(reading, vm, point)
    step = reading.step_of_vm("test-failover", vm)
    evidence = tuple(seqs(point.evidence if point else (), step.evidence[-1:] if step else ()))
    return Loss(
        vm,
        critical,
        actual,
        "recovery point" if actual is not None else None,
        why,
        point,
        evidence,
    )


def _loss_by_data(
    reading: Reading, check: CheckRun, point: PointUsed | None
) -> tuple[timedelta | None, str]:
    """Reference instant minus the newest marker that production wrote, as found in the copy."""
    written = instant(check.raw.get("written_at"))
    pinned = instant(reading.reference.data.get("reference")) if reading.reference else None
    reference = pinned or instant(check.raw.get("reference"))
    if written is None or reference is None:
        return None, f"{check.title}: {check.verdict}" + (f", {check.why}" if check.why else "")
    actual = _age(reference, written, point)
    if actual is None:
        return None, f"{check.title}: {YOUNGER.format('the newest marker')}"
    said = number(check.raw.get("loss_seconds"))
    if said is not None and abs(timedelta(seconds=max(0.0, said)) - actual) > _AGREE:
        return None, f"{check.title}: the loss it states does not follow from its own instants"
    if not _counts(check):
        return None, f"{check.title}: not evidenced" + (f", {check.why}" if check.why else "")
    return actual, f"newest marker written by {check.raw.get('writer') or 'production'}"


def _counts(check: CheckRun) -> bool:
    """A failed check measured too, namely too much; one without evidence did not."""
    return check.verdict in ("passed", "failed")


def _loss_by_point(
    reading: Reading, vm: str, point: PointUsed | None
) -> tuple[timedelta | None, str]:
    step = reading.step_of_vm("test-failover", vm)
    reference: Mapping[str, Any] = reading.reference.data if reading.reference else {}
    at = instant(reference.get("reference"))
    if point is None or at is None:
        return None, "no recovery point was resolved"
    if step is None or step.status != "ok":
        return None, "no copy came up from the recovery point"
    if point.conflict:
        return None, point.conflict
    if point.time is None:
        return None, f"the point used ({point.choice or 'unnamed'}) has no time"
    age = _age(at, point.time, point)
    if age is None:
        return None, YOUNGER.format("the point used")
    return age, "age of the recovery point used"


def _age(reference: datetime, instant: datetime, point: PointUsed | None) -> timedelta | None:
    """What `age_at` says; only *latest*, or a point that was taken in place of one that could not
    be used, may hold what came after the points were resolved.
    """
    age = age_at(reference, instant)
    may_be_younger = point is not None and (point.choice == "latest" or point.substitute)
    return timedelta() if age is None and may_be_younger else age
