"""Puts record and report into a run's folder; a newer projection replaces an older one whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from muster.journal.events import Event
from muster.report.record import build_record
from muster.report.render_html import render_html

RECORD, HTML = "record.json", "report.html"


class ReportPaths(NamedTuple):
    """Where the two files lie, and the record as a value."""

    record: Path
    html: Path
    value: Mapping[str, Any]


def write_reports(
    events: Sequence[Event],
    folder: Path,
    *,
    segments: int | None = None,
    signature: str | None = None,
) -> ReportPaths:
    """Work the record out from the events and write `record.json` and `report.html`.

    Args:
        events: All events of one run, open or closed.
        folder: Made if it is not there.
        segments: How many stored segments the events came from, where known.
        signature: What is known of the head's signature.

    Raises:
        OSError: The folder cannot be written.
    """
    value = build_record(events, segments=segments, signature=signature)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    _replace(folder / RECORD, text)
    _replace(folder / HTML, render_html(value))
    return ReportPaths(folder / RECORD, folder / HTML, value)


def _replace(path: Path, text: str) -> None:
    """A reader sees the old file or the new one, never half of one."""
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
    ) as file:
        part = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o644)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
