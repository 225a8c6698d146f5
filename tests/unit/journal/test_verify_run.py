"""Whatever is changed, dropped or moved in a run's evidence is found and named."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.journal.chain import read_run
from muster.journal.events import event_from_json
from muster.journal.stores import MemoryStore
from muster.journal.verify import verify_run
from tests.unit.journal.evidence_runs import READY, RUN, Change, codes, copy_of, seg, store

__all__ = ["store"]  # the fixture


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


def _drop_segment(files: dict[str, bytes]) -> None:
    del files[seg(4)]


def _drop_last_segment(files: dict[str, bytes]) -> None:
    del files[seg(6)]


def _drop_first_line(files: dict[str, bytes]) -> None:
    files[seg(1)] = files[seg(1)].split(b"\n", 1)[1]


def _drop_second_line(files: dict[str, bytes]) -> None:
    files[seg(1)] = files[seg(1)].split(b"\n", 1)[0] + b"\n"


def _swap_lines(files: dict[str, bytes]) -> None:
    one, two, _ = files[seg(1)].split(b"\n")
    files[seg(1)] = two + b"\n" + one + b"\n"


def _swap_segments(files: dict[str, bytes]) -> None:
    files[seg(3)], files[seg(4)] = files[seg(4)], files[seg(3)]


def _double_line(files: dict[str, bytes]) -> None:
    files[seg(3)] *= 2


def _double_segment(files: dict[str, bytes]) -> None:
    files[seg(7)] = files[seg(3)]


def _truncate_segment(files: dict[str, bytes]) -> None:
    files[seg(4)] = files[seg(4)][:-20]


def _drop_newline(files: dict[str, bytes]) -> None:
    files[seg(4)] = files[seg(4)][:-1]


def _empty_segment(files: dict[str, bytes]) -> None:
    files[seg(4)] = b""


def _stray_segment(files: dict[str, bytes]) -> None:
    files[RUN + "0004.jsonl"] = files[seg(4)]


def _drop_head(files: dict[str, bytes]) -> None:
    del files[RUN + "head.json"]


def _change_report(files: dict[str, bytes]) -> None:
    files[RUN + "record.json"] = b'{"run":"better"}'


def _drop_report(files: dict[str, bytes]) -> None:
    del files[RUN + "record.json"]


def _another_event_behind(files: dict[str, bytes]) -> None:
    last = event_from_json(json.loads(files[seg(6)]))
    more = {**last.as_json(), "seq": 7, "kind": "noted", "prev": last.digest()}
    files[seg(7)] = rfc8785.dumps(more) + b"\n"


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
