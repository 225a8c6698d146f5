"""How the segments of a run are named, put together from lines, and split into lines again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from muster.errors import RunNotFound
from muster.journal.stores import Store

SEGMENT = re.compile(r"(\d{8})\.jsonl")


def run_prefix(run: str) -> str:
    """Where everything of a run stands in a store."""
    return f"runs/{run}/"


def segment_name(run: str, first_seq: int) -> str:
    return f"{run_prefix(run)}{first_seq:08d}.jsonl"


def segment_content(lines: Iterable[bytes]) -> bytes:
    """The bytes of a segment: each line ended by a newline."""
    return b"".join(line + b"\n" for line in lines)


def lines_of(content: bytes) -> list[bytes]:
    """The lines of a segment, without newlines; what follows the last newline is a line too."""
    lines = content.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


def segment_names(store: Store, run: str) -> list[str]:
    """The segments of a run in order, by their names in the store."""
    prefix = run_prefix(run)
    return [name for name in store.names(prefix) if SEGMENT.fullmatch(name.removeprefix(prefix))]


def segments_of(store: Store, run: str) -> Sequence[tuple[str, bytes]]:
    """Every segment of a run: its file name within the run's folder, and its content.

    Raises:
        RunNotFound: The run has none.
    """
    names = segment_names(store, run)
    if not names:
        raise RunNotFound(f"This journal holds no run {run}")
    prefix = run_prefix(run)
    return [(name.removeprefix(prefix), store.read(name)) for name in names]


def last_line(store: Store, run: str) -> bytes:
    """The newest line of a run that has segments."""
    lines = lines_of(store.read(segment_names(store, run)[-1]))
    return lines[-1] if lines else b""
