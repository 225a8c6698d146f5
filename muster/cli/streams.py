"""The three streams of a process, made sure of before anything else: for every command alike.

One that was closed at the start (`>&-`) leads nowhere, instead of being None. A reader who leaves
(`| head`) ends nothing: what follows is thrown away, and the exit code stays the command's own.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def make_streams_sure() -> None:
    """Replace what is missing, and what would break; call it once, at the entry of a process."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _leading_nowhere(number))
        elif number and stream is getattr(sys, f"__{name}__"):
            setattr(sys, name, _unbreakable(stream))


class _Unbreakable(io.FileIO):
    """A file whose reader may leave: writing goes on into nothing."""

    def write(self, data: object) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]  # any buffer, as FileIO takes
        except BrokenPipeError:
            _lead_nowhere(self.fileno())
            return len(memoryview(data))  # type: ignore[arg-type]


def _unbreakable(stream: TextIO) -> TextIO:
    """The same stream; the one before stays open behind it, and has nothing left to write."""
    stream.flush()
    raw = _Unbreakable(stream.fileno(), "wb", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=bool(getattr(stream, "line_buffering", False)),
        write_through=bool(getattr(stream, "write_through", False)),
    )


def _leading_nowhere(number: int) -> TextIO:
    """A stream to nowhere, under its own number unless something else was opened under it."""
    try:
        os.fstat(number)
    except OSError:
        _lead_nowhere(number)
        return open(number, "w" if number else "r", encoding="utf-8", closefd=False)
    return open(os.devnull, "w" if number else "r", encoding="utf-8")  # noqa: PTH123


def _lead_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
    os.set_inheritable(number, True)  # what is started from here gets it, too
