"""docs/reference/preflight.md: every preflight check, from the tables that are judged."""

from __future__ import annotations

from docs.tables import generated, table
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Area, Severity

_STRICT = {
    Severity.STOPS: "stops it",
    Severity.TOLD: "is told",
    Severity.NONE: "does not apply",
}
_FAILOVER = _STRICT | {Severity.STOPS: "stops it, unless overridden"}


def preflight_page() -> str:
    lines = generated("Preflight checks", "preflight")
    for area in Area:
        rows = [
            (
                f"`{c.id}`",
                c.title,
                _STRICT[c.drill],
                _FAILOVER[c.failover],
                _STRICT[c.replicate],
                c.remedy,
            )
            for c in CHECKS
            if c.area is area
        ]
        if rows:
            lines += ["", f"## {area.value[0].upper()}{area.value[1:]}", ""]
            lines += table(
                (
                    "id",
                    "what has to hold",
                    "if not, a drill",
                    "a failover",
                    "a replication",
                    "remedy",
                ),
                rows,
            )
    return "\n".join(lines) + "\n"
