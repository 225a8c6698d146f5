"""What came of each check of the plan: also of those that never ran, which no event names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from muster.journal.events import Event, EventKind
from muster.plan.checks import Check, decides
from muster.report.overrides import overridden_checks
from muster.report.read import Reading
from muster.report.stepruns import StepRun
from muster.report.values import instant, mapping, text

PASSED = "passed"
FAILED = "failed"
NOT_EVIDENCED = "not evidenced"
NOT_RUN = "not run"
NOT_APPLYING = "does not apply"
PREFLIGHT = "preflight"
_VERDICTS = (PASSED, FAILED, NOT_EVIDENCED, NOT_APPLYING)


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check of the plan and its last verdict."""

    id: str
    title: str
    kind: str
    group: str | None
    vm: str | None
    step: str | None
    verdict: str  # passed | failed | not evidenced | not run | does not apply (preflight only)
    required: bool
    decides: bool  # the outcome rests on it: `muster.plan.checks.decides`
    why: str | None = None
    remedy: str | None = None
    began: datetime | None = None
    ended: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()


def preflight_runs(reading: Reading) -> list[CheckRun]:
    """The last verdict of every preflight check, in the order of their ids.

    No outcome rests on one that somebody overrode: who, and why, is told by itself.
    """
    found = _last_by_id(e for e in _checked(reading) if e.data.get("kind") == PREFLIGHT)
    overridden = overridden_checks(reading)
    runs = [
        _from_event(
            event,
            decides=event.data.get("required") is True
            and event.data.get("check") not in overridden,
        )
        for event in found
    ]
    return sorted(runs, key=lambda run: run.id)


def check_runs(reading: Reading) -> list[CheckRun]:
    """Checks in the order of the graph; planned ones without an event read `not run`."""
    checked = [event for event in _checked(reading) if event.data.get("kind") != PREFLIGHT]
    runs: list[CheckRun] = []
    used: set[int] = set()
    for step in reading.steps_of("checks"):
        events = _last_by_id(event for event in checked if event.step == step.id)
        used.update(event.seq for event in checked if event.step == step.id)
        runs += _of_step(reading, step, events)
    stray = _last_by_id(event for event in checked if event.seq not in used)
    return runs + [_from_event(event, decides=_decides(reading, event)) for event in stray]


def _checked(reading: Reading) -> Sequence[Event]:
    return reading.of_kind(EventKind.CHECKED)


def _last_by_id(events: Any) -> list[Event]:
    last: dict[str, Event] = {}
    for event in events:
        last[str(event.data.get("check"))] = event
    return list(last.values())


def _of_step(reading: Reading, step: StepRun, events: Sequence[Event]) -> list[CheckRun]:
    left = list(events)
    runs: list[CheckRun] = []
    for place, check in _planned(reading, step):
        event = _take(left, check)
        is_deciding = decides(check, reading.is_critical)
        if event is not None:
            runs.append(_from_event(event, decides=is_deciding))
            continue
        scope = text(step.params.get("scope"))
        runs.append(
            CheckRun(
                id=f"{scope or 'plan'}.{place + 1}",
                title=check.title,
                kind=check.kind,
                group=scope,
                vm=next(iter(check.targets), check.runs_in_vm),
                step=step.id,
                verdict=NOT_RUN,
                required=check.required,
                decides=is_deciding,
                why=step.why or f"step {step.id}: {step.status}",
                evidence=step.evidence,
            )
        )
    return runs + [_from_event(event, decides=_decides(reading, event)) for event in left]


def _planned(reading: Reading, step: StepRun) -> list[tuple[int, Check]]:
    """The plan's checks that a step stands for, with their places in the plan (from 0)."""
    if reading.plan is None:
        return []
    scope = step.params.get("scope")
    lists = {None: reading.plan.checks} | {
        group.name: group.checks for group in reading.plan.groups
    }
    checks = lists.get(scope, ())
    places = step.params.get("checks")
    wanted = places if isinstance(places, list | tuple) else []
    return [(at, checks[at]) for at in wanted if isinstance(at, int) and 0 <= at < len(checks)]


def _take(events: list[Event], check: Check) -> Event | None:
    """The event that answers a planned check: by its title, else by its kind."""
    for key, value in (("title", check.title), ("kind", check.kind)):
        for event in events:
            if event.data.get(key) == value:
                events.remove(event)
                return event
    return None


def _decides(reading: Reading, event: Event) -> bool:
    """The rule for an event that no check of the pinned plan stands behind."""
    if event.data.get("required") is not True:
        return False
    vm = None if event.data.get("kind") == "unreachable" else text(event.data.get("vm"))
    return vm is None or reading.is_critical(vm)


def _from_event(event: Event, *, decides: bool) -> CheckRun:
    data = event.data
    verdict = text(data.get("verdict"))
    return CheckRun(
        id=text(data.get("check")) or f"event-{event.seq}",
        title=text(data.get("title")) or text(data.get("check")) or "check",
        kind=text(data.get("kind")) or "unknown",
        group=text(data.get("group")),
        vm=text(data.get("vm")),
        step=event.step,
        verdict=verdict if verdict in _VERDICTS and verdict else NOT_EVIDENCED,
        required=data.get("required") is True,
        decides=decides,
        why=text(data.get("why")),
        remedy=text(data.get("remedy")),
        began=instant(data.get("began")),
        ended=instant(data.get("ended")),
        raw=mapping(data.get("evidence")),
        evidence=(event.seq,),
    )
