"""Record, report and manifest: written when a run ends, and again whenever somebody asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from muster.journal.events import Event, EventKind
from muster.journal.manifest import write_manifest
from muster.journal.segments import segment_names
from muster.journal.signing import load_signer
from muster.journal.stores import DirectoryStore
from muster.report.write import ReportPaths, write_reports
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
    store = DirectoryStore(settings.journal)
    segments = len(segment_names(store, run_id))
    made = partial(write_reports, events, segments=segments, signature=_signature(folder))
    if (folder / "manifest.json").exists():
        return _made_again(folder, made)
    paths = made(folder)
    if any(event.kind == EventKind.CLOSED for event in events):
        write_manifest(store, run_id, load_signer(settings.signing_key))
    return Evidence(folder, paths.record, paths.html, paths.value)


def _made_again(folder: Path, made: Callable[[Path], ReportPaths]) -> Evidence:
    """Reports of a run whose manifest is signed: what was signed stays.

    A newer Muster may word things otherwise than the one that signed: its reports then stand
    beside, under `made-again/`, where `verify` does not take them for the signed ones.
    """
    with TemporaryDirectory() as scratch:
        fresh = made(Path(scratch))
        names = [fresh.record.name, fresh.html.name]
        same = all(
            _content(folder / name) == (Path(scratch) / name).read_bytes() for name in names
        )
        value = fresh.value
    if not same:
        paths = made(folder / "made-again")
        return Evidence(folder, paths.record, paths.html, paths.value)
    return Evidence(folder, folder / names[0], folder / names[1], value)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _signature(folder: Path) -> str | None:
    """Who signed the head, in words; None while nobody has. If it holds is for `verify`."""
    try:
        return signature_words((folder / "head.json").read_bytes())
    except FileNotFoundError:
        return None


def signature_words(content: bytes) -> str:
    """Who signed a head, in the words of record and report."""
    try:
        head = json.loads(content)
        attested = "unattested" if head["unattested"] else "attested"
        return f"{head['alg']}, key {head['key_id']} ({attested})"
    except (ValueError, KeyError, TypeError):
        return "head.json does not read: run `muster verify`"
