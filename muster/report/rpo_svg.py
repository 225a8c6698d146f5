"""Data loss of each VM beside the objective, as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.report.svg_style import INK, MUTED, VERMILION, WIDTH, label, line, rect
from muster.report.words import span_words

_LEFT, _RIGHT, _TOP, _PITCH = 132.0, 130.0, 26.0, 18.0


def rpo_svg(record: Mapping[str, Any]) -> str:
    """One bar per VM; a VM without evidence has words in place of a bar, never a bar of zero."""
    objective = record["objectives"]["rpo"]["objective"]
    actuals = [vm["rpo"]["actual"] for vm in record["vms"] if vm["rpo"]["actual"] is not None]
    most = max([*actuals, objective or 0.0, 1.0])
    scale = (WIDTH - _LEFT - _RIGHT) / most
    bottom = _TOP + len(record["vms"]) * _PITCH
    parts: list[str] = []
    for place, vm in enumerate(record["vms"]):
        y = _TOP + place * _PITCH
        parts.append(label(16, y + 12, vm["vm"][:18], INK))
        parts += _bar(vm["rpo"], y, scale)
    if objective is not None:
        x = _LEFT + objective * scale
        parts.append(line(x, _TOP - 8, x, bottom, VERMILION, "1.3", dash="7 4"))
        words = f"RPO {span_words(objective)}"
        parts.append(label(x - 5, _TOP - 10, words, VERMILION, anchor="end", weight="600"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {bottom + 8:g}" '
        'role="img" class="timeline" font-family="inherit" font-size="11.5">'
        f"<title>Data loss per VM beside the RPO</title>{''.join(parts)}</svg>"
    )


def _bar(rpo: Mapping[str, Any], y: float, scale: float) -> list[str]:
    if rpo["actual"] is None:
        return [label(_LEFT + 4, y + 12, "not evidenced", VERMILION, weight="600", size="10.5")]
    width = max(1.5, rpo["actual"] * scale)
    fill = VERMILION if rpo["verdict"] == "missed" else "#0072b2"
    words = f"{span_words(rpo['actual'])} · {rpo['source']}"
    return [
        rect(_LEFT, y + 3, width, _PITCH - 6, fill, radius=2),
        label(_LEFT + width + 6, y + 12, words, MUTED, size="10.5"),
    ]
