"""Words for people, the terminal's summary, Markdown for artifacts, and the files themselves."""

from __future__ import annotations

import json

import pytest

from muster.report.markdown import plain, report_markdown, timeline_markdown
from muster.report.record import build_record
from muster.report.render_html import render_html
from muster.report.text import summary_text
from muster.report.words import clock_words, name_of, seqs_words, span_words, utc_words
from muster.report.write import write_reports
from tests.unit.report import journals


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "not evidenced"),
        (0, "0 s"),
        (4.24, "4.2 s"),
        (9.96, "10 s"),
        (42, "42 s"),
        (59.7, "1 min"),
        (60, "1 min"),
        (723, "12 min 03 s"),
        (2700, "45 min"),
        (3600, "1 h"),
        (3605, "1 h 00 min 05 s"),
        (3900, "1 h 05 min"),
        (-5, "-5 s"),
    ],
)
def test_spans_read_like_spans(seconds, words):
    assert span_words(seconds) == words


def test_instants_and_ids_read_short():
    assert utc_words("2026-03-01T03:12:04.500000Z") == "2026-03-01 03:12:04"
    assert clock_words("2026-03-01T03:12:04+02:00") == "01:12:04"
    assert clock_words("nonsense") == "—"
    assert name_of("/subscriptions/x/virtualMachines/db1-test") == "db1-test"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([4], "event 4"), ([4, 7, 8, 9, 7], "events 4, 7-9"), ([1, 2], "events 1-2")],
)
def test_runs_of_events_are_drawn_together(numbers, words):
    assert seqs_words(numbers) == words


def test_the_summary_has_objectives_actuals_path_left_overs_and_files(tmp_path):
    lines = summary_text(build_record(journals.passed_drill()), tmp_path)
    text = "\n".join(lines)
    assert lines[0] == "small: drill PASSED"
    assert lines[1].startswith("Simulator:")
    assert "RTO            30 min       actual 11 min 19 s    met" in lines
    assert "Left-overs     none" in lines
    assert "database · test-failover · db1  3 min 23 s" in text
    assert str(tmp_path / "report.html") in text
    assert "\x1b" not in text


def test_the_summary_of_a_failure_says_why_and_what_is_left():
    text = "\n".join(summary_text(build_record(journals.left_overs())))
    assert "NOT PROVEN CLEAN: 1 thing of this run is left" in text
    assert "[CLEAN-001]" in text
    assert "OPEN (not closed)" in summary_text(build_record(journals.crashed()))[0]


def test_markdown_carries_the_marking_and_the_causes():
    text = report_markdown(build_record(journals.failed_job()))
    assert text.startswith("# small: drill FAILED")
    assert "> **Simulator:" in text
    assert "`ASR-FAILED`" in text


def test_text_from_a_journal_is_only_text_in_markdown():
    assert (
        plain("<img src=x> [a](b) | `c`\n# d")
        == "\\<img src=x\\> \\[a\\]\\(b\\) \\| \\`c\\` \\# d"
    )


def test_the_markdown_timeline_has_a_row_per_vm_of_even_width():
    lines = timeline_markdown(build_record(journals.failed_job())).splitlines()
    rows = [line for line in lines if line.startswith("| web")]
    assert len(rows) == 2
    assert len({len(row.split("`")[1]) for row in rows}) == 1
    assert "✘" in rows[1]
    assert timeline_markdown(build_record([])) == "No step was begun yet.\n"


def test_reports_are_written_and_a_newer_projection_replaces_an_older_one(tmp_path):
    folder = tmp_path / "runs" / "one"
    first = write_reports(journals.crashed(), folder)
    before = first.record.read_bytes()
    second = write_reports(journals.crashed_then_cleaned(), folder, segments=7, signature="valid")
    assert second.record == first.record
    assert second.record.read_bytes() != before
    assert json.loads(second.record.read_text(encoding="utf-8")) == second.value
    assert second.value["journal"]["segments"] == 7
    assert second.html.read_text(encoding="utf-8") == render_html(second.value)
    assert sorted(path.name for path in folder.iterdir()) == ["record.json", "report.html"]


def test_the_same_events_make_the_same_files(tmp_path):
    one = write_reports(journals.failed_check(), tmp_path / "a")
    two = write_reports(journals.failed_check(), tmp_path / "b")
    assert one.record.read_bytes() == two.record.read_bytes()
    assert one.html.read_bytes() == two.html.read_bytes()


def test_an_optional_check_that_failed_is_named_though_the_drill_passed() -> None:
    record = build_record(journals.optional_vm_failed())
    assert record["outcome"] == "passed"
    told = [line for line in summary_text(record) if line.startswith("Optional")]
    assert len(told) == 1
    assert told[0].endswith((": failed", ": not run", ": not evidenced"))


def test_a_long_reason_is_cut_between_words():
    record = build_record(journals.crashed())
    address = "https://management.azure.com/subscriptions/" + "a" * 60
    record["objectives"]["rto"] |= {
        "actual": None,
        "why": f"asked {'long ' * 12}{address} and more",
    }
    line = next(line for line in summary_text(record) if line.startswith("RTO"))
    assert line.endswith("long …")
