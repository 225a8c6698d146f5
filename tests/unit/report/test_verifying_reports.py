"""Record and page are worked out once more: what says otherwise than its journal is found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from muster import __version__
from muster.journal.bundle import Bundle
from muster.journal.chain import read_run
from muster.journal.events import Event
from muster.journal.lines import Finding
from muster.journal.manifest import write_manifest
from muster.journal.segments import segment_content, segment_name, segment_names
from muster.journal.signing import sign_head
from muster.journal.stores import DirectoryStore
from muster.journal.verify import Verification, verify_run
from muster.report.write import write_reports
from muster.runs.evidence import signature_words
from muster.runs.verifying import check_projections
from tests.unit.journal.runs import a_signer
from tests.unit.report import journals

RUN = "small-drill-000000000001"
OURS = {"name": "muster", "version": __version__}
OTHER = {"name": "muster", "version": "9.9.9"}


def kept(folder: Path, events: Sequence[Event], *, closed: bool, upto: int | None = None) -> Path:
    """A run as it lies in a folder: two segments, reports, and what is signed if it is closed."""
    store = DirectoryStore(folder)
    store.create(segment_name(RUN, 1), segment_content([e.line() for e in events[:3]]))
    if events[3:]:
        store.create(segment_name(RUN, 4), segment_content([e.line() for e in events[3:]]))
    events = read_run(store, RUN)  # as `finish` does: evidence is what is stored
    home = folder / "runs" / RUN
    signature = None
    signer = a_signer(unattested=True)
    if closed:
        sign_head(store, RUN, events[-1], signer)
        signature = signature_words((home / "head.json").read_bytes())
    segments = len(segment_names(store, RUN))
    write_reports(events[:upto], home, segments=segments, signature=signature)
    if closed:
        write_manifest(store, RUN, signer)
    return home


def verified(home: Path) -> Verification:
    return verify_run(home, projections=check_projections)


def errors(home: Path) -> list[tuple[str, str]]:
    found: tuple[Finding, ...] = verified(home).findings
    return [(one.place, one.code) for one in found if one.severity == "error"]


def rewrite(home: Path, **changes: Any) -> None:
    """Change keys of the record, and the page's headline with its outcome."""
    path = home / "record.json"
    record = json.loads(path.read_bytes()) | changes
    path.write_text(json.dumps(record))


def passed_page(home: Path) -> None:
    page = home / "report.html"
    page.write_text(page.read_text().replace("<b>FAILED</b>", "<b>PASSED</b>"))


def run_of(make: Any, tool: dict[str, str] = OURS) -> list[Event]:
    """The events of a run made by some version of Muster, chained anew."""
    events: list[Event] = make()
    writer = journals.Writer()
    for event in events:
        writer.now, writer.process = event.at, event.process
        data = {**event.data, "tool": tool} if event.seq == 1 else event.data
        writer.add(event.kind, event.step, **data)
    return writer.events


@pytest.mark.parametrize("make", journals.EVERY_RUN, ids=lambda make: make.__name__)
def test_every_run_and_its_reports_agree(tmp_path: Path, make: Any) -> None:
    events = run_of(make)
    closed = events[-1].kind.value == "closed"
    home = kept(tmp_path, events, closed=closed)
    result = verified(home)
    assert result.ok, result.findings
    assert not [one for one in result.findings if one.code in ("VER-036", "VER-037", "VER-038")]


def test_a_closed_run_whose_manifest_went_and_whose_record_now_passes(tmp_path: Path) -> None:
    home = kept(tmp_path, run_of(journals.failed_check), closed=True)
    (home / "manifest.json").unlink()
    assert errors(home) == [("manifest.json", "VER-034")]
    rewrite(home, outcome="passed")
    passed_page(home)
    assert {("record.json", "VER-036"), ("report.html", "VER-038")} < set(errors(home))


def test_a_run_that_was_cut_open_beside_reports_of_its_end(tmp_path: Path) -> None:
    events = run_of(journals.failed_check)
    home = kept(tmp_path, events, closed=True)
    for name in ("manifest.json", "head.json", segment_name(RUN, 4).rpartition("/")[2]):
        (home / name).unlink()
    lines = [event.line() for event in events[3:-1]]
    DirectoryStore(tmp_path).create(segment_name(RUN, 4), segment_content(lines))
    assert {("record.json", "VER-035"), ("report.html", "VER-038")} <= set(errors(home))
    (home / "record.json").unlink()
    assert errors(home) == [("report.html", "VER-038")]
    (home / "report.html").unlink()
    result = verified(home)
    assert (result.ok, result.closed, result.outcome) == (True, False, None)


def test_a_report_of_an_open_run_may_be_older_than_its_newest_event(tmp_path: Path) -> None:
    events = run_of(journals.crashed)
    home = kept(tmp_path, events, closed=False, upto=len(events) - 4)
    assert verified(home).ok, verified(home).findings
    rewrite(home, state="closed", outcome="passed")
    assert errors(home) == [("record.json", "VER-036")]


def test_a_closed_run_has_a_record_of_all_of_it(tmp_path: Path) -> None:
    events = run_of(journals.passed_drill)
    home = kept(tmp_path, events, closed=True, upto=len(events) - 1)
    assert ("record.json", "VER-035") in errors(home)


@pytest.mark.parametrize(
    ("changes", "severity", "code"),
    [
        ({"about": "other words"}, "warning", "VER-037"),
        ({"outcome": "passed"}, "error", "VER-036"),
        ({"target": "azure"}, "error", "VER-036"),
        ({"rehearsal": False}, "error", "VER-036"),
        ({"objectives": {}}, "error", "VER-036"),
        ({"cleanup": {"leftovers": []}}, "error", "VER-036"),
    ],
)
def test_another_version_may_word_a_record_otherwise_and_no_more(
    tmp_path: Path, changes: dict[str, Any], severity: str, code: str
) -> None:
    home = kept(tmp_path, run_of(journals.left_overs, OTHER), closed=True)
    rewrite(home, **changes)
    found = [one for one in verified(home).findings if one.place == "record.json"]
    assert (severity, code) in [(one.severity, one.code) for one in found]
    ours = kept(tmp_path / "ours", run_of(journals.left_overs), closed=True)
    rewrite(ours, **changes)
    assert ("record.json", "VER-036") in errors(ours)


def test_a_page_of_another_version_still_has_to_have_the_same_headline(tmp_path: Path) -> None:
    home = kept(tmp_path, run_of(journals.failed_check, OTHER), closed=True)
    page = home / "report.html"
    page.write_text(page.read_text().replace("Objectives", "Aims"))
    said = {(one.place, one.severity, one.code) for one in verified(home).findings}
    assert ("report.html", "warning", "VER-037") in said
    passed_page(home)
    assert ("report.html", "VER-038") in errors(home)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"7", b"null", b"{}", b'{"journal": 1}', b'{"journal": {"events": true}}'],
)
def test_what_is_no_record_is_an_error_and_no_crash(tmp_path: Path, content: bytes) -> None:
    home = kept(tmp_path, run_of(journals.passed_drill), closed=True)
    (home / "record.json").write_bytes(content)
    assert ("record.json", "VER-035") in errors(home)


def test_files_that_nothing_vouches_for_beside_an_open_run_are_named(tmp_path: Path) -> None:
    home = kept(tmp_path, run_of(journals.crashed), closed=False)
    (home / "final-report.html").write_text("PASSED")
    found = [(one.place, one.severity, one.code) for one in verified(home).findings]
    assert ("final-report.html", "warning", "VER-039") in found


def test_a_folder_that_was_copied_out_is_judged_as_well(tmp_path: Path) -> None:
    home = kept(tmp_path / "journal", run_of(journals.passed_drill), closed=True)
    copy = tmp_path / "handed-over"
    home.rename(copy)
    assert Bundle.of(copy).run is None
    assert errors(copy) == []
