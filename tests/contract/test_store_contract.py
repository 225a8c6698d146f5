"""What every store promises: a name appears once, whole, and stays as it is."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from muster.errors import JournalError, SegmentTaken
from muster.journal.stores import DirectoryStore, MemoryStore, Store

NAME = "runs/r1/00000001.jsonl"


@pytest.fixture(params=["directory", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return DirectoryStore(tmp_path / "evidence") if request.param == "directory" else MemoryStore()


def test_what_was_created_is_read_back(store: Store) -> None:
    store.create(NAME, b"line\n")
    assert store.read(NAME) == b"line\n"
    assert store.exists(NAME)


def test_a_name_is_created_once_and_keeps_its_first_content(store: Store) -> None:
    store.create(NAME, b"first")
    with pytest.raises(SegmentTaken, match=NAME):
        store.create(NAME, b"second")
    assert store.read(NAME) == b"first"


def test_reading_what_is_not_there_is_an_error_with_its_name(store: Store) -> None:
    with pytest.raises(JournalError, match=NAME) as caught:
        store.read(NAME)
    assert caught.value.shown_code == "JRN-008"
    assert not store.exists(NAME)


def test_a_report_takes_the_place_of_an_older_one_and_leads_nowhere_else(store: Store) -> None:
    store.replace("runs/r1/record.json", b"old")
    store.replace("runs/r1/record.json", b"new")
    assert store.read("runs/r1/record.json") == b"new"
    assert store.names("runs/") == ["runs/r1/record.json"]
    with pytest.raises(JournalError, match="JRN-007"):
        store.replace("../record.json", b"elsewhere")


def test_names_are_sorted_and_chosen_by_prefix(store: Store) -> None:
    for name in ("runs/b/2", "runs/a/10", "runs/a/02", "plans/a/000001.json", "runs/ab/1"):
        store.create(name, b"x")
    assert store.names("runs/a/") == ["runs/a/02", "runs/a/10"]
    assert store.names("runs/a") == ["runs/a/02", "runs/a/10", "runs/ab/1"]
    assert store.names("runs/none/") == []
    assert len(store.names()) == 5


@pytest.mark.parametrize(
    "name", ["../outside", "a/../../b", "/etc/x", "", "a//b", ".tmp-x", "a/.hidden", "a\\b", "a b"]
)
def test_a_name_cannot_lead_out_of_the_store(store: Store, name: str, tmp_path: Path) -> None:
    for act in (lambda: store.create(name, b"x"), lambda: store.read(name)):
        with pytest.raises(JournalError) as caught:
            act()
        assert caught.value.shown_code == "JRN-007"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_of_many_threads_one_wins_a_name(store: Store) -> None:
    barrier, outcomes = threading.Barrier(8), []

    def race(number: int) -> None:
        barrier.wait()
        try:
            store.create(NAME, str(number).encode() * 1000)
        except SegmentTaken:
            outcomes.append(None)
        else:
            outcomes.append(number)

    threads = [threading.Thread(target=race, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [number for number in outcomes if number is not None]
    assert len(outcomes) == 8
    assert store.read(NAME) == str(winner).encode() * 1000


def _take_all(root: str, number: int, names: int) -> list[str]:
    """Try for every name in turn; which ones this process won."""
    store, won = DirectoryStore(Path(root)), []
    for n in range(names):
        name = f"runs/r1/{n:08d}.jsonl"
        try:
            store.create(name, f"{number}".encode() * 5000)
        except SegmentTaken:
            continue
        won.append(name)
    return won


def test_of_many_processes_exactly_one_wins_each_name(tmp_path: Path) -> None:
    names, processes = 40, 4
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(_take_all, str(tmp_path), n, names) for n in range(processes)]
        won = [future.result(timeout=60) for future in futures]
    assert sorted(name for names_of_one in won for name in names_of_one) == [
        f"runs/r1/{n:08d}.jsonl" for n in range(names)
    ]
    store = DirectoryStore(tmp_path)
    for number, names_of_one in enumerate(won):
        for name in names_of_one:
            assert store.read(name) == f"{number}".encode() * 5000
    assert [path.name for path in tmp_path.rglob(".tmp-*")] == []


def test_a_temporary_file_of_a_crash_is_not_seen_and_does_not_hinder(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.create("runs/r1/00000001.jsonl", b"whole")
    (tmp_path / "runs/r1/.tmp-of-a-crash").write_bytes(b'{"seq":2,"ki')
    assert store.names("runs/r1/") == ["runs/r1/00000001.jsonl"]
    store.create("runs/r1/00000002.jsonl", b"next")
    assert store.names("runs/r1/")[-1] == "runs/r1/00000002.jsonl"


def test_what_is_stored_is_not_writable(tmp_path: Path) -> None:
    DirectoryStore(tmp_path).create(NAME, b"x")
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o440


def test_a_store_that_cannot_be_written_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = DirectoryStore(tmp_path / "file")
    with pytest.raises(JournalError, match="could not store") as caught:
        store.create(NAME, b"x")
    assert caught.value.shown_code == "JRN-005"
    assert "MUSTER_JOURNAL" in caught.value.shown_hint


def test_a_name_that_is_taken_leaves_no_temporary_file(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.create(NAME, b"x")
    with pytest.raises(SegmentTaken):
        store.create(NAME, b"y")
    assert [path.name for path in (tmp_path / NAME).parent.iterdir()] == ["00000001.jsonl"]
