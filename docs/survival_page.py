"""docs/reference/survival.md: what a drill does in every scenario, from rows that tests hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docs.tables import generated, table
from docs.words import words
from muster.simulator.faults.file import known, ready

_ENDS = {
    0: "passes",
    1: "fails (exit 1)",
    3: "is refused, or fails at Azure's word (exit 3)",
    4: "fails, left-overs told (exit 4)",
}


def survival_page() -> str:
    """The whole page."""
    said = words("survival")
    heads = ("symptom", "scenario", "what Azure does", "a drill", "what happens")
    lines = [*generated("What a drill survives", "survival"), ""]
    lines += table(heads, _rows(said))
    lines += ["", "## Symptoms without a scenario", ""]
    lines += table(("symptom", "why"), ((f"F{n}", why) for n, why in _others()))
    return "\n".join(lines) + "\n"


def _rows(said: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for scenario in known():
        facts, row = ready(scenario).facts, said[scenario]
        met = bool(row.get("fires")) or bool(facts.settings)
        ends = _ENDS[row.get("code", 0)] if met else "passes; it is not met"
        yield ", ".join(facts.symptoms), f"`{scenario}`", facts.title, ends, row["then"]


def _others() -> Iterator[tuple[int, str]]:
    """Symptoms that Azure does not cause, or that are not modelled."""
    yield from words("symptoms")["without"].items()


def symptoms_shown() -> set[str]:
    """The symptoms that some scenario has."""
    return {symptom for scenario in known() for symptom in ready(scenario).facts.symptoms}
