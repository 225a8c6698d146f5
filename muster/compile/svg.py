"""A graph as one SVG that needs no other file: a row for each layer, a colour for each group."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from muster.compile.arrows import Arrows, essential_arrows, layers
from muster.compile.graph import Graph, Step
from muster.compile.words import clusters, words_for
from muster.plan.model import RecoveryPlan

_WIDTH, _HEIGHT = 148, 40  # of a box
_ACROSS, _DOWN = 164, 74  # from box to box
_MARGIN, _HEAD = 24, 92
_FILLS = ("#dbe9f6", "#e3f1dc", "#fbe8cf", "#eadff2", "#fbdcd9", "#d8f0ee", "#f3ecc4", "#e6e6e6")
_LETTERS = 22  # that fit into a box
_STYLE = (
    "text{font-family:system-ui,sans-serif;font-size:12px;fill:#1b1b1b}"
    ".title{font-size:18px;font-weight:600}.what{font-weight:600}"
    "rect{stroke:#1d4e89;stroke-width:2.5}"
    ".optional{stroke:#777;stroke-width:1.2;stroke-dasharray:4 3}"
    "path{fill:none;stroke:#5a6b7b;stroke-width:1.2}.after{stroke-dasharray:4 3}"
)


def layered_svg(graph: Graph, plan: RecoveryPlan) -> str:
    """Draw a graph from top to bottom.

    Solid lines are `needs`, dashed ones `after`; critical steps have a thick border, optional
    ones a dashed one. Lines that follow from others are left out.
    """
    rows = layers(graph)
    broadest = max(map(len, rows), default=1)
    boxes = clusters(graph)
    across = max(broadest * _ACROSS, min(len(boxes), 4) * 260) + 2 * _MARGIN
    legend_rows = (len(boxes) + 3) // 4
    top = _HEAD + 20 * legend_rows
    down = top + len(rows) * _DOWN + _MARGIN
    places = _places(rows, across, top)
    heading = f"{plan.plan}: {graph.operation.value}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" '
        f'width="{across}" height="{down}" role="img" aria-label="{_text(heading)}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{across}" height="{down}" style="fill:#fff;stroke:none"/>',
        f'<text class="title" x="{_MARGIN}" y="36">{_text(heading)}</text>',
        f'<text x="{_MARGIN}" y="56">Thick border: critical. Solid line: needs success. '
        "Dashed line: waits for the end.</text>",
        *_legend(list(boxes)),
        *_lines(essential_arrows(graph), places),
        *_boxes(boxes, places),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _places(rows: list[list[str]], across: int, top: int) -> dict[str, tuple[float, int]]:
    """Centre and upper edge of every box; each row is centred."""
    places: dict[str, tuple[float, int]] = {}
    for row, names in enumerate(rows):
        left = (across - len(names) * _ACROSS) / 2 + _ACROSS / 2
        for column, name in enumerate(names):
            places[name] = (left + column * _ACROSS, top + row * _DOWN)
    return places


def _legend(titles: list[str]) -> Iterator[str]:
    for number, title in enumerate(titles):
        x, y = _MARGIN + number % 4 * 260, _HEAD - 22 + number // 4 * 20
        fill = _FILLS[number % len(_FILLS)]
        yield f'<rect class="optional" x="{x}" y="{y}" width="14" height="14" fill="{fill}"/>'
        yield f'<text x="{x + 20}" y="{y + 11}">{_text(_short(title, 34))}</text>'


def _lines(arrows: dict[str, Arrows], places: dict[str, tuple[float, int]]) -> Iterator[str]:
    for name, (needs, after) in arrows.items():
        for kind, others in (("needs", needs), ("after", after)):
            for other in others:
                (x1, y1), (x2, y2) = places[other], places[name]
                start, bend = y1 + _HEIGHT, (_DOWN - _HEIGHT) * 0.8
                yield (
                    f'<path class="{kind}" d="M{x1:g} {start} '
                    f'C{x1:g} {start + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2}"/>'
                )


def _boxes(boxes: dict[str, list[Step]], places: dict[str, tuple[float, int]]) -> Iterator[str]:
    for number, steps in enumerate(boxes.values()):
        fill = _FILLS[number % len(_FILLS)]
        for step in steps:
            x, y = places[step.id]
            kind = "critical" if step.critical else "optional"
            what, subject = words_for(step)
            first = y + (17 if subject else 24)
            yield (
                f'<g><title>{_text(step.id)}</title><rect class="{kind}" x="{x - _WIDTH / 2:g}" '
                f'y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{fill}"/>'
                f'<text class="what" x="{x:g}" y="{first}" text-anchor="middle">{what}</text>'
                f'<text x="{x:g}" y="{y + 32}" text-anchor="middle">'
                f"{_text(_short(subject, _LETTERS))}</text></g>"
            )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _text(text: str) -> str:
    return escape(" ".join(text.split()), quote=True)
