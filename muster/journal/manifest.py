"""The manifest of a closed run: a signed digest of every file of its evidence."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from muster.errors import JournalError
from muster.journal.segments import run_prefix
from muster.journal.signing import HEAD, MANIFEST, Signer, create_once, signed
from muster.journal.stores import Store


def write_manifest(store: Store, run: str, signer: Signer) -> bool:
    """Sign the digests of everything a closed run holds: segments, head, record, reports.

    Call it once the reports are written. The first manifest stays: reports made again later are
    compared with it by `muster verify`.

    Returns:
        Whether this call wrote it; False when there was one.

    Raises:
        JournalError: The run is not closed and signed (JRN-010), or by another key (JRN-013).
    """
    prefix = run_prefix(run)
    if not store.exists(prefix + HEAD):
        raise JournalError(
            f"Run {run} has no signed head: a manifest comes after it",
            code="JRN-010",
            hint="Run `muster cleanup RUN`: it cleans up and closes.",
        )
    if not _is_of(store.read(prefix + HEAD), signer):
        raise JournalError(
            f"The head of run {run} was signed by another key than {signer.key_id}",
            code="JRN-013",
            hint="One key signs a run: name that one with MUSTER_SIGNING_KEY, then try again.",
        )
    statement = {"run": run, "files": [_entry(store, prefix, name) for name in _files(store, run)]}
    return create_once(store, prefix + MANIFEST, signed(statement, "manifest", signer))


def _is_of(head: bytes, signer: Signer) -> bool:
    try:
        return bool(json.loads(head)["public_key"] == signer.public_key)
    except (ValueError, TypeError, KeyError):
        return False


def belongs(name: str) -> bool:
    """Whether a file of a run's folder is evidence; the inbox may still be written to."""
    return name != MANIFEST and not name.startswith("inbox/")


def _files(store: Store, run: str) -> list[str]:
    prefix = run_prefix(run)
    return [name for name in store.names(prefix) if belongs(name.removeprefix(prefix))]


def _entry(store: Store, prefix: str, name: str) -> dict[str, Any]:
    content = store.read(name)
    return {
        "name": name.removeprefix(prefix),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
