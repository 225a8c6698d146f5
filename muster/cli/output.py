"""What commands print: sentences to a person, one JSON value to a script."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from muster.errors import MusterError


class OutputLost(MusterError):
    """What a command has to say cannot be written to where it was sent."""

    code = "CLI-001"
    hint = (
        "Look at where the output goes: a full disk, or a closed file. The command's work is done."
    )


def say(text: str) -> None:
    """A line for the person at the terminal, on standard output.

    Raises:
        OutputLost: It cannot be written, for another reason than that the reader has left.
    """
    _write(sys.stdout, text)


def tell(text: str) -> None:
    """A line that must not get into a script's input: on standard error."""
    _write(sys.stderr, text)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # started with the stream closed: `>&-`
        return
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. The exit code stays that of the command, and the
        # interpreter's own
        # flush at the end must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError as err:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise OutputLost(f"The output cannot be written: {err.strerror}") from err


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
