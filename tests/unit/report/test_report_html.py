"""The page: whole, offline, marked; nothing that a plan or a guest says becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from muster.journal.events import EventKind
from muster.report.record import build_record
from muster.report.render_html import render_html
from muster.report.rpo_svg import rpo_svg
from muster.report.timeline_svg import timeline_svg
from tests.unit.report import journals

NASTY = "<script>alert(1)</script>\"'&{{7*7}}</style></title>`|"
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Collects tags and checks that every one that opens is closed again."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page.replace("<wbr>", ""))  # where a word may break, it does not end
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page_of(events: Any) -> str:
    return render_html(build_record(events))


@pytest.mark.parametrize("run", [*journals.EVERY_RUN, list])
def test_every_run_has_a_whole_page(run):
    page = Page(page_of(run()))
    assert page.open == []
    assert {"html", "head", "body", "svg", "table"} <= {tag for tag, _ in page.tags}


def test_the_page_asks_for_nothing_from_anywhere():
    page = page_of(journals.passed_drill())
    tags = Page(page).tags
    assert not [attrs for _, attrs in tags if {"src", "href", "action", "srcset"} & set(attrs)]
    assert not re.search(r"@import|url\((?!#)", page)
    assert "default-src 'none'" in page


def test_the_only_script_is_the_one_that_the_policy_names():
    page = page_of(journals.passed_drill())
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_a_simulator_run_is_marked_on_screen_and_on_every_printed_page():
    page = page_of(journals.passed_drill())
    assert Page(page).text.count("SIMULATOR") >= 3  # band, watermark, style of the page's head
    assert '@top-center{content:"SIMULATOR' in page
    assert "position:fixed" in page
    assert "(simulator)</title>" in page


def test_a_run_against_azure_at_its_own_speed_is_not_marked():
    clock = {"speed": 1.0, "epoch": 0}
    page = page_of(journals.passed_drill(target="azure", rehearsal=False, clock=clock))
    assert "SIMULATOR" not in page
    assert "REHEARSAL" not in page


def test_a_run_of_unknown_target_is_marked_as_no_evidence():
    page = page_of(journals.passed_drill(target="elsewhere", rehearsal=False))
    assert "TARGET UNKNOWN" in page
    assert "NO EVIDENCE" in page


def test_azure_at_another_speed_is_a_rehearsal_and_no_evidence():
    assert "REHEARSAL - not evidence" in page_of(journals.passed_drill(target="azure"))


@pytest.mark.parametrize("run", [journals.passed_drill, journals.failed_job])
def test_no_text_from_a_journal_becomes_markup(run):
    poisoned = []

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: poison(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [poison(inner) for inner in value]
        return value + NASTY if isinstance(value, str) else value

    # fmt: off
    kept = ("what", "vm", "at", "ended", "began", "ended_at", "started_at", "reference", "target",
            "verdict", "status", "check", "kind", "outcome", "graph", "canonical", "point_time")
    # fmt: on
    for event in run():
        data = {key: value if key in kept else poison(value) for key, value in event.data.items()}
        poisoned.append(replace(event, data=data))
    raw = page_of(poisoned)
    page = Page(raw)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "49" not in [word.strip() for word in page.words]
    assert "<script>alert(1)</script>" in page.text  # it is shown, as text
    assert page.open == []


def test_a_nasty_name_is_text_in_the_pictures_too():
    nodes = [
        {"id": f"test-failover:{NASTY}", "kind": "test-failover", "subject": NASTY, "group": NASTY}
    ]
    run = journals.Writer().open(plan={"plan": NASTY}, graph=nodes)
    run.begin(f"test-failover:{NASTY}").wait(60).end(f"test-failover:{NASTY}")
    record = build_record(run.events)
    for svg in (timeline_svg(record), rpo_svg(record)):
        assert "<script" not in svg
        assert "&lt;script&gt;" in svg
    assert Page(render_html(record)).open == []


def test_a_hint_marks_code_and_only_code():
    page = page_of(journals.crashed())
    assert "<code>muster cleanup RUN</code> takes the inventory again" in page


def test_the_page_names_cause_advice_and_cleanup_of_a_failed_job():
    text = Page(page_of(journals.failed_job())).text
    assert "FAILED" in text
    assert "quota of cores exceeded" in text
    assert "Azure recommends: Raise the quota" in text
    assert "the inventory found nothing of this run" in text


def test_a_check_that_did_not_run_is_printed_as_not_run():
    page = page_of(journals.preflight_failed())
    assert '<span class="tag warn">not run</span>' in page
    assert '<span class="tag good">passed</span>' in page  # preflight's own first check


def test_an_open_run_says_so_in_place_of_an_outcome():
    text = Page(page_of(journals.crashed())).text
    assert "OPEN" in text
    assert "This run was not closed" in text
    assert "open, unsigned" in text


def test_left_overs_are_named_on_the_page():
    text = Page(page_of(journals.left_overs())).text
    assert "web1-osdisk" in text
    assert "1 left" in text


def test_every_statement_that_has_events_names_them():
    events = journals.passed_drill()
    isolated = next(e for e in events if e.kind is EventKind.FINISHED and e.step == "isolate")
    assert re.search(rf"events? [\d, -]*\b{isolated.seq}\b", Page(page_of(events)).text)
