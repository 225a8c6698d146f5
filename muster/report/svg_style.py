"""Shapes, colours and patterns of the pictures: colour-blind people tell them apart."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

WIDTH = 880.0
INK, MUTED, VERMILION = "#17202a", "#57636f", "#c0390b"

# Okabe and Ito's palette (readable with every common colour blindness): fill, and ink on it.
COLOURS = {
    "preflight": ("#8a95a0", "#ffffff"),
    "recovery-points": ("#8a95a0", "#ffffff"),
    "survey": ("#8a95a0", "#ffffff"),
    "isolate": ("#5d6873", "#ffffff"),
    "test-failover": ("#0072b2", "#ffffff"),
    "protect": ("#0072b2", "#ffffff"),
    "settle": ("#009e73", "#ffffff"),
    "disable": ("#cc79a7", INK),
    "boot": ("#7cc4ea", INK),
    "action": ("#e69f00", INK),
    "checks": ("#009e73", "#ffffff"),
    "hold": ("#d5dadf", INK),
    "cleanup": ("#cc79a7", INK),
    "remove-network": ("#cc79a7", INK),
    "prove-clean": ("#5d6873", "#ffffff"),
}
PATTERNS = {"boot": "slant", "action": "rungs", "cleanup": "dots", "remove-network": "dots"}
_LEGEND = (
    ("survey", "setting up"),
    ("protect", "replication, first copy"),
    ("settle", "settings"),
    ("disable", "end of replication"),
    ("isolate", "preparation, proof"),
    ("test-failover", "test failover"),
    ("boot", "boot"),
    ("action", "action"),
    ("checks", "checks"),
    ("hold", "hold"),
    ("cleanup", "cleanup"),
)
_CHARACTER = 5.7  # width of one at 10.5 px, on the generous side

DEFS = (
    "<defs>"
    '<pattern id="p-slant" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path d="M0 0V6" stroke="#ffffff" stroke-width="1.6" '
    'stroke-opacity="0.55"/></pattern>'
    '<pattern id="p-rungs" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<path d="M0 0V5" stroke="#ffffff" stroke-width="1.4" stroke-opacity="0.5"/></pattern>'
    '<pattern id="p-dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<circle cx="3" cy="3" r="1.1" fill="#ffffff" fill-opacity="0.75"/></pattern>'
    '<pattern id="p-broken" width="8" height="8" patternUnits="userSpaceOnUse" '
    f'patternTransform="rotate(-45)"><path d="M0 0V8" stroke="{VERMILION}" stroke-width="2.4" '
    'stroke-opacity="0.55"/></pattern>'
    "</defs>"
)


def fits(words: str, width: float) -> bool:
    """Whether a label has room in a bar."""
    return len(words) * _CHARACTER + 8 <= width


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    *,
    stroke: str = "none",
    stroke_width: str = "0",
    radius: float = 0,
) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:g}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{stroke_width}"/>'
    )


def line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: str, *, dash: str = "none"
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width}" stroke-dasharray="{dash}"/>'
    )


def label(
    x: float,
    y: float,
    words: str,
    colour: str,
    *,
    anchor: str = "start",
    weight: str = "400",
    size: str = "11.5",
    title: str | None = None,
    extra: str = "",
) -> str:
    """A line of text, escaped; with a tooltip where the words were cut."""
    tip = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" '
        f'font-weight="{weight}" font-size="{size}" {extra}>{tip}{escape(words)}</text>'
    )


def legend(y: float, kinds: set[str], *, has_path: bool = True) -> Iterator[str]:
    """What the colours mean, for the kinds that occur, and how the critical path is drawn."""
    x = 10.0
    shown = [(kind, words) for kind, words in _LEGEND if kind in kinds]
    for kind, words in shown:
        yield rect(x, y - 9, 20, 12, COLOURS[kind][0], radius=2)
        if pattern := PATTERNS.get(kind):
            yield rect(x, y - 9, 20, 12, f"url(#p-{pattern})", radius=2)
        yield label(x + 26, y + 1, words, MUTED, size="10.5")
        x += 26 + len(words) * _CHARACTER + 14
    if has_path:
        yield rect(x, y - 9, 20, 12, "#ffffff", stroke=INK, stroke_width="2", radius=2)
        yield label(x + 26, y + 1, "critical path", MUTED, size="10.5")
        x += 26 + 13 * _CHARACTER + 14
    yield rect(x, y - 9, 20, 12, "#ffffff", stroke=VERMILION, stroke_width="2.2", radius=2)
    yield rect(x, y - 9, 20, 12, "url(#p-broken)", radius=2)
    yield label(x + 26, y + 1, "failed", MUTED, size="10.5")
