"""How a command that ran a run ends: the summary for people, or the one JSON object for
scripts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from muster.cli.output import print_json, say


def print_end(folder: Path, *, is_json: bool) -> None:
    """Print the end of a run from its evidence folder's record."""
    from muster.report.record import drill_json
    from muster.report.replication import replicate_json
    from muster.report.text import summary_text

    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    if is_json:
        is_drill = record["replication"] is None
        print_json((drill_json if is_drill else replicate_json)(record, folder))
        return
    say("")
    for line in summary_text(record, folder):
        say(line.rstrip())


def is_clean(record: Mapping[str, Any]) -> bool:
    """Whether a cleanup reached what it wanted, however the run it cleaned up after had ended.

    What a replication made is there to stay, so that closing its record is all there is to do.
    """
    if record.get("replication") is not None:
        return bool(record["state"] == "closed")
    cleanup = record["cleanup"]
    return bool(cleanup["proven"] or not (cleanup["acted"] or cleanup["leftovers"]))
