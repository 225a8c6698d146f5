"""Closed runs whose evidence is to be tampered with, and what a verification said of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping

import pytest

from muster.journal.events import GENESIS, EventKind, event_from_json
from muster.journal.signing import KeyFileSigner, signed
from muster.journal.stores import MemoryStore
from muster.journal.verify import Verification
from tests.unit.journal.runs import a_signer, closed_run

RUN = "runs/r1/"


SIGNER = a_signer()


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await closed_run(store, SIGNER)
    return store


def codes(result: Verification, severity: str = "error") -> list[str]:
    return [finding.code for finding in result.findings if finding.severity == severity]


def copy_of(store: MemoryStore) -> MemoryStore:
    copy = MemoryStore()
    copy.contents = dict(store.contents)
    return copy


def _ready() -> MemoryStore:
    store = MemoryStore()
    asyncio.run(closed_run(store, SIGNER))
    return store


READY = _ready()


Change = Callable[[dict[str, bytes]], None]


def seg(n: int) -> str:
    return f"{RUN}{n:08d}.jsonl"


def forged(files: Mapping[str, bytes], signer: KeyFileSigner) -> dict[str, bytes]:
    """The run told anew, chained and signed flawlessly, by somebody else."""
    told: dict[str, bytes] = {}
    prev, last = GENESIS, None
    for name in sorted(name for name in files if name.endswith(".jsonl")):
        lines = b""
        for raw in files[name].splitlines():
            value = json.loads(raw) | {"prev": prev}
            if value["kind"] == EventKind.NOTED:
                value["data"]["text"] = "all went well"
            last = event_from_json(value)
            prev = last.digest()
            lines += last.line() + b"\n"
        told[name] = lines
    assert last is not None
    head = {"run": "r1", "seq": last.seq, "head": prev}
    told[RUN + "head.json"] = signed(head, "head", signer)
    entries = [
        {
            "name": name.removeprefix(RUN),
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
        for name, content in told.items()
    ]
    manifest = {"run": "r1", "files": entries}
    told[RUN + "manifest.json"] = signed(manifest, "manifest", signer)
    return told
