"""Record and report as files, worked out from the events; a newer pair replaces an older one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from muster.journal.events import Event
from muster.journal.stores import DirectoryStore
from muster.report.record import build_record
from muster.report.render_html import render_html

RECORD, HTML = "record.json", "report.html"


class Reports(NamedTuple):
    """The record as a value, and what the two files hold, by name."""

    value: Mapping[str, Any]
    files: Mapping[str, bytes]


class ReportPaths(NamedTuple):
    """Where the two files lie, and the record as a value."""

    record: Path
    html: Path
    value: Mapping[str, Any]


def make_reports(
    events: Sequence[Event], *, segments: int | None = None, signature: str | None = None
) -> Reports:
    """Work the record out from the events, and the page from the record.

    Args:
        events: All events of one run, open or closed.
        segments: How many stored segments the events came from, where known.
        signature: What is known of the head's signature.
    """
    value = build_record(events, segments=segments, signature=signature)
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return Reports(value, {RECORD: text.encode(), HTML: render_html(value).encode()})


def write_reports(
    events: Sequence[Event],
    folder: Path,
    *,
    segments: int | None = None,
    signature: str | None = None,
) -> ReportPaths:
    """Write `record.json` and `report.html` into a folder, made if it is not there.

    Args:
        events: As in `make_reports`, like the rest.
        folder: Where to.
        segments: See there.
        signature: See there.

    Raises:
        OSError: The folder cannot be written.
    """
    made = make_reports(events, segments=segments, signature=signature)
    for name, content in made.files.items():
        DirectoryStore(folder).replace(name, content)
    return ReportPaths(folder / RECORD, folder / HTML, made.value)
