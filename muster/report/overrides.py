"""Preflight checks in spite of which a failover went on: which, who said so, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.journal.events import PREFLIGHT_OVERRIDDEN, EventKind
from muster.report.read import Reading
from muster.report.values import text


def overridden_checks(reading: Reading) -> frozenset[str]:
    """Ids of the checks that were overridden."""
    return frozenset(
        str(one)
        for event in reading.of_kind(EventKind.NOTED)
        if event.data.get("what") == PREFLIGHT_OVERRIDDEN
        for one in event.data.get("checks") or ()
    )


def override_words(data: Mapping[str, Any]) -> str:
    """A note of an override as a sentence."""
    checks = ", ".join(map(str, data.get("checks") or ())) or "no check"
    by = text(data.get("by")) or "somebody"
    return f"{by} let it go on in spite of {checks}: {text(data.get('text')) or 'no reason given'}"
