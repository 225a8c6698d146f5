"""Small runs to start a test from: in memory or in a folder, closed and signed or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.manifest import write_manifest
from muster.journal.signing import KeyFileSigner
from muster.journal.stores import DirectoryStore, Store
from tests.fakes.clock import VirtualClock

OPENED: Mapping[str, Any] = {"target": "simulator", "plan_digest": "d1", "canonical": {"a": 1}}


def a_signer(*, unattested: bool = False) -> KeyFileSigner:
    return KeyFileSigner(Ed25519PrivateKey.generate(), unattested=unattested)


async def open_run(
    store: Store, run: str = "r1", plan: str = "small", clock: VirtualClock | None = None
) -> Journal:
    clock = clock or VirtualClock()
    return await Journal.open_run(
        store, clock, run=run, plan=plan, operation="drill", opened=OPENED
    )


async def note(journal: Journal, text: str = "hello", **more: Any) -> Any:
    return await journal.append(EventKind.NOTED, {"what": "warning", "text": text, **more})


async def closed_run(
    store: Store, signer: KeyFileSigner | None = None, run: str = "r1", plan: str = "small"
) -> Journal:
    """Six events in five segments, closed, signed, with a report and a manifest."""
    clock = VirtualClock()
    journal = await open_run(store, run, plan, clock)
    for text in ("one", "two", "three"):
        clock.advance(timedelta(seconds=7))
        await note(journal, text)
    signer = signer or a_signer()
    await journal.close({"outcome": "passed", "causes": [], "leftovers": []}, signer)
    store.create(f"runs/{run}/record.json", b'{"run":"small"}')
    write_manifest(store, run, signer)
    return journal


def folder_of(store: DirectoryStore, run: str = "r1") -> Path:
    return store.root / "runs" / run
