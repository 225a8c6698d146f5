"""A replicate run that a person ended in the middle names what it left half made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from muster.report.markdown import report_markdown
from muster.report.record import build_record
from muster.report.render_html import render_html
from muster.report.text import summary_text
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.test_replicating import VMS, empty


def left_after(seconds: float) -> tuple[Replicated, dict[str, Any]]:
    """A run that Ctrl-C ended so many Azure seconds after its start, and its record."""

    async def script(bench: Bench) -> None:
        bench.interrupt_after(seconds)
        await bench.replicate()

    came = replicated(empty(), script)
    (result,) = came.results
    return came, build_record(came.events(result.run))


@pytest.fixture(scope="module")
def while_enabling() -> dict[str, Any]:
    return left_after(400.0)[1]


@pytest.fixture(scope="module")
def while_copying() -> dict[str, Any]:
    return left_after(900.0)[1]


def test_accepted_jobs_without_a_seen_end_are_named_with_their_items(while_enabling):
    half = while_enabling["replication"]["half_made"]
    assert {one["name"] for one in half} == set(VMS)
    assert {one["kind"] for one in half} == {"protected item"}
    for one in half:
        assert f"/replicationProtectedItems/{one['name']}-item" in one["id"]
        assert "/replicationJobs/" in one["job"]
        assert one["job"].rpartition("/")[2] in one["why"]
        assert one["evidence"]
    items = {one["name"]: one["id"] for one in half}
    assert {vm["vm"]: vm["item_id"] for vm in while_enabling["replication"]["vms"]} == items


def test_a_first_copy_that_still_ran_is_named(while_copying):
    half = while_copying["replication"]["half_made"]
    assert {one["name"] for one in half} == set(VMS)
    assert all("first copy was under way" in one["why"] for one in half)


def test_a_run_that_came_to_its_end_left_nothing_half_made():
    _, record = left_after(200_000.0)
    assert record["outcome"] == "passed"
    assert record["replication"]["half_made"] == []
    assert "Half made" not in "\n".join(summary_text(record))


def test_terminal_and_reports_say_what_is_half_made_and_what_to_do(while_enabling):
    said = "\n".join(summary_text(while_enabling))
    page = render_html(while_enabling)
    artifact = report_markdown(while_enabling)
    assert "asked for, not followed" in said
    assert "not replicated" not in said
    for text in (said, page, artifact):
        assert "its end was not seen" in text
        assert "Azure goes on by itself" in text
        assert "the report says who and when" not in text
    assert "<b>7</b>0 VMs left out" in page


def test_a_replication_has_no_recovery_objectives(while_enabling):
    assert while_enabling["objectives"] is None
    assert while_enabling["vms"] == while_enabling["not_evidenced"] == []
    assert "RTO" not in render_html(while_enabling)


@pytest.mark.parametrize(
    ("wait", "is_gap_told"),
    [
        (timedelta(hours=2), True),  # Protected while nobody looked
        (timedelta(minutes=1), False),  # seen copying by the next process, too
    ],
)
def test_the_time_in_which_nobody_looked_is_told_as_such(wait: timedelta, is_gap_told: bool):
    async def script(bench: Bench) -> None:
        await bench.replicate(killed_after=900.0)
        await bench.settings.clock.sleep(wait)
        await bench.replicate()

    came = replicated(empty(), script)
    (result,) = came.results
    record = build_record(came.events(result.run))
    assert record["outcome"] == "passed"
    for vm in record["replication"]["vms"]:
        assert vm["seconds_to_protected"] > 900 - 600
        unwatched = vm["unwatched_seconds"]
        assert (unwatched is not None) is is_gap_told
        assert unwatched is None or wait.total_seconds() <= unwatched < vm["seconds_to_protected"]
    said = "\n".join(summary_text(record))
    assert ("nobody looked for 2 h" in said) is is_gap_told
