"""Time to picture: an axis true to scale, except for long idle gaps, which it breaks visibly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    28800,
    86400,
    604800,
)
_MOST_TICKS = 9
_BREAK_WIDTH = 26.0
_SHORTEST_BREAK = 600.0  # seconds of idleness that are worth a break
_BREAK_SHARE = 0.3  # … and their share of the time that was busy


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time and the stretch of picture it takes."""

    began: float
    ended: float
    left: float
    right: float
    is_break: bool


class Axis:
    """Maps instants to x. `spans` are the stretches in which something went on."""

    def __init__(
        self, spans: Sequence[tuple[datetime, datetime]], left: float, right: float
    ) -> None:
        merged = _merged([(a.timestamp(), b.timestamp()) for a, b in spans])
        self.pieces = _pieces(merged, left, right)

    @property
    def breaks(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.is_break]

    def x(self, at: datetime) -> float:
        """Where an instant lies; instants outside are drawn at the border."""
        moment = at.timestamp()
        for piece in self.pieces:
            if moment <= piece.ended:
                share = (moment - piece.began) / ((piece.ended - piece.began) or 1.0)
                return piece.left + max(0.0, share) * (piece.right - piece.left)
        return self.pieces[-1].right

    def ticks(self) -> list[tuple[float, str]]:
        """Round instants of the clock with their labels, UTC."""
        live = [piece for piece in self.pieces if not piece.is_break]
        total = sum(piece.ended - piece.began for piece in live)
        step = next((one for one in _STEPS if total / one <= _MOST_TICKS), _STEPS[-1])
        form = "%H:%M:%S" if step < 60 else "%H:%M"
        found: list[tuple[float, str]] = []
        for piece in live:
            mark = -(-piece.began // step) * step
            while mark <= piece.ended:
                at = datetime.fromtimestamp(mark, UTC)
                found.append((self.x(at), at.strftime(form)))
                mark += step
        return found


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for began, ended in sorted(spans):
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        else:
            merged.append((began, ended))
    return merged or [(0.0, 1.0)]


def _pieces(spans: list[tuple[float, float]], left: float, right: float) -> list[Piece]:
    """Live stretches share the width by their length; a break gets a fixed one."""
    busy = sum(ended - began for began, ended in spans)
    longest = max(_SHORTEST_BREAK, busy * _BREAK_SHARE)
    live: list[tuple[float, float]] = [spans[0]]
    for began, ended in spans[1:]:
        if began - live[-1][1] > longest:
            live.append((began, ended))
        else:
            live[-1] = (live[-1][0], ended)
    total = sum(ended - began for began, ended in live) or 1.0
    scale = (right - left - _BREAK_WIDTH * (len(live) - 1)) / total
    pieces: list[Piece] = []
    x = left
    for began, ended in live:
        if pieces:
            pieces.append(Piece(pieces[-1].ended, began, x, x + _BREAK_WIDTH, is_break=True))
            x += _BREAK_WIDTH
        width = (ended - began) * scale
        pieces.append(Piece(began, ended, x, x + width, is_break=False))
        x += width
    return pieces


def widened(
    spans: list[tuple[datetime, datetime]], share: float
) -> list[tuple[datetime, datetime]]:
    """The spans and a little air behind the last, so that its label has room."""
    first = min(began for began, _ in spans)
    last = max(ended for _, ended in spans)
    air = max((last - first) * share, timedelta(seconds=1))
    return [*spans, (last, last + air)]
