"""Timeline and plots: well-formed, true to the record, readable from 1 VM to 60."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from muster.report.record import build_record
from muster.report.rpo_svg import rpo_svg
from muster.report.svg_style import COLOURS, INK, VERMILION, WIDTH
from muster.report.timeline_axis import Axis
from muster.report.timeline_rows import timeline_rows
from muster.report.timeline_svg import timeline_svg
from tests.unit.report import journals
from tests.unit.report.big_plan import big_drill
from tests.unit.report.journals import START

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own text


def words_of(svg: str) -> list[str]:
    return [text.text or "" for text in drawn(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("run", [*journals.EVERY_RUN, list])
def test_every_run_can_be_drawn(run):
    record = build_record(run())
    assert drawn(timeline_svg(record)).tag == f"{SVG}svg"
    assert drawn(rpo_svg(record)).tag == f"{SVG}svg"


def test_a_run_without_steps_says_so():
    assert "there is no timeline" in timeline_svg(build_record(journals.opened_only()))


def test_rows_are_the_plan_then_groups_with_their_vms_and_actions():
    rows = timeline_rows(build_record(journals.passed_drill()))
    assert [(row.group, row.label) for row in rows] == [
        ("plan", "whole plan"),
        ("database", "db1"),
        ("database", "actions"),
        ("web", "web1"),
        ("web", "web2"),
    ]
    kinds = [bar.kind for bar in rows[3].bars]
    assert kinds == ["test-failover", "boot", "checks", "checks", "cleanup"]


def test_the_critical_path_is_edged_and_what_failed_is_edged_otherwise():
    ok, failed = (
        timeline_svg(build_record(r())) for r in (journals.passed_drill, journals.failed_job)
    )
    assert f'stroke="{INK}" stroke-width="2"' in ok
    assert f'stroke="{VERMILION}" stroke-width="2.2"' in failed
    assert any(words.startswith("failed: ") for words in words_of(failed))


def test_isolation_last_check_and_rto_are_marked():
    words = words_of(timeline_svg(build_record(journals.passed_drill())))
    assert "isolation proven" in words
    assert "last required check, 11 min 19 s" in words
    assert any(one.startswith("RTO 30 min") for one in words)


def test_bars_carry_tooltips_with_their_times():
    tips = [
        tip.text
        for tip in drawn(timeline_svg(build_record(journals.passed_drill()))).iter(f"{SVG}title")
    ]
    assert any(tip and tip.startswith("boot:db1: ok, 1 min, 03:05:05 to") for tip in tips)


@pytest.mark.parametrize(("groups", "vms"), [(1, 1), (5, 12)])
def test_nothing_is_drawn_outside_the_picture(groups, vms):
    record = build_record(big_drill(groups, vms))
    svg = timeline_svg(record)
    root = drawn(svg)
    height = float(root.attrib["viewBox"].split()[3])
    assert sum(row.group != "plan" for row in timeline_rows(record)) == groups * vms
    for rect in root.iter(f"{SVG}rect"):
        left, top = float(rect.attrib["x"]), float(rect.attrib["y"])
        assert left >= 0
        assert left + float(rect.attrib["width"]) <= WIDTH + 0.1
        assert top + float(rect.attrib["height"]) <= height
    assert len(svg) < 250_000


def test_a_long_idle_gap_is_broken_and_its_length_is_written():
    svg = timeline_svg(build_record(journals.crashed_then_cleaned()))
    assert "3 h idle" in words_of(svg)
    assert not any(
        "idle" in one for one in words_of(timeline_svg(build_record(journals.passed_drill())))
    )


def test_the_axis_keeps_the_order_of_time_across_a_break():
    hour = timedelta(hours=1)
    axis = Axis([(START, START + hour / 6), (START + 5 * hour, START + 5.2 * hour)], 100, 800)
    marks = [axis.x(START + hour * step / 4) for step in range(-2, 30)]
    assert marks == sorted(marks)
    assert (marks[0], marks[-1]) == (100, 800)
    assert len(axis.breaks) == 1


def test_ticks_are_round_and_few():
    axis = Axis([(START, START + timedelta(minutes=47))], 0, 800)
    labels = [words for _, words in axis.ticks()]
    assert labels[:3] == ["03:00", "03:10", "03:20"]
    assert len(labels) <= 10


def test_a_vm_without_evidence_has_words_in_place_of_a_bar():
    record = build_record(journals.failed_job())
    assert words_of(rpo_svg(record)).count("not evidenced") == 2


def test_every_kind_of_bar_has_a_colour_of_its_own_or_shares_one_on_purpose():
    kinds = {
        bar.kind
        for row in timeline_rows(build_record(journals.passed_drill()))
        for bar in row.bars
    }
    assert kinds <= set(COLOURS)
    assert all(re.fullmatch(r"#[0-9a-f]{6}", fill) for fill, _ in COLOURS.values())
