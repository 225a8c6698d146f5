"""docs/reference/preflight.md: every preflight check, from the table that is judged."""

from __future__ import annotations

from docs.tables import generated, table
from muster.steps.preflight_checks.catalog import CHECKS

_SEVERITY = {"fail": "stops the drill", "warn": "is told, the drill goes on"}


def preflight_page() -> str:
    lines = generated(
        "Preflight checks",
        "Preflight reads everything that a drill rests on and judges all of it, before the first act. All checks run, all are in the journal,",
        "each with what it saw. One that *stops the drill* and did not pass ends it with exit code 3 and `PRE-000`: nothing was sent.",
        "",
        "What could not be read is *not evidenced*, and that does not pass. No way into Azure at all (credential, TLS, network) is told as",
        "that one error, not as checks that could not be judged.",
        "",
    )
    lines += table(
        ("id", "what has to hold", "if not, it", "remedy"),
        ((f"`{c.id}`", c.title, _SEVERITY[c.severity], c.remedy) for c in CHECKS),
    )
    return "\n".join(lines) + "\n"
