"""A finished drill's evidence, changed afterwards: `muster verify` says where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearsal.arm_wire import Azure
from tests.rehearsal.bench import Bench
from tests.rehearsal.command import Ended, muster
from tests.rehearsal.plans import http, plan

pytestmark = [pytest.mark.rehearsal, pytest.mark.xdist_group("tampering")]


@pytest.fixture(scope="module")
def finished(bad_azure: Azure, tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, str]:
    bench = Bench(bad_azure, tmp_path_factory.mktemp("finished"))
    ended = bench.drill(plan("evident", "web1", checks=[http("web1")]))
    bench.judge(ended, 0, "passed")
    return bench, str(ended.json()["run"])


@pytest.fixture
def journal(finished: tuple[Bench, str], tmp_path: Path) -> Path:
    """A copy of the whole journal, for the test to spoil."""
    copy = tmp_path / "evidence"
    shutil.copytree(finished[0].journal, copy)
    for file in copy.rglob("*"):
        if file.is_file():
            file.chmod(0o640)
    return copy


def verify(finished: tuple[Bench, str], journal: Path) -> Ended:
    bench, run = finished
    environ = bench.environ() | {"MUSTER_JOURNAL": str(journal)}
    return muster("verify", run, environ=environ, home=journal.parent)


def segments(journal: Path, run: str) -> list[Path]:
    return sorted((journal / "runs" / run).glob("[0-9]*.jsonl"))


def change_a_byte(folder: list[Path]) -> str:
    victim = next(file for file in folder if b'"checked"' in file.read_bytes())
    victim.write_bytes(victim.read_bytes().replace(b'"passed"', b'"failed"', 1))
    return victim.name


def drop_a_segment(folder: list[Path]) -> str:
    victim = folder[len(folder) // 2]
    victim.unlink()
    return folder[len(folder) // 2 + 1].name


def swap_two_segments(folder: list[Path]) -> str:
    one, other = folder[3], folder[4]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    return one.name


def cut_the_end(folder: list[Path]) -> str:
    folder[-1].unlink()
    return ""


def change_the_record(folder: list[Path]) -> str:
    record = folder[0].parent / "record.json"
    value = json.loads(record.read_text()) | {"owner": "somebody else"}
    record.write_text(json.dumps(value))
    return record.name


def change_the_report(folder: list[Path]) -> str:
    report = folder[0].parent / "report.html"
    report.write_text(report.read_text().replace("passed", "failed", 1))
    return report.name


def change_the_head(folder: list[Path]) -> str:
    head = folder[0].parent / "head.json"
    text = head.read_text()
    at = text.index('"sig') + 20
    head.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    return head.name


@pytest.mark.parametrize(
    "spoil",
    [
        change_a_byte,
        drop_a_segment,
        swap_two_segments,
        cut_the_end,
        change_the_record,
        change_the_report,
        change_the_head,
    ],
)
def test_verify_names_the_place(
    finished: tuple[Bench, str], journal: Path, spoil: Callable[[list[Path]], str]
) -> None:
    assert verify(finished, journal).code == 0  # as it was
    place = spoil(segments(journal, finished[1]))
    ended = verify(finished, journal)
    assert ended.code == 1, ended
    assert place in ended.out
    assert "NOT verified" in ended.out


def test_a_folder_by_itself_can_be_verified_and_names_the_place_too(
    finished: tuple[Bench, str], journal: Path
) -> None:
    folder = journal / "runs" / finished[1]
    environ = finished[0].environ()
    ended = muster("verify", str(folder), environ=environ, home=journal.parent)
    assert ended.code == 0, ended
    place = change_a_byte(segments(journal, finished[1]))
    ended = muster("verify", str(folder), environ=environ, home=journal.parent)
    assert ended.code == 1, ended
    assert place in ended.out
