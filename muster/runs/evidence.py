"""Record, report and manifest: written when a run ends, and again whenever somebody asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster.journal.events import Event, EventKind
from muster.journal.manifest import write_manifest
from muster.journal.segments import run_prefix, segment_names
from muster.journal.signing import HEAD, MANIFEST, load_signer
from muster.journal.stores import DirectoryStore, Store
from muster.report.write import HTML, RECORD, make_reports
from muster.settings import Settings

AGAIN = "made-again"


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


async def write_evidence(
    settings: Settings, run_id: str, events: Sequence[Event], store: Store | None = None
) -> Evidence:
    """Write what can be worked out from the events; sign a manifest once the run is closed.

    Args:
        settings: Which key signs, and where the journal is unless `store` says so.
        run_id: The run.
        events: All of its events.
        store: The journal, where it is not the settings' directory.
    """
    kept = store or DirectoryStore(settings.journal)
    return await asyncio.to_thread(_write, settings, run_id, events, kept)


def _write(settings: Settings, run_id: str, events: Sequence[Event], store: Store) -> Evidence:
    prefix, folder = run_prefix(run_id), folder_of(settings, run_id)
    segments = len(segment_names(store, run_id))
    made = make_reports(events, segments=segments, signature=_signature(store, prefix))
    is_signed = store.exists(prefix + MANIFEST)
    if is_signed and not _are_the_signed(store, prefix, made.files):
        # What was signed stays. A newer Muster may word things otherwise than the one that signed:
        # its reports then stand beside, where `verify` does not take them for the signed ones.
        prefix, folder = f"{prefix}{AGAIN}/", folder / AGAIN
        _replace(store, prefix, made.files)
    elif not is_signed:
        _replace(store, prefix, made.files)
        if any(event.kind == EventKind.CLOSED for event in events):
            write_manifest(store, run_id, load_signer(settings.signing_key))
    return Evidence(folder, folder / RECORD, folder / HTML, made.value)


def _replace(store: Store, prefix: str, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        store.replace(prefix + name, content)


def _are_the_signed(store: Store, prefix: str, files: Mapping[str, bytes]) -> bool:
    return all(
        store.exists(prefix + name) and store.read(prefix + name) == content
        for name, content in files.items()
    )


def _signature(store: Store, prefix: str) -> str | None:
    """Who signed the head, in words; None while nobody has. If it holds is for `verify`."""
    return signature_words(store.read(prefix + HEAD)) if store.exists(prefix + HEAD) else None


def signature_words(content: bytes) -> str:
    """Who signed a head, in the words of record and report."""
    try:
        head = json.loads(content)
        attested = "unattested" if head["unattested"] else "attested"
        return f"{head['alg']}, key {head['key_id']} ({attested})"
    except (ValueError, KeyError, TypeError):
        return "head.json does not read: run `muster verify`"
