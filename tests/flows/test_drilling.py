from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.board_artifact import about_of, rows_of
from flows.drilling import not_today
from flows.hooks import is_open
from flows.requesting import Form, request_for
from flows.states import state_of, state_of_cleanup
from flows.telling import Teller
from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.stores import DirectoryStore
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.runs.result import RunResult
from tests.fakes.clock import VirtualClock
from tests.flows.conftest import ROOT
from tests.unit.cli.test_board import a_failed_story

PLAN = ROOT / "recovery_plans" / "contoso-erp.yaml"
FLOW_RUN = UUID("0123456789abcdef0123456789abcdef")


def flow_run(*, scheduled: bool, due: datetime) -> FlowRun:
    return FlowRun(
        id=FLOW_RUN, flow_id=FLOW_RUN, auto_scheduled=scheduled, expected_start_time=due
    )


HOLIDAY = datetime(2026, 12, 31, 12, tzinfo=UTC)


def test_a_scheduled_drill_does_nothing_on_a_day_its_plan_excludes() -> None:
    state = not_today(load_plan(PLAN), flow_run(scheduled=True, due=HOLIDAY))
    assert state is not None
    assert state.is_completed()
    assert state.name == "Skipped: not_on"
    assert "2026-12-24 to 2027-01-02" in str(state.message)


def test_on_other_days_and_by_hand_it_runs() -> None:
    loaded = load_plan(PLAN)
    ordinary = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert not_today(loaded, flow_run(scheduled=True, due=ordinary)) is None
    assert not_today(loaded, flow_run(scheduled=False, due=HOLIDAY)) is None


def test_the_day_is_the_plans_own() -> None:
    """3 January 04:00 in UTC is still 2 January in New York."""
    due = datetime(2027, 1, 3, 4, tzinfo=UTC)
    assert not_today(load_plan(PLAN), flow_run(scheduled=True, due=due)) is not None


@pytest.mark.parametrize(
    ("scheduled", "environ", "form_name", "via", "name"),
    [
        (True, "", "", "schedule", "the plan's schedule"),
        (False, "", "ana@contoso.example", "prefect ui", "ana@contoso.example"),
        (False, "", "", "prefect ui", "not named"),
        (False, "cli", "", "cli", None),
    ],
)
def test_who_asked_is_recorded_as_far_as_it_is_known(
    scheduled: bool,
    environ: str,
    form_name: str,
    via: str,
    name: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUSTER_VIA", environ)
    started = flow_run(scheduled=scheduled, due=HOLIDAY)
    request = request_for(load_plan(PLAN), Operation.DRILL, Form("monthly", form_name), started)
    requester = request.requester()
    assert requester["via"] == via
    assert requester["name"] == name or (name is None and "@" in str(requester["name"]))
    assert request.run_id == "contoso-erp-drill-0123456789ab"
    assert requester["flow_run_id"] == str(FLOW_RUN)


def result(outcome: str, *, proven: bool = True) -> RunResult:
    cause = {"code": "CHECK-001", "message": "1 check failed", "step": "s", "hint": "h"}
    causes = [] if outcome == "passed" else [cause]
    cleanup = {"proven": proven, "acted": True, "leftovers": []}
    return RunResult("r", outcome, 0, causes, Path(), {"cleanup": cleanup}, ())


async def test_only_a_passed_run_is_completed() -> None:
    assert (await state_of(result("passed"))).is_completed()
    failed = await state_of(result("failed"))
    assert failed.is_failed()
    assert "[CHECK-001] 1 check failed" in str(failed.message)
    aborted = await state_of(result("aborted"))
    assert aborted.is_failed()
    assert aborted.name == "Aborted"


def test_a_cleanup_is_judged_by_the_inventory_alone() -> None:
    assert state_of_cleanup(result("failed")).is_completed()
    assert state_of_cleanup(result("failed", proven=False)).is_failed()


async def test_a_hook_starts_nothing_for_a_run_that_never_opened_or_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_JOURNAL", str(tmp_path))
    assert not is_open("small", "small-drill-1")
    journal = await Journal.open_run(
        DirectoryStore(tmp_path), VirtualClock(), run="small-drill-1", plan="small",
        operation="drill", opened={"target": "simulator"},
    )  # fmt: skip
    assert is_open("small", "small-drill-1")
    await journal.append(EventKind.STARTED, {})
    await journal.close(
        {"outcome": "aborted", "causes": [], "leftovers": [], "exit_code": 5}, None
    )
    assert not is_open("small", "small-drill-1")


def test_the_table_has_the_same_headings_in_every_row() -> None:
    board = a_failed_story().board()
    rows = rows_of(board)
    assert len({tuple(row) for row in rows}) == 1
    db1 = next(row for row in rows if row["what"] == "db1")
    assert db1["checks"] == "failed 5 min 00 s"
    assert db1["verdicts"] == "1 failed"
    assert "SIMULATOR" in about_of(board)
    assert "10 min 00 s of 30 min 00 s (RTO)" in about_of(board)


def test_nobody_at_the_other_end_of_the_pipe_does_not_stop_a_run() -> None:
    reading, writing = os.pipe()
    teller = Teller()
    teller.open(writing)
    teller.say("one")
    assert json.loads(os.read(reading, 1000)) == {"say": "one"}
    os.close(reading)
    teller.say("two")
    teller.say("three")
    os.close(writing)
