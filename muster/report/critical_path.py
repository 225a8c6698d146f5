"""The chain of steps that recovery time was spent on: walked back from the last required check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from muster.report.read import Reading
from muster.report.stepruns import StepRun


@dataclass(frozen=True, slots=True)
class Leg:
    """One step's part of the path, clipped to recovery time; no step used the `gap` before it."""

    step: StepRun
    began: datetime
    ended: datetime
    gap: timedelta

    @property
    def length(self) -> timedelta:
        return self.ended - self.began


def critical_path(
    reading: Reading, began: datetime, ended: datetime, last_step: str | None
) -> tuple[Leg, ...]:
    """Legs in the order of time; with their gaps they fill `began` to `ended` without overlap.

    Args:
        reading: The run.
        began: Preflight and isolation had passed.
        ended: The last required check had passed.
        last_step: The step that check belongs to.
    """
    step = reading.steps.get(last_step or "")
    backwards: list[tuple[StepRun, datetime, datetime]] = []
    until = ended
    seen: set[str] = set()
    while step is not None and step.id not in seen and step.began is not None:
        seen.add(step.id)
        finish = until if not backwards else min(step.ended or until, until)
        finish = max(finish, began)
        start = min(max(step.began, began), finish)
        backwards.append((step, start, finish))
        until = start
        step = _latest(reading, step, began)
    legs: list[Leg] = []
    mark = began
    for one, start, finish in reversed(backwards):
        legs.append(Leg(one, start, finish, start - mark))
        mark = finish
    return tuple(legs)


def _latest(reading: Reading, step: StepRun, began: datetime) -> StepRun | None:
    """What a step waited for longest; None when that lies before recovery began."""
    behind = list(_before(reading, step, set()))
    last = max(behind, key=lambda one: one.ended or began, default=None)
    if last is None or last.ended is None or last.ended <= began:
        return None
    return last


def _before(reading: Reading, step: StepRun, seen: set[str]) -> Iterator[StepRun]:
    """Steps that ran right before; one that was skipped passes on what it waited for itself."""
    for name in (*step.needs, *step.after):
        one = reading.steps.get(name)
        if one is None or name in seen:
            continue
        seen.add(name)
        if one.ended is not None:
            yield one
        elif one.began is None:
            yield from _before(reading, one, seen)
