"""Who else hears what a flow does: `muster drill` follows the flow it started through a pipe."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from muster.errors import MusterError
from muster.journal.events import Event
from muster.runs.result import RunResult


class Teller:
    """Writes one JSON object per line to a pipe; without one, sentences go to the flow's own
    output.
    """

    def __init__(self) -> None:
        self._pipe: int | None = None

    def open(self, pipe: int) -> None:
        self._pipe = pipe

    def event(self, event: Event) -> None:
        if self._pipe is not None:
            self._write({"event": event.as_json()})

    def say(self, sentence: str) -> None:
        if self._pipe is None:
            sys.stderr.write(f"{sentence}\n")
        self._write({"say": sentence})

    def ended(self, result: RunResult) -> None:
        self._write(
            {
                "result": {
                    "run": result.run,
                    "outcome": result.outcome,
                    "exit_code": result.exit_code,
                    "folder": str(result.folder),
                }
            }
        )

    def refused(self, error: MusterError) -> None:
        self._write({"error": {**error.as_data(), "exit_code": error.exit_code}})

    def _write(self, value: dict[str, Any]) -> None:
        if self._pipe is None:
            return
        line = f"{json.dumps(value, default=str)}\n".encode()
        try:
            while line:
                line = line[os.write(self._pipe, line) :]
        except BrokenPipeError:
            self._pipe = None  # nobody listens any more; the run goes on


TELLER = Teller()
"""The one of this process."""
