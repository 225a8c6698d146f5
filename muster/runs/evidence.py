"""Record, report and manifest: written when a run ends, and again whenever somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster.journal.events import Event, EventKind
from muster.journal.manifest import write_manifest
from muster.journal.signing import load_signer
from muster.journal.stores import DirectoryStore
from muster.report.write import write_reports
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the evidence of a run lies, and what its record says."""

    folder: Path
    record: Path
    html: Path
    value: Mapping[str, Any]


def folder_of(settings: Settings, run_id: str) -> Path:
    """The evidence folder of a run in a directory store."""
    return settings.journal / "runs" / run_id


async def write_evidence(settings: Settings, run_id: str, events: Sequence[Event]) -> Evidence:
    """Write what can be worked out from the events; sign a manifest once the run is closed."""
    return await asyncio.to_thread(_write, settings, run_id, events)


def _write(settings: Settings, run_id: str, events: Sequence[Event]) -> Evidence:
    folder = folder_of(settings, run_id)
    paths = write_reports(events, folder)
    if any(event.kind == EventKind.CLOSED for event in events):
        write_manifest(DirectoryStore(settings.journal), run_id, load_signer(settings.signing_key))
    return Evidence(folder, paths.record, paths.html, paths.value)
