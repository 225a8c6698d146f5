"""Spans, instants and ids as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from muster.report.values import instant, last_segment

NONE = "not evidenced"


def span_words(seconds: float | None, none: str = NONE) -> str:
    """`12 min 03 s`, `1 h 05 min`, `4.2 s`; an absent span reads `not evidenced`, never 0."""
    if seconds is None:
        return none
    if seconds < 0:
        return f"-{span_words(-seconds)}"
    if round(seconds, 1) < 10:
        return f"{seconds:.1f} s" if round(seconds, 1) % 1 else f"{seconds:.0f} s"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts: list[str] = []
    if hours:
        parts.append(f"{hours} h")
    if minutes or (hours and left):
        parts.append(f"{minutes:02d} min" if hours else f"{minutes} min")
    if left:
        parts.append(f"{left:02d} s" if parts else f"{left} s")
    return " ".join(parts)


def utc_words(value: Any, none: str = "—") -> str:
    """`2026-03-01 03:12:04`, UTC."""
    found = instant(value)
    return found.strftime("%Y-%m-%d %H:%M:%S") if found else none


def clock_words(value: Any, none: str = "—") -> str:
    """`03:12:04`, UTC."""
    found = instant(value)
    return found.strftime("%H:%M:%S") if found else none


def seqs_words(numbers: Iterable[int]) -> str:
    """`events 4, 7-9`: where in the journal a statement can be looked up."""
    ordered = sorted(set(numbers))
    if not ordered:
        return ""
    runs: list[list[int]] = [[ordered[0], ordered[0]]]
    for before, here in pairwise(ordered):
        if here == before + 1:
            runs[-1][1] = here
        else:
            runs.append([here, here])
    parts = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return ("event " if len(ordered) == 1 else "events ") + ", ".join(parts)


def name_of(arm_id: str | None) -> str:
    """The short name at the end of an ARM id."""
    return last_segment(arm_id) or "—"
