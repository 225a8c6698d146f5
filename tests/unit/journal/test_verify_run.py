"""Whatever is changed, dropped, moved or forged in a run's evidence is found and named."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.errors import RunNotFound
from muster.journal.chain import read_run
from muster.journal.events import GENESIS, EventKind, event_from_json
from muster.journal.journal import Journal
from muster.journal.manifest import write_manifest
from muster.journal.marks import SURROUNDINGS, private_cas, proxies
from muster.journal.signing import KeyFileSigner, signed
from muster.journal.stores import DirectoryStore, MemoryStore
from muster.journal.verify import Verification, verify_run
from tests.fakes.clock import VirtualClock
from tests.unit.journal.runs import a_signer, closed_run, folder_of, note, open_run

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


def trust_file(folder: Path, signer: KeyFileSigner) -> Path:
    path = folder / "trusted.pub"
    public = signer._key.public_key()
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


async def test_a_closed_run_verifies_and_says_what_is_known(store: MemoryStore) -> None:
    result = verify_run((store, "r1"))
    assert result.ok, result.findings
    assert (result.closed, result.signed, result.signer_trusted) == (True, True, None)
    assert (result.events, result.complete_up_to, result.outcome) == (6, 1, "passed")
    assert result.head == read_run(store, "r1")[-1].digest()
    said = "\n".join(result.summary)
    assert "6 events in 5 segments, chain unbroken" in said
    assert "later runs cannot be excluded" in said
    assert "SIMULATOR" in said
    assert json.loads(json.dumps(result.as_data()))["ok"] is True


def places_for_each_flip(store: MemoryStore, name: str) -> Iterator[tuple[int, set[str]]]:
    """The line that one byte was flipped in, and where verify sees errors; for every byte."""
    whole = store.contents[name]
    for position in range(len(whole)):
        changed = bytes([whole[position] ^ 1])
        store.contents[name] = whole[:position] + changed + whole[position + 1 :]
        findings = verify_run((store, "r1")).findings
        line = whole.count(b"\n", 0, position) + 1
        yield line, {finding.place for finding in findings if finding.severity == "error"}
    store.contents[name] = whole


async def test_every_flipped_byte_of_the_journal_is_found_in_its_file_and_line(
    store: MemoryStore,
) -> None:
    del store.contents[RUN + "manifest.json"]  # the chain and the signed head alone must do it
    assert codes(verify_run((store, "r1"))) == ["VER-034"]
    segments = store.names(RUN + "0")
    assert len(segments) == 5
    for name in segments:
        file = name.removeprefix(RUN)
        for line, places in places_for_each_flip(store, name):
            here = f"{file}:{line}"
            assert any(place.split(" ")[0] == here for place in places), (here, places)


@pytest.mark.parametrize(
    "name", [RUN + "head.json", RUN + "manifest.json", "plans/small/000001.json"]
)
async def test_every_flipped_byte_of_what_is_signed_or_registered_is_found(
    store: MemoryStore, name: str
) -> None:
    for _, places in places_for_each_flip(store, name):
        assert name.removeprefix(RUN) in places


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_change_of_any_bytes_is_found(data: st.DataObject) -> None:
    store = copy_of(READY)
    name = data.draw(st.sampled_from(sorted(store.contents)))
    whole = store.contents[name]
    start = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(0, min(40, len(whole) - start)))
    instead = data.draw(st.binary(max_size=40))
    changed = whole[:start] + instead + whole[start + length :]
    store.contents[name] = changed
    assert verify_run((store, "r1")).ok == (changed == whole)


def _ready() -> MemoryStore:
    store = MemoryStore()
    asyncio.run(closed_run(store, SIGNER))
    return store


READY = _ready()

Change = Callable[[dict[str, bytes]], None]


def _seg(n: int) -> str:
    return f"{RUN}{n:08d}.jsonl"


def _drop_segment(files: dict[str, bytes]) -> None:
    del files[_seg(4)]


def _drop_last_segment(files: dict[str, bytes]) -> None:
    del files[_seg(6)]


def _drop_first_line(files: dict[str, bytes]) -> None:
    files[_seg(1)] = files[_seg(1)].split(b"\n", 1)[1]


def _drop_second_line(files: dict[str, bytes]) -> None:
    files[_seg(1)] = files[_seg(1)].split(b"\n", 1)[0] + b"\n"


def _swap_lines(files: dict[str, bytes]) -> None:
    one, two, _ = files[_seg(1)].split(b"\n")
    files[_seg(1)] = two + b"\n" + one + b"\n"


def _swap_segments(files: dict[str, bytes]) -> None:
    files[_seg(3)], files[_seg(4)] = files[_seg(4)], files[_seg(3)]


def _double_line(files: dict[str, bytes]) -> None:
    files[_seg(3)] *= 2


def _double_segment(files: dict[str, bytes]) -> None:
    files[_seg(7)] = files[_seg(3)]


def _truncate_segment(files: dict[str, bytes]) -> None:
    files[_seg(4)] = files[_seg(4)][:-20]


def _drop_newline(files: dict[str, bytes]) -> None:
    files[_seg(4)] = files[_seg(4)][:-1]


def _empty_segment(files: dict[str, bytes]) -> None:
    files[_seg(4)] = b""


def _stray_segment(files: dict[str, bytes]) -> None:
    files[RUN + "0004.jsonl"] = files[_seg(4)]


def _drop_head(files: dict[str, bytes]) -> None:
    del files[RUN + "head.json"]


def _change_report(files: dict[str, bytes]) -> None:
    files[RUN + "record.json"] = b'{"run":"better"}'


def _drop_report(files: dict[str, bytes]) -> None:
    del files[RUN + "record.json"]


def _another_event_behind(files: dict[str, bytes]) -> None:
    last = event_from_json(json.loads(files[_seg(6)]))
    more = {**last.as_json(), "seq": 7, "kind": "noted", "prev": last.digest()}
    files[_seg(7)] = rfc8785.dumps(more) + b"\n"


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        (_drop_segment, "00000005.jsonl:1 seq 5", "VER-005"),
        (_drop_last_segment, "00000005.jsonl:1 seq 5", "VER-014"),
        (_drop_first_line, "00000001.jsonl:1 seq 2", "VER-005"),
        (_drop_second_line, "00000003.jsonl:1 seq 3", "VER-005"),
        (_swap_lines, "00000001.jsonl:1 seq 2", "VER-005"),
        (_swap_segments, "00000003.jsonl:1 seq 4", "VER-004"),
        (_double_line, "00000003.jsonl:2 seq 3", "VER-006"),
        (_double_segment, "00000007.jsonl:1 seq 3", "VER-004"),
        (_truncate_segment, "00000004.jsonl:1", "VER-003"),
        (_drop_newline, "00000004.jsonl:1 seq 4", "VER-002"),
        (_empty_segment, "00000004.jsonl", "VER-002"),
        (_stray_segment, "0004.jsonl", "VER-001"),
        (_drop_head, "head.json", "VER-021"),
        (_change_report, "record.json", "VER-031"),
        (_drop_report, "record.json", "VER-032"),
        (_another_event_behind, "00000007.jsonl:1 seq 7", "VER-009"),
    ],
)
def test_what_is_dropped_moved_doubled_or_cut_is_named(
    change: Change, place: str, code: str
) -> None:
    store = copy_of(READY)
    change(store.contents)
    result = verify_run((store, "r1"))
    assert not result.ok
    errors = {(f.place, f.code) for f in result.findings if f.severity == "error"}
    assert (place, code) in errors, errors
    assert "NOT as it was written" in result.summary[0]


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
    del store.contents[_seg(6)]
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


async def three_runs() -> MemoryStore:
    store = MemoryStore()
    for run in ("r1", "r2", "r3"):
        await closed_run(store, SIGNER, run=run)
    return store


async def test_a_missing_run_of_the_plan_shows() -> None:
    store = await three_runs()
    assert verify_run((store, "r1")).complete_up_to == 3
    for name in [name for name in store.contents if name.startswith("runs/r2/")]:
        del store.contents[name]
    result = verify_run((store, "r3"))
    assert codes(result) == ["VER-043"]
    assert result.complete_up_to == 1


async def test_a_missing_entry_of_the_register_shows() -> None:
    store = await three_runs()
    del store.contents["plans/small/000002.json"]
    assert codes(verify_run((store, "r1"))) == ["VER-041"]
    assert sorted(codes(verify_run((store, "r2")))) == ["VER-041", "VER-044"]


async def test_a_run_told_anew_does_not_end_as_the_next_one_saw_it() -> None:
    store = await three_runs()
    ones = {name: text for name, text in store.contents.items() if name.startswith(RUN)}
    store.contents |= forged(ones, SIGNER)
    assert codes(verify_run((store, "r3"))) == ["VER-046"]
    assert verify_run((store, "r3")).complete_up_to == 0


async def test_a_register_told_anew_does_not_fit_what_its_runs_were_opened_with() -> None:
    store = await three_runs()
    entry = json.loads(store.contents["plans/small/000003.json"])
    store.contents["plans/small/000003.json"] = rfc8785.dumps(entry | {"run": "r4"})
    assert "VER-044" in codes(verify_run((store, "r3")))
    store.contents["plans/small/000003.json"] = rfc8785.dumps(entry | {"operation": "failover"})
    assert codes(verify_run((store, "r3"))) == ["VER-045"]


async def test_the_head_of_the_newest_run_is_the_anchor_of_all() -> None:
    store = await three_runs()
    newest = verify_run((store, "r3")).head
    assert "VER-051" in codes(verify_run((store, "r1")), "note")
    anchored = verify_run((store, "r1"), expect_head=newest)
    assert (anchored.ok, anchored.complete_up_to) == (True, 3)
    assert "VER-051" not in codes(anchored, "note")
    for name in [name for name in store.contents if "r3/" in name or "/000003." in name]:
        del store.contents[name]
    assert codes(verify_run((store, "r1"), expect_head=newest)) == ["VER-050"]


async def test_a_run_that_was_registered_and_never_began_is_told_from_a_missing_one() -> None:
    store = MemoryStore()
    await closed_run(store, SIGNER, run="r1")
    await closed_run(store, SIGNER, run="dead")
    for name in [name for name in store.contents if name.startswith("runs/dead/")]:
        del store.contents[name]  # as if the process had died right behind the register
    await closed_run(store, SIGNER, run="r3")
    result = verify_run((store, "r3"))
    assert (result.ok, result.complete_up_to) == (True, 3)
    assert "VER-048" in codes(result, "note")


async def test_a_call_that_was_intended_and_never_accepted_is_named() -> None:
    store = MemoryStore()
    journal = await open_run(store)
    for vm in ("db1", "db2", "db3"):
        act = {"act": "test-failover", "subject": vm}
        await journal.append(EventKind.INTENDED, act, step=f"test-failover:{vm}")
    accepted = {"act": "test-failover", "subject": "db2", "job_id": "j"}
    await journal.append(EventKind.ACCEPTED, accepted, step="test-failover:db2")
    failed = {"status": "failed", "error": {"code": "AZ-409"}}
    await journal.append(EventKind.FINISHED, failed, step="test-failover:db3")
    result = verify_run((store, "r1"))
    (finding,) = [finding for finding in result.findings if finding.code == "VER-060"]
    assert finding.place == "00000003.jsonl:1 seq 3"
    assert "test-failover of db1" in finding.sentence


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"process": "somebody"}, "VER-011"),
        ({"mono": -1.0}, "VER-012"),
        ({"kind": EventKind.OPENED}, "VER-008"),
        ({"kind": EventKind.OWNER, "data": {"epoch": 7}}, "VER-010"),
    ],
)
async def test_a_chain_that_holds_and_tells_what_cannot_be_is_refused(
    change: dict[str, object], code: str
) -> None:
    store = MemoryStore()
    journal = await open_run(store)
    await note(journal)
    value = json.loads(journal.events[-1].line()) | change
    store.contents["runs/r1/00000003.jsonl"] = rfc8785.dumps(value) + b"\n"
    assert codes(verify_run((store, "r1"))) == [code]


async def test_a_clock_that_was_set_back_is_a_warning_only() -> None:
    store = MemoryStore()
    clock = VirtualClock()
    journal = await open_run(store, clock=clock)
    clock.start = clock.start.replace(hour=1)
    await note(journal)
    result = verify_run((store, "r1"))
    assert result.ok
    assert "VER-013" in codes(result, "warning")


async def test_an_heir_on_another_machine_continues_the_chain() -> None:
    store = MemoryStore()
    await open_run(store)
    heir = await Journal.take_over(store, VirtualClock(), "r1", why="crash")
    await heir.close({"outcome": "failed"}, SIGNER)
    write_manifest(store, "r1", SIGNER)
    result = verify_run((store, "r1"))
    assert result.ok, result.findings
    assert result.outcome == "failed"
