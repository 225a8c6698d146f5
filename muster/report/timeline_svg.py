"""The timeline as SVG: one row per VM, bars by step, critical path, RTO. Text can be selected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise
from typing import Any

from muster.report.svg_style import (
    COLOURS,
    DEFS,
    INK,
    MUTED,
    PATTERNS,
    VERMILION,
    WIDTH,
    fits,
    label,
    legend,
    line,
    rect,
)
from muster.report.timeline_axis import Axis, widened
from muster.report.timeline_rows import Bar, Row, timeline_rows
from muster.report.values import instant
from muster.report.words import span_words

_LEFT, _TOP, _HEAD = 132.0, 50.0, 18.0
_MANY_ROWS = 30


@dataclass(frozen=True, slots=True)
class _Placed:
    bar: Bar
    left: float
    right: float
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def timeline_svg(record: Mapping[str, Any]) -> str:
    """Draw a run; stands alone, names nothing outside. A run without any step says so."""
    rows = timeline_rows(record)
    bars = [bar for row in rows for bar in row.bars]
    if not bars:
        return _empty()
    marks = _marks(record)
    axis = Axis(widened(_spans(bars, marks), 0.02), _LEFT, WIDTH - 10)
    pitch = 18.0 if len(rows) > _MANY_ROWS else 24.0
    back, placed, bottom = _lay_out(rows, axis, pitch)
    body = [
        *back,
        *_grid(axis, bottom),
        *_path(record, placed),
        *(part for one in placed for part in _bar(one)),
        *_markers(marks, axis, bottom),
        *legend(bottom + 34, {bar.kind for bar in bars}, has_path=bool(record["critical_path"])),
    ]
    height = bottom + 64
    title = escape(f"Timeline of {record['run']}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'class="timeline" font-family="inherit" font-size="11.5"><title>{title}</title>'
        f"{DEFS}{''.join(body)}</svg>"
    )


def _empty() -> str:
    words = label(10, 24, "No step was begun, so there is no timeline.", MUTED)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} 40" role="img" '
        f'class="timeline" font-size="12"><title>Timeline</title>{words}</svg>'
    )


def _marks(record: Mapping[str, Any]) -> dict[str, tuple[datetime, str]]:
    """Instants worth a line of their own."""
    if record["objectives"] is None:  # a run that recovers nothing
        return {}
    rto = record["objectives"]["rto"]
    began, ended = instant(rto["began"]), instant(rto["ended"])
    marks: dict[str, tuple[datetime, str]] = {}
    if began:
        marks["began"] = (began, "isolation proven")
        if rto["objective"] is not None:
            limit = began + timedelta(seconds=rto["objective"])
            marks["limit"] = (limit, f"RTO {span_words(rto['objective'])}")
    if ended:
        marks["ended"] = (ended, f"last required check, {span_words(rto['actual'])}")
    return marks


def _spans(
    bars: Sequence[Bar], marks: dict[str, tuple[datetime, str]]
) -> list[tuple[datetime, datetime]]:
    """What the axis has to show; the RTO's line only where that does not squeeze the run."""
    spans = [(bar.began, bar.ended) for bar in bars]
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    limit = marks.get("limit")
    if limit and limit[0] > last:
        if limit[0] - first <= 2 * (last - first):
            spans.append((last, limit[0]))
        else:
            words = f"{limit[1]}: beyond this picture"
            marks["beyond"] = (last, words)
            del marks["limit"]
    return spans


def _lay_out(
    rows: Sequence[Row], axis: Axis, pitch: float
) -> tuple[list[str], list[_Placed], float]:
    back: list[str] = []
    placed: list[_Placed] = []
    y, group, shaded = _TOP, None, False
    for row in rows:
        if row.group != group:
            group, shaded = row.group, not shaded
            members = sum(1 for one in rows if one.group == group)
            if shaded:
                back.append(rect(0, y, WIDTH, _HEAD + members * pitch, "#f4f6f8"))
            back.append(label(8, y + 13, row.group, MUTED, weight="600", size="10.5"))
            y += _HEAD
        shown = row.label if len(row.label) <= 17 else row.label[:16] + "…"
        back.append(label(16, y + pitch / 2 + 4, shown, INK, title=row.label))
        back.append(line(_LEFT, y + pitch / 2, WIDTH - 10, y + pitch / 2, "#d9dee3", "1"))
        for bar in row.bars:
            left, right = axis.x(bar.began), axis.x(bar.ended)
            placed.append(_Placed(bar, left, max(right, left + 2), y + 3, pitch - 6))
        y += pitch
    return back, placed, y + 4


def _grid(axis: Axis, bottom: float) -> Iterator[str]:
    last = -100.0
    for x, words in axis.ticks():
        yield line(x, _TOP, x, bottom, "#c9d0d6", "0.7")
        if x - last > 44:
            yield label(x, bottom + 14, words, MUTED, anchor="middle", size="10.5")
            last = x
    yield label(8, bottom + 14, "Azure time, UTC", MUTED, size="10.5")
    for piece in axis.breaks:
        yield rect(piece.left + 4, _TOP, piece.right - piece.left - 8, bottom - _TOP, "#ffffff")
        for x in (piece.left + 4, piece.right - 4):
            yield line(x, _TOP, x, bottom, MUTED, "1", dash="2 3")
        middle, words = (piece.left + piece.right) / 2, span_words(piece.ended - piece.began)
        turned = f'transform="rotate(-90 {middle + 4:.1f} {(_TOP + bottom) / 2:.1f})"'
        yield label(
            middle + 4, (_TOP + bottom) / 2, f"{words} idle", MUTED, anchor="middle", extra=turned
        )


def _path(record: Mapping[str, Any], placed: Sequence[_Placed]) -> Iterator[str]:
    """The line from bar to bar along the critical path; the bars themselves get a thick edge."""
    last = {one.bar.step: one for one in placed if one.bar.critical_path}
    chain = [last[leg["step"]] for leg in record["critical_path"] if leg["step"] in last]
    for one, after in pairwise(chain):
        points = (
            f"{one.right:.1f},{one.middle:.1f} {after.left:.1f},{one.middle:.1f} "
            f"{after.left:.1f},{after.middle:.1f}"
        )
        yield f'<polyline points="{points}" fill="none" stroke="{INK}" stroke-width="1.6"/>'


def _bar(one: _Placed) -> Iterator[str]:
    bar = one.bar
    width = one.right - one.left
    fill, ink = COLOURS.get(bar.kind, COLOURS["preflight"])
    broken = bar.status in ("failed", "unfinished")
    edge, thick = (INK, "2") if bar.critical_path else (fill, "0.8")
    if broken:
        edge, thick = VERMILION, "2.2"
    yield f"<g><title>{escape(bar.tooltip)}</title>"
    yield rect(
        one.left, one.top, width, one.height, fill, stroke=edge, stroke_width=thick, radius=2
    )
    pattern = "broken" if broken else PATTERNS.get(bar.kind)
    if pattern:
        yield rect(one.left, one.top, width, one.height, f"url(#p-{pattern})", radius=2)
    words = f"{bar.status}: {bar.label}" if broken else bar.label
    if fits(words, width):
        yield label(one.left + width / 2, one.middle + 4, words, ink, anchor="middle", size="10.5")
    yield "</g>"


def _markers(
    marks: Mapping[str, tuple[datetime, str]], axis: Axis, bottom: float
) -> Iterator[str]:
    styles = {
        "began": (14.0, INK, "4 3"),
        "ended": (28.0, INK, "none"),
        "limit": (42.0, VERMILION, "7 4"),
        "beyond": (42.0, VERMILION, "none"),
    }
    for name, (at, words) in marks.items():
        y, colour, dash = styles[name]
        x = axis.x(at)
        if name != "beyond":
            yield line(x, y - 4, x, bottom, colour, "1.3", dash=dash)
        behind = x > WIDTH * 0.6
        yield label(
            x - 5 if behind else x + 5, y, words, colour,
            anchor="end" if behind else "start", weight="600", size="11",
        )  # fmt: skip
