"""Where a table's long addresses and ids may break, so that no column has to break a word."""

from __future__ import annotations

import re

_CELL = re.compile(r"<td\b.*?</td>", re.DOTALL)
_MARKUP = re.compile(r"(<pre>.*?</pre>|<[^>]*>)", re.DOTALL)
# 16 characters fit into a column. A hash has longer runs than any word that people write.
_TOKEN = re.compile(r"\S{17,}")
_ENDS = r"/.:?=,;})\]@|\\+%~_-"
_BREAK = re.compile(rf"&\#?\w+;|[{_ENDS}]+(?=[^{_ENDS}])|[^\W_]{{24}}(?=[^\W_])")
_NO_BREAK_AFTER = re.compile(r"&(?!amp;)")  # a quote or a bracket stays with what it opens


def with_soft_breaks(page: str) -> str:
    """A page whose table cells say with `<wbr>` where a long token may break.

    A browser makes a column at least as wide as its longest unbreakable part. If that may be any
    letter (`overflow-wrap: anywhere`), words are broken; if it is a whole address, the page
    overflows. So an address breaks after its separators, and a run of more than 24 letters and
    digits, which is no word, after every 24.

    Args:
        page: HTML whose texts and attributes are escaped; cells hold no tables.
    """
    return _CELL.sub(lambda cell: _in_cell(cell[0]), page)


def _in_cell(cell: str) -> str:
    pieces = _MARKUP.split(cell)
    pieces[::2] = [_TOKEN.sub(_in_token, text) for text in pieces[::2]]
    return "".join(pieces)


def _in_token(token: re.Match[str]) -> str:
    return _BREAK.sub(
        lambda found: found[0] if _NO_BREAK_AFTER.match(found[0]) else f"{found[0]}<wbr>",
        token[0],
    )
