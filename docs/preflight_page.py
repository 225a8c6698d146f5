"""docs/reference/preflight.md: every preflight check, from the table that is judged."""

from __future__ import annotations

from docs.tables import generated, table
from muster.steps.preflight_checks.catalog import CHECKS

_SEVERITY = {"fail": "stops the drill", "warn": "is told, the drill goes on"}


def preflight_page() -> str:
    lines = [*generated("Preflight checks", "preflight"), ""]
    lines += table(
        ("id", "what has to hold", "if not, it", "remedy"),
        ((f"`{c.id}`", c.title, _SEVERITY[c.severity], c.remedy) for c in CHECKS),
    )
    return "\n".join(lines) + "\n"
