"""Questions to a compiled graph."""

from __future__ import annotations

from muster.compile.graph import Graph, Step, StepKind


def all_before(graph: Graph) -> dict[str, set[str]]:
    """Everything that has to have ended before a step, near or far."""
    found: dict[str, set[str]] = {}
    for step in graph:
        direct = {*step.needs, *step.after}
        found[step.id] = direct.union(*(found[one] for one in direct))
    return found


def of_kind(graph: Graph, kind: StepKind) -> list[Step]:
    return [step for step in graph if step.kind is kind]
