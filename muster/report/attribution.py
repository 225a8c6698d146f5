"""Whose time recovery time was, by part along the critical path; the parts are the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from muster.report.critical_path import Leg
from muster.report.values import number

NAMED = ("cloud", "script", "check", "human", "retry")
PARTS = ("orchestrator", *NAMED)
SHOWN = {
    "machine": ("orchestrator", "check", "retry"),
    "cloud": ("cloud",),
    "script": ("script",),
    "human": ("human",),
}
"""What people are shown, and the parts it is made of."""


def spent_on(leg: Leg) -> dict[str, float]:
    """Seconds of one leg by part; what its step did not name is the orchestrator's.

    A step that named more than its leg is long (its end was clipped, or two waits overlapped) is
    scaled to fit.
    """
    length = leg.length.total_seconds()
    named = {name: max(0.0, number(leg.step.spent.get(name)) or 0.0) for name in NAMED}
    total = sum(named.values())
    scale = length / total if total > length else 1.0
    parts = {name: value * scale for name, value in named.items()}
    return {"orchestrator": max(0.0, length - sum(parts.values())), **parts}


def attribute(legs: Sequence[Leg], began: datetime, ended: datetime) -> dict[str, Any]:
    """The whole of recovery time by part, in seconds: `total`, `parts` (six), `shown` (four)."""
    total = (ended - began).total_seconds()
    parts = dict.fromkeys(PARTS, 0.0)
    covered = 0.0
    for leg in legs:
        for name, value in spent_on(leg).items():
            parts[name] += value
        parts["orchestrator"] += leg.gap.total_seconds()
        covered += leg.length.total_seconds() + leg.gap.total_seconds()
    parts["orchestrator"] += max(0.0, total - covered)
    return {"total": round(total, 3), "parts": rounded(parts), "shown": shown(parts)}


def shown(parts: Mapping[str, float]) -> dict[str, float]:
    """The four parts that people are shown."""
    return {name: round(sum(parts[part] for part in of), 3) for name, of in SHOWN.items()}


def rounded(parts: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in parts.items()}
