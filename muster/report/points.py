"""Which recovery point each VM really came up from, and when Azure says it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from muster.journal.events import Event, EventKind, Observed
from muster.report.read import Reading
from muster.report.values import find_key, instant, last_segment, mapping, mappings, text


@dataclass(frozen=True, slots=True)
class PointUsed:
    """A VM's recovery point; `time` is None where nobody dated it."""

    vm: str
    choice: str | None
    id: str | None
    time: datetime | None
    type: str | None
    why: str | None
    substitute: bool  # not the one that was resolved before the first act
    conflict: str | None  # why the point that was sent is not the one resolved
    evidence: tuple[int, ...]


def point_used(reading: Reading, vm: str) -> PointUsed | None:
    """The last word of the journal on a VM's recovery point; None if none was resolved."""
    point: PointUsed | None = None
    for event in _may_tell(reading, vm):
        entry = _entry(event, vm)
        if entry is None:
            continue
        if point is None:
            point = _first(event, vm, entry)
        elif differs(point, entry):
            point = _substituted(point, event, entry)
    if point is None:
        return None
    if point.time is None:
        point = _dated_by_job(reading, point)
    return _compared_with_request(reading, point)


def _may_tell(reading: Reading, vm: str) -> list[Event]:
    """The few events that can say something of a VM's point, each once and in their order."""
    found = (
        reading.observed(Observed.POINTS),
        reading.of_vm(vm),
        reading.of_step(f"test-failover:{vm}"),
    )
    each = {id(event): event for some in found for event in some}
    return sorted(each.values(), key=lambda event: event.seq)


def _entry(event: Event, vm: str) -> Mapping[str, Any] | None:
    """What an event says of a VM's point: as resolved, noted or in a step's facts."""
    data = event.data
    if event.kind is EventKind.OBSERVED and data.get("what") == Observed.POINTS.value:
        return next((one for one in mappings(data.get("points")) if one.get("vm") == vm), None)
    if event.kind is EventKind.NOTED and data.get("vm") == vm and data.get("point_time"):
        return data
    if event.kind is EventKind.FINISHED and event.step == f"test-failover:{vm}":
        facts = mapping(data.get("facts"))
        return facts if facts.get("point_time") or facts.get("point_id") else None
    return None


def _first(event: Event, vm: str, entry: Mapping[str, Any]) -> PointUsed:
    return PointUsed(
        vm=vm,
        choice=text(entry.get("choice")),
        id=text(entry.get("point_id")),
        time=instant(entry.get("point_time")),
        type=text(entry.get("point_type")),
        why=text(entry.get("why")),
        substitute=False,
        conflict=None,
        evidence=(event.seq,),
    )


def differs(point: PointUsed, entry: Mapping[str, Any]) -> bool:
    """Whether an entry names another point, or dates it otherwise, than is known so far."""
    named, dated = text(entry.get("point_id")), instant(entry.get("point_time"))
    other_id = named is not None and not same_point(named, point.id)
    return other_id or (dated is not None and dated != point.time)


def _substituted(point: PointUsed, event: Event, entry: Mapping[str, Any]) -> PointUsed:
    named = text(entry.get("point_id"))
    other = named is not None and not same_point(named, point.id)
    return replace(
        point,
        id=named or point.id,
        time=instant(entry.get("point_time")) or (None if other else point.time),
        type=text(entry.get("point_type")) or (None if other else point.type),
        why=text(entry.get("why")) or text(entry.get("text")) or point.why,
        substitute=point.substitute or (other and point.id is not None),
        evidence=(*point.evidence, event.seq),
    )


def same_point(one: str | None, other: str | None) -> bool:
    """Whether two ids name one point: Azure shows it as an ARM id or a bare GUID, in any case."""
    return (last_segment(one) or "").casefold() == (last_segment(other) or "").casefold()


def _dated_by_job(reading: Reading, point: PointUsed) -> PointUsed:
    """`latest` names no point, but the job (FailoverJobDetails) may say which Azure took."""
    for event in reversed(reading.observed(Observed.JOB, point.vm)):
        if "cleanup" in str(event.data.get("act", "")).casefold():
            continue
        said = {instant(value) for value in find_key(event.data, "recoveryPointTime")} - {None}
        if len(said) == 1:
            evidence = (*point.evidence, event.seq)
            return replace(point, time=said.pop(), why="dated by the job", evidence=evidence)
    return point


def _compared_with_request(reading: Reading, point: PointUsed) -> PointUsed:
    """What was sent must be what was resolved; a difference nobody noted is a conflict."""
    for event in reversed(reading.of_step(f"test-failover:{point.vm}")):
        if event.kind is not EventKind.INTENDED:
            continue
        found = find_key(event.data.get("request"), "recovery_point_id") or find_key(
            event.data.get("request"), "recoveryPointId"
        )
        if not found or same_point(text(found[0]), point.id):
            return point
        sent = last_segment(text(found[0])) or "none (latest)"
        resolved = last_segment(point.id) or "none (latest)"
        conflict = f"the point sent ({sent}) is not the one resolved ({resolved})"
        return replace(point, conflict=conflict, evidence=(*point.evidence, event.seq))
    return point


def skew(points: list[PointUsed]) -> timedelta | None:
    """The span between the oldest and the newest point; None with fewer than two dated ones."""
    times = [point.time for point in points if point.time]
    return max(times) - min(times) if len(times) > 1 else None
