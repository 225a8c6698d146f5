"""What commands print: sentences to a person, one JSON value to a script."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def say(text: str) -> None:
    """A line for the person at the terminal, on standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """A line that must not get into a script's input: on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def print_json(value: Any) -> None:
    """Exactly one JSON value."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Rows as columns, as wide as they need; the first row is the heading."""
    for line in columns(rows):
        say(line)


def columns(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """The lines of a table of text."""
    if not rows:
        return
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
