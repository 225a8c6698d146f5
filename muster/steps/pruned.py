"""The pinned recovery point at its use: if it was pruned meanwhile, the nearest older one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.ids import key_of, same_id
from muster.gateway.values import ProtectedItem, RecoveryPoint
from muster.journal.events import EventKind, instant_of, instant_text
from muster.steps.context import Run
from muster.steps.recorded import point_of


async def usable_point(
    run: Run, step: Step, vm: str, item: ProtectedItem, refused: Collection[str] = ()
) -> str | None:
    """Id of the point to use for a VM; None for *latest*. A substitute is noted as a deviation.

    `refused` are ids that Site Recovery could not use: a younger one may be (a point made before
    a disk's tier was changed is of no use, one made after it is).

    Raises:
        StepFailed: The pinned point is gone, and no older one is left.
    """
    pinned = point_of(run, vm)
    if pinned["point_id"] is None:
        return None
    points = await run.gateway.recovery_points(item.id)
    usable = [point for point in points if key_of(point.id) not in set(map(key_of, refused))]
    if refused:
        chosen = next_best(pinned["point_time"], usable)
    else:
        chosen = substitute(pinned["point_id"], pinned["point_time"], usable)
    if chosen is None:
        raise StepFailed(
            f"The recovery point of {vm} ({pinned['point_time']}) was pruned, and "
            "there is no older one",
            code="STEP-024",
            hint="Look at the item's replication: points are kept as long as its policy says.",
        )
    if not same_id(chosen.id, pinned["point_id"]):
        why, which = ("cannot be used", "other") if refused else ("was pruned", "older")
        data = {
            "what": "deviation",
            "vm": vm,
            "text": f"{vm}: the pinned recovery point {why}; the nearest {which} one "
            f"({chosen.type}) is used",
            "pinned": pinned["point_id"],
            "pinned_time": pinned["point_time"],
            "point_id": chosen.id,
            "point_time": instant_text(chosen.time),
            "point_type": chosen.type,
        }
        await run.journal.append(EventKind.NOTED, data, step=step.id)
    return chosen.id


def next_best(pinned_time: str, points: Sequence[RecoveryPoint]) -> RecoveryPoint | None:
    """The nearest younger point, else the nearest older one, else None."""
    pinned = instant_of(pinned_time)
    younger = [point for point in points if point.time > pinned]
    if younger:
        return min(younger, key=lambda point: point.time)
    return max(points, key=lambda point: point.time, default=None)


def substitute(
    pinned_id: str, pinned_time: str, points: Sequence[RecoveryPoint]
) -> RecoveryPoint | None:
    """The pinned point if it is still there, else the nearest older one, else None."""
    for point in points:
        if same_id(point.id, pinned_id):
            return point
    older = [point for point in points if point.time <= instant_of(pinned_time)]
    return max(older, key=lambda point: point.time, default=None)
