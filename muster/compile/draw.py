"""A graph as a picture: Mermaid text here, a layered drawing in `svg.py`."""

from __future__ import annotations

from muster.compile.arrows import essential_arrows
from muster.compile.graph import Graph
from muster.compile.svg import layered_svg
from muster.compile.words import clusters, words_for
from muster.plan.model import RecoveryPlan

_CLASSES = (
    "classDef critical stroke:#1d4e89,stroke-width:3px",
    "classDef optional stroke:#777777,stroke-dasharray:4 3",
    "classDef leftout fill:#f2f2f2,stroke:#999999,color:#555555,stroke-dasharray:2 2",
)


def mermaid(graph: Graph, plan: RecoveryPlan) -> str:
    """The graph as a Mermaid flowchart.

    Groups are boxes, critical steps have a thick border, optional ones a dashed one. Solid arrows
    are `needs`, dotted ones `after`; an arrow that follows from others is left out. Actions that
    the operation leaves out stand in their group, with the reason.
    """
    names = {step.id: f"s{number}" for number, step in enumerate(graph)}
    heading = f"{plan.plan}: {graph.operation.value}"
    lines = ["---", f'title: "{heading}"', "---", "flowchart TD"]
    for number, (title, steps) in enumerate(clusters(graph).items()):
        lines.append(f'  subgraph g{number}["{_quoted(title)}"]')
        for step in steps:
            text = "<br/>".join(_quoted(word) for word in words_for(step) if word)
            kind = "critical" if step.critical else "optional"
            lines.append(f'    {names[step.id]}["{text}"]:::{kind}')
        lines += _left_out(graph, title, f"x{number}")
        lines.append("  end")
    for step_id, arrows in essential_arrows(graph).items():
        lines += [f"  {names[one]} --> {names[step_id]}" for one in arrows.needs]
        lines += [f"  {names[one]} -.-> {names[step_id]}" for one in arrows.after]
    lines += [f"  {one}" for one in _CLASSES]
    return "\n".join(lines) + "\n"


def _left_out(graph: Graph, title: str, prefix: str) -> list[str]:
    return [
        f'    {prefix}_{number}["left out: {_quoted(one.action)}<br/>{_quoted(one.why)}"]'
        ":::leftout"
        for number, one in enumerate(graph.left_out)
        if title == f"group {one.group}"
    ]


def _quoted(text: str) -> str:
    """Text inside Mermaid's double quotes: entities for what it would read as markup."""
    entities = {'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
    return "".join(entities.get(char, char) for char in " ".join(text.split()))


__all__ = ["layered_svg", "mermaid"]
