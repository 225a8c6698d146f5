"""Evidence that somebody forged, or that is less than it looks: found, and said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from muster.errors import RunNotFound
from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.marks import SURROUNDINGS, private_cas, proxies
from muster.journal.signing import KeyFileSigner
from muster.journal.stores import DirectoryStore, MemoryStore
from muster.journal.verify import verify_run
from tests.fakes.clock import VirtualClock
from tests.unit.journal.evidence_runs import (
    READY,
    RUN,
    SIGNER,
    Change,
    codes,
    copy_of,
    forged,
    seg,
    store,
)
from tests.unit.journal.runs import a_signer, closed_run, folder_of, note, open_run

__all__ = ["store"]  # the fixture


def trust_file(folder: Path, signer: KeyFileSigner) -> Path:
    path = folder / "trusted.pub"
    public = signer._key.public_key()
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


async def test_a_flawless_forgery_is_signed_by_somebody_who_is_not_trusted(
    store: MemoryStore, tmp_path: Path
) -> None:
    trust = trust_file(tmp_path, SIGNER)
    assert verify_run((store, "r1"), trust=trust).signer_trusted is True
    true_head = verify_run((store, "r1")).head
    store.contents |= forged(store.contents, a_signer())

    assert verify_run((store, "r1")).ok  # nothing in it contradicts it …
    result = verify_run((store, "r1"), trust=trust)
    assert (result.ok, result.signer_trusted) == (False, False)
    assert codes(result) == ["VER-024"]
    assert "NOT trusted" in "\n".join(result.summary)
    result = verify_run((store, "r1"), expect_head=true_head)
    assert codes(result) == ["VER-050"]


async def test_a_head_of_another_run_is_refused(store: MemoryStore) -> None:
    await closed_run(store, SIGNER, run="r2")
    store.contents[RUN + "head.json"] = store.contents["runs/r2/head.json"]
    result = verify_run((store, "r1"))
    assert ("head.json", "VER-022") in {(f.place, f.code) for f in result.findings}
    assert not result.ok


async def test_a_run_filed_under_another_id_is_found(store: MemoryStore) -> None:
    for name in list(store.contents):
        if name.startswith(RUN):
            store.contents[name.replace("r1", "r7")] = store.contents[name]
    assert "VER-022" in codes(verify_run((store, "r7")))


async def test_an_open_run_reads_open_and_unsigned() -> None:
    store = MemoryStore()
    await note(await open_run(store))
    result = verify_run((store, "r1"))
    assert (result.ok, result.closed, result.signed) == (True, False, False)
    assert "Open, unsigned: NOT complete." in result.summary
    assert codes(result, "warning") == ["VER-061"]


def _drop_manifest(files: dict[str, bytes]) -> None:
    del files[RUN + "manifest.json"]


def _forge_record_without_manifest(files: dict[str, bytes]) -> None:
    _drop_manifest(files)
    files[RUN + "record.json"] = b'{"outcome":"passed"}'


@pytest.mark.parametrize("change", [_drop_manifest, _forge_record_without_manifest])
def test_a_closed_run_without_its_manifest_does_not_verify(change: Change) -> None:
    store = copy_of(READY)
    change(store.contents)
    result = verify_run((store, "r1"))
    assert (result.ok, codes(result)) == (False, ["VER-034"])


def test_an_open_run_beside_which_something_signed_claims_a_close_does_not_verify() -> None:
    store = copy_of(READY)
    del store.contents[seg(6)]
    assert {"VER-014", "VER-023"} <= set(codes(verify_run((store, "r1"))))
    del store.contents[RUN + "head.json"]
    result = verify_run((store, "r1"))
    assert [(f.place, f.code) for f in result.findings if f.severity == "error"] == [
        ("manifest.json", "VER-023")
    ]
    del store.contents[RUN + "manifest.json"]
    result = verify_run((store, "r1"))  # nothing is left that contradicts it, or proves it
    assert (result.ok, result.closed, result.signed, result.outcome) == (True, False, False, None)


@pytest.mark.parametrize(
    ("opened", "marks"),
    [
        ({"target": "azure"}, []),
        ({"target": "azure", "clock": {"speed": 1.0}, "private_ca": None}, []),
        ({"target": "simulator", "private_ca": "sha256:ab"}, ["SIMULATOR"]),
        ({"target": "simulator", "clock": {"speed": 60.0}}, ["SIMULATOR", "REHEARSAL"]),
        ({"target": "azure", "clock": {"speed": 60.0}, "rehearsal": False}, ["REHEARSAL"]),
        ({"target": "azure", "rehearsal": True}, ["REHEARSAL"]),
        ({"target": "azure", "private_ca": "sha256:ab"}, ["PRIVATE CA"]),
        ({"target": "elsewhere"}, ["TARGET UNKNOWN"]),
        ({}, ["TARGET UNKNOWN"]),
    ],
)
async def test_whatever_keeps_a_run_from_being_evidence_is_said(
    opened: dict[str, Any], marks: list[str]
) -> None:
    store = MemoryStore()
    await Journal.open_run(
        store, VirtualClock(), run="r1", plan="small", operation="drill", opened=opened
    )
    result = verify_run((store, "r1"))
    assert [mark.partition(":")[0] for mark in result.marks] == marks
    assert all(mark in result.summary for mark in result.marks)
    assert result.as_data()["marks"] == result.marks


async def test_a_private_authority_that_came_in_with_a_takeover_is_said_too() -> None:
    store = MemoryStore()
    opened = {"target": "azure", "private_ca": None, "proxy": None}
    journal = await Journal.open_run(
        store, VirtualClock(), run="r1", plan="small", operation="drill", opened=opened
    )
    more = {"private_ca": "sha256:ab", "proxy": "proxy.example"}
    await journal.append(EventKind.NOTED, {"what": SURROUNDINGS, "text": "another way", **more})
    assert private_cas(journal.events) == ("sha256:ab",)
    assert proxies(journal.events) == ("proxy.example",)
    assert "sha256:ab" in verify_run((store, "r1")).marks[0]


async def test_an_unattested_key_is_said() -> None:
    store = MemoryStore()
    await closed_run(store, a_signer(unattested=True))
    result = verify_run((store, "r1"))
    assert (result.ok, result.unattested) == (True, True)
    assert "unattested" in "\n".join(result.summary)


async def test_who_verifies_vouches_for_a_key_and_still_reads_what_its_head_says(
    tmp_path: Path,
) -> None:
    store = MemoryStore()
    signer = a_signer(unattested=True)
    await closed_run(store, signer)
    result = verify_run((store, "r1"), trust=trust_file(tmp_path, signer))
    assert (result.ok, result.signer_trusted, result.unattested) == (True, True, True)
    assert "(trusted, unattested)" in "\n".join(result.summary)
    assert "VER-025" in codes(result, "warning")


async def test_a_copied_folder_verifies_alone_and_says_what_it_cannot_know(
    tmp_path: Path,
) -> None:
    store = DirectoryStore(tmp_path / "evidence")
    await closed_run(store, SIGNER)
    copy = tmp_path / "handed over"
    shutil.copytree(folder_of(store), copy)
    result = verify_run(copy, trust=trust_file(tmp_path, SIGNER))
    assert (result.ok, result.run, result.signer_trusted) == (True, "r1", True)
    assert result.complete_up_to is None
    assert codes(result, "note") == ["VER-047"]
    segment = copy / "00000004.jsonl"
    content = segment.read_bytes()
    segment.chmod(0o600)
    segment.write_bytes(content.replace(b"two", b"2"))
    assert codes(verify_run(copy)) == ["VER-007", "VER-031"]
    assert verify_run(folder_of(store)).complete_up_to == 1  # in its journal: with the register


def test_where_no_run_is_none_is_verified(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match=str(tmp_path)):
        verify_run(tmp_path)
    with pytest.raises(RunNotFound, match="r9"):
        verify_run((MemoryStore(), "r9"))
