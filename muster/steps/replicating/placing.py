"""Where the plan's file says what Azure does not have: the line stands before what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from muster.plan.loader import LoadedPlan
from muster.plan.where import line_of_vm
from muster.replication.decision import Decision
from muster.replication.selection import NOT_FOUND
from muster.replication.wanted import Left


def with_places(loaded: LoadedPlan, decision: Decision) -> Decision:
    """The decision, where VMs that the plan names and that are not there have file and line."""
    remedies = dict(_of_missing(loaded.path, decision.left))
    left = tuple(
        replace(one, remedy=remedies.get(one.name, one.remedy)) if _is_missing(one) else one
        for one in decision.left
    )
    listed = tuple(
        one if one.is_found else replace(one, remedy=remedies.get(one.name, one.remedy))
        for one in decision.listed
    )
    return replace(decision, left=left, listed=listed)


def _of_missing(path: Path, left: tuple[Left, ...]) -> Iterator[tuple[str, str]]:
    for one in filter(_is_missing, left):
        line = line_of_vm(path, one.name)
        yield one.name, _placed(path, (line,) if line else (), one.remedy)


def _is_missing(one: Left) -> bool:
    return one.is_named and one.kind == NOT_FOUND


def _placed(path: Path, lines: tuple[int, ...], remedy: str) -> str:
    places = ", ".join(f"{path}:{line}" for line in lines)
    return f"{places}: {remedy}" if places else remedy
