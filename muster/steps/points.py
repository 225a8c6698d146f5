"""Recovery points of all VMs, resolved at once before the first act, and pinned in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from muster.checks.ages import age_at
from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.values import RecoveryPoint
from muster.journal.events import EventKind, Observed, instant_text
from muster.plan.durations import format_duration
from muster.plan.model import RecoveryPointChoice
from muster.steps.context import Done, Run, Spent
from muster.steps.items import item_of
from muster.steps.recorded import was_done
from muster.steps.spending import counted, told_on_failure

READS_AT_ONCE = 10
OF_TYPE = {"app-consistent": "appconsistent", "crash-consistent": "crashconsistent"}


@dataclass(frozen=True, slots=True)
class Pinned:
    """What was chosen for a VM; `point` is None for *latest*."""

    vm: str
    choice: RecoveryPointChoice
    point: RecoveryPoint | None
    newest: RecoveryPoint | None
    why: str

    def as_data(self, reference: datetime) -> dict[str, Any]:
        point = self.point
        return {
            "vm": self.vm,
            "choice": self.choice,
            "point_id": point.id if point else None,
            "point_time": instant_text(point.time) if point else None,
            "point_type": point.type if point else None,
            "age_seconds": _age(reference, point).total_seconds() if point else None,
            "why": self.why,
        }


def _age(reference: datetime, point: RecoveryPoint) -> timedelta:
    age = age_at(reference, point.time)
    return reference - point.time if age is None else age


async def resolve_points(step: Step, run: Run) -> Done:
    """Choose a recovery point for every VM as the plan, or whoever started the run, says.

    Points that this run pinned before stay pinned.

    Raises:
        StepFailed: A VM has no such point, or it is older than `drill.max_point_age`.
    """
    if was_done(run, step.id):
        return Done({"pinned": "before"})
    spent = Spent()
    with told_on_failure(spent):
        choice: RecoveryPointChoice = (
            run.parameters.get("recovery_point") or run.plan.drill.recovery_point
        )
        with counted(spent, "cloud", run.clock):
            pinned = await _choose_all(run, choice)
        # The instant at which all were chosen: a point that was made while others were read is no
        # point of the future, and a loss is never told smaller than it would be.
        reference = run.clock.now()
        data = points_data(pinned, reference)
        await run.journal.append(EventKind.OBSERVED, data, step=step.id)
        require_fresh(pinned, reference, run.plan.drill.max_point_age)
        return Done({"choice": choice, "skew_seconds": data["skew_seconds"]}, spent)


async def _choose_all(run: Run, choice: RecoveryPointChoice) -> list[Pinned]:
    gate = asyncio.Semaphore(READS_AT_ONCE)

    async def one(vm: str) -> Pinned:
        async with gate:
            item = await item_of(run, vm)
            return choose(vm, choice, await run.gateway.recovery_points(item.id))

    return list(await asyncio.gather(*(one(vm.name) for vm in run.plan.all_vms)))


def choose(vm: str, choice: RecoveryPointChoice, points: Sequence[RecoveryPoint]) -> Pinned:
    """The point that a choice means, out of all there are in any order."""
    newest = max(points, key=lambda point: point.time, default=None)
    if choice == "latest":
        why = (
            "no point is named: Site Recovery processes pending data first, and may "
            "make no new point"
        )
        return Pinned(vm, choice, None, newest, why)
    wanted = OF_TYPE.get(choice)
    fitting = [point for point in points if wanted is None or point.type.casefold() == wanted]
    point = max(fitting, key=lambda one: one.time, default=None)
    why = "the newest by its time" if wanted is None else "the newest of its type"
    return Pinned(vm, choice, point, newest, why if point else "there is no such point")


def points_data(pinned: Sequence[Pinned], reference: datetime) -> dict[str, Any]:
    """The points as the journal keeps them (`Observed.POINTS`)."""
    times = [one.point.time for one in pinned if one.point]
    skew = (max(times) - min(times)).total_seconds() if times else None
    return {
        "what": Observed.POINTS.value,
        "reference": instant_text(reference),
        "skew_seconds": skew,
        "points": [one.as_data(reference) for one in pinned],
    }


def require_fresh(pinned: Sequence[Pinned], reference: datetime, max_age: timedelta) -> None:
    """Refuse points that are missing, too old or from the future; *latest* is judged by the
    newest there is.

    Raises:
        StepFailed: STEP-026 names every VM whose point is missing or too old, STEP-027 every one
            whose point is younger than the instant it was read at.
    """
    problems = []
    ahead = []
    for one in pinned:
        point = one.point or (one.newest if one.choice == "latest" else None)
        if point is None:
            problems.append(f"{one.vm} has no {one.choice} point")
        elif (age := age_at(reference, point.time)) is None:
            ahead.append(f"that of {one.vm} by {format_duration(point.time - reference)}")
        elif age > max_age:
            problems.append(f"the point of {one.vm} is {format_duration(age)} old")
    if ahead:
        raise StepFailed(
            f"Recovery points are dated after the instant at which they were read "
            f"({', '.join(ahead)}): the clocks of Azure and of this machine differ, so nobody "
            "knows how much a failover would lose",
            code="STEP-027",
            hint="Set the clock of this machine (NTP), then drill again.",
        )
    if problems:
        raise StepFailed(
            f"{'; '.join(problems)} (drill.max_point_age is {format_duration(max_age)})",
            code="STEP-026",
            hint="Look at the replication of these VMs: a failover now would lose that much.",
        )
