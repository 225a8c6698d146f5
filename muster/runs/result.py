"""How a run ended, for whoever started it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster.journal.events import Event


@dataclass(frozen=True, slots=True)
class RunResult:
    """The end of a run in this process."""

    run: str
    outcome: str  # passed | failed | aborted
    exit_code: int
    causes: Sequence[Mapping[str, Any]]
    folder: Path  # the evidence: journal, record.json, report.html
    record: Mapping[str, Any]
    events: Sequence[Event]
