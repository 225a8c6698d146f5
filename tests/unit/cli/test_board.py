from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from muster.cli.board import Board, span_text
from muster.cli.progress import LiveShow, PlainShow, footing, heading
from muster.compile.drill import compile_drill
from muster.compile.replicate import compile_replicate
from muster.journal.events import GENESIS, Event, EventKind
from tests.builders import a_plan

SHOW_CURSOR = "\x1b[?25h"
START = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)


class Story:
    """Events of a run, told one after another."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        plan = a_plan()
        graph = compile_drill(plan)
        ends = {step.id for step in graph.finalisers}
        nodes = [
            {"id": s.id, "kind": s.kind.value, "subject": s.subject, "group": s.group,
             "critical": s.critical, "finaliser": s.id in ends}
            for s in graph
        ]  # fmt: skip
        self.tell(
            0, EventKind.OPENED, run="small-drill-1", plan="small", operation="drill",
            target="simulator", clock={"speed": 60, "epoch": 0}, graph=nodes,
            canonical={"plan": plan.model_dump(mode="json")},
        )  # fmt: skip

    def tell(self, minute: float, what: EventKind, on: str | None = None, /, **data: Any) -> None:
        at = START + timedelta(minutes=minute)
        self.events.append(Event(len(self.events) + 1, what, at, at, 0, "p", on, data, GENESIS))

    def step(self, step: str, began: float, ended: float, status: str = "ok", **data: Any) -> None:
        self.tell(began, EventKind.STARTED, step, title=step)
        self.tell(ended, EventKind.FINISHED, step, status=status, **data)

    def board(self) -> Board:
        board = Board()
        for event in self.events:
            board.see(event)
        return board


def a_failed_story() -> Story:
    story = Story()
    story.step("preflight", 0, 1)
    story.step("recovery-points", 1, 2)
    story.step("isolate", 2, 3)
    story.step("test-failover:db1", 3, 7)
    story.step("boot:db1", 7, 8)
    story.tell(8, EventKind.CHECKED, check="c", kind="tcp", vm="db1", verdict="failed",
               title="tcp db1:5432", why="connection refused")  # fmt: skip
    error = {"code": "STEP-002", "message": "1 check failed", "hint": "look"}
    story.step("checks:database.db1", 8, 13, "failed", error=error)
    for step in ("test-failover:web1", "boot:web1", "checks:web.web1"):
        story.tell(13, EventKind.FINISHED, step, status="skipped", why="checks of db1 failed")
    return story


def test_recovery_time_runs_from_isolation_to_the_last_required_step() -> None:
    board = a_failed_story().board()
    assert board.recovering_since() == START + timedelta(minutes=3)
    assert board.elapsed() == timedelta(minutes=10)
    assert board.rto == timedelta(minutes=30)


def test_before_isolation_no_recovery_time_is_claimed() -> None:
    story = Story()
    story.step("preflight", 0, 1)
    assert story.board().elapsed() is None


def test_a_vm_is_one_line_with_a_cell_per_kind() -> None:
    lines = {(line.group, line.what): line for line in a_failed_story().board().lines()}
    db1 = lines["database", "db1"]
    assert {name: step.status for name, step in db1.cells.items()} == {
        "test-failover": "ok", "boot": "ok", "checks": "failed", "cleanup": "waiting",
    }  # fmt: skip
    assert db1.checks == {"failed": 1}
    assert ("", "prove-clean") in lines


def test_open_questions_are_shown_until_they_are_answered() -> None:
    story = Story()
    story.tell(
        1, EventKind.ASKED, "q", question="q", ask="Go on?", deadline="…", otherwise="abort"
    )
    assert "Go on?" in footing(story.board())
    story.tell(2, EventKind.ANSWERED, "q", question="q", answer="continue", by="ana", via="inbox")
    assert "Go on?" not in footing(story.board())


def test_nothing_is_said_of_checks_where_there_are_none() -> None:
    board = Story().board()
    assert "checks: none yet" in footing(board)
    board.operation = "replicate"
    assert "checks" not in footing(board)


def test_plain_lines_tell_what_matters_with_azure_time() -> None:
    stream = io.StringIO()
    show = PlainShow(stream)
    for event in a_failed_story().events:
        show.see(event)
    text = stream.getvalue()
    assert "opened against the SIMULATOR, recovery time objective 30 min 00 s" in text
    assert "03:07:00   ok  database · test-failover · db1  4 min 00 s" in text.replace(
        "    ok", "   ok"
    )
    assert "check failed: tcp db1:5432: connection refused" in text
    assert "[STEP-002] 1 check failed" in text
    assert "--  web · boot · web1  checks of db1 failed" in text


def test_the_live_table_shows_groups_and_states() -> None:
    stream = io.StringIO()
    show = LiveShow(stream)
    for event in a_failed_story().events:
        show.see(event)
    show.board.outcome = "failed"  # stands still
    console = Console(file=stream, width=120)
    console.print(show._draw())
    text = stream.getvalue()
    assert "SIMULATOR" in heading(show.board)
    assert "database" in text
    assert "✓ 4 min 00 s" in text
    assert "✗ 5 min 00 s 0/1" in text


def test_the_heading_holds_recovery_time_against_its_objective() -> None:
    stream = io.StringIO()
    show = LiveShow(stream)
    for event in a_failed_story().events[:4]:  # until preflight has ended
        show.see(event)
    assert heading(show.board).endswith("  recovery -- of 30 min 00 s")
    for event in a_failed_story().events[4:]:
        show.see(event)
    show.board.outcome = "failed"  # stands still, at the last required step
    said = "small-drill-1  SIMULATOR  03:13:00 UTC x60  recovery 10 min 00 s of 30 min 00 s"
    assert heading(show.board) == said
    Console(file=stream, width=120).print(show._draw())
    assert said in stream.getvalue()


def test_the_command_that_goes_on_stands_below_the_last_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    stream = io.StringIO()
    story = a_failed_story()
    story.tell(14, EventKind.INTERRUPTED, signal="SIGINT", go_on="muster cleanup small-drill-1")
    with LiveShow(stream, is_terminal=True) as show:
        for event in story.events:
            show.see(event)
        show.say("go on with: muster cleanup small-drill-1")
        text = stream.getvalue()
    assert text.rindex("go on with") > text.rindex("database")
    assert SHOW_CURSOR in text


def test_spans_read_as_people_say_them() -> None:
    assert span_text(None) == "--"
    assert span_text(timedelta(seconds=52)) == "52 s"
    assert span_text(timedelta(minutes=41, seconds=3)) == "41 min 03 s"
    assert span_text(timedelta(hours=2, minutes=5)) == "2 h 05 min"


class Replicating(Story):
    """A run of replicate: db1 is protected, web1 makes its first copy."""

    def __init__(self) -> None:
        self.events = []
        nodes = [
            {"id": s.id, "kind": s.kind.value, "subject": s.subject, "group": s.group,
             "critical": s.critical, "finaliser": False}
            for s in compile_replicate(a_plan()).steps
        ]  # fmt: skip
        self.tell(
            0, EventKind.OPENED, run="small-replicate-1", plan="small", operation="replicate",
            target="azure", clock={"speed": 1, "epoch": 0}, graph=nodes, canonical={},
        )  # fmt: skip
        self.step("protect:db1", 1, 25)
        self.tell(2, EventKind.STARTED, "protect:web1", title="web · protect · web1")
        self.tell(
            9, EventKind.OBSERVED, "protect:web1", what="replication", vm="web1", percent=43.0,
            state="InitialReplicationInProgress",
        )  # fmt: skip


def test_a_replication_shows_how_many_are_protected_and_copies_as_reported() -> None:
    board = Replicating().board()
    assert "protected 1 of 2" in heading(board)
    assert "recovery" not in heading(board)
    lines = {line.what: line.cells for line in board.lines() if line.group}
    assert lines["db1"]["protect"].status == "ok"
    assert set(lines["web1"]) == {"protect", "settle"}
    assert board.copies == {"web1": "first copy 43 %"}


def test_a_state_without_a_percentage_is_told_in_words() -> None:
    replicating = Replicating()
    replicating.tell(
        10, EventKind.OBSERVED, "protect:web1", what="replication", vm="web1", percent=None,
        state="UnprotectedStatesBegin",
    )  # fmt: skip
    assert replicating.board().copies == {"web1": "being enabled"}


def test_plain_lines_tell_a_first_copy() -> None:
    stream = io.StringIO()
    show = PlainShow(stream)
    for event in Replicating().events:
        show.see(event)
    assert "web1: first copy 43 %" in stream.getvalue()
    assert "recovery time objective" not in stream.getvalue()


def test_many_steps_that_are_not_begun_for_one_reason_are_two_lines_and_a_sentence() -> None:
    replicating = Replicating()
    for minute, why in ((20, "survey failed"), (21, "stopping")):
        for vm in ("db1", "web1"):
            for kind in ("protect", "settle"):
                replicating.tell(
                    minute, EventKind.FINISHED, f"{kind}:{vm}", status="skipped", error=None,
                    why=why, facts={}, spent={},
                )  # fmt: skip
    stream = io.StringIO()
    with PlainShow(stream) as show:
        for event in replicating.events:
            show.see(event)
    lines = [line for line in stream.getvalue().splitlines() if "--  " in line]
    assert [line.partition("--  ")[2].rpartition("  ")[2] for line in lines] == [
        "survey failed", "survey failed", "2 more steps were not begun: survey failed",
        "stopping", "stopping", "2 more steps were not begun: stopping",
    ]  # fmt: skip
    assert lines[-1].startswith("03:21:00")


def test_a_check_of_preflight_is_told_with_its_id_and_not_at_all_where_it_does_not_apply() -> None:
    story = Story()
    stream = io.StringIO()
    for verdict, check in (("does not apply", "PRE-020"), ("failed", "PRE-004")):
        story.tell(
            1, EventKind.CHECKED, check=check, title="a title", kind="preflight", verdict=verdict,
            why="because", evidence={},
        )  # fmt: skip
    show = PlainShow(stream)
    for event in story.events:
        show.see(event)
    text = stream.getvalue()
    assert "check failed: PRE-004 a title: because" in text
    assert "does not apply" not in text
