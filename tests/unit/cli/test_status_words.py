"""What `muster status` and its neighbours say of plans and runs that need somebody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.cli.board import Board
from muster.cli.plans_status import rows_of, sentences_of
from muster.cli.progress import line_of
from muster.cli.status import _print_runs, exit_code_of, newest_of_each
from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.manifest import write_manifest
from muster.journal.register import entries_of
from muster.journal.stores import DirectoryStore
from muster.runs.overview import LastDrill, PlanStatus
from muster.runs.rivals import StillOpen
from muster.runs.status import RunLine
from tests.fakes.clock import VirtualClock
from tests.unit.cli.conftest import Muster
from tests.unit.journal.runs import a_signer
from tests.unit.report.writer import BareWriter

SIGNER = a_signer()
LEFT = "small-replicate-000000000001"
ELSEWHERE = {
    "arm_host": "elsewhere",
    "authority_host": "a",
    "tenant": None,
    "ca_fingerprint": None,
    "subscriptions": {},
}


@pytest.fixture
def left(checkout: Path) -> DirectoryStore:
    """A replicate run whose process died before it sent anything."""
    store = DirectoryStore(checkout / "evidence")

    async def write() -> None:
        opened = {"target": "simulator", "graph": [], "place": ELSEWHERE}
        one = await Journal.open_run(
            store, VirtualClock(), run=LEFT, plan="small", operation="replicate", opened=opened
        )
        await one.append(EventKind.STARTED, {})

    asyncio.run(write())
    return store


@pytest.mark.usefixtures("left")
def test_the_list_of_runs_leads_on_to_one_that_is_open(muster: Muster) -> None:
    said = muster("status", "--offline").out
    assert f"{LEFT} is open; where it stands, and how to go on:  muster status {LEFT}" in said


@pytest.mark.usefixtures("left")
def test_an_open_replicate_run_is_gone_on_with_by_its_own_command(muster: Muster) -> None:
    said = muster("status", LEFT).out
    assert "If its process is gone:  muster replicate small" in said
    assert f"muster cleanup {LEFT} only closes it" in said


def test_a_run_that_stands_in_the_way_names_the_command_of_its_kind(left: DirectoryStore) -> None:
    (entry,) = entries_of(left, "small")
    assert "`muster replicate small` goes on with it" in str(StillOpen.of(entry))
    assert "`muster cleanup r1` cleans up" in str(StillOpen("r1", "small", "drill"))


@pytest.mark.usefixtures("left")
def test_cleanup_of_a_replicate_run_says_that_what_it_made_stays(muster: Muster) -> None:
    said = muster("cleanup", LEFT)
    assert said.code == 0
    assert "closed as it stood" in said.out
    assert "nothing was removed" in said.out
    assert "To finish its work:  muster replicate small" in said.out


def test_where_another_process_goes_on_there_is_a_mark() -> None:
    writer = BareWriter().open(operation="replicate")
    first = next(one for one in writer.events if one.kind is EventKind.OWNER)
    second = writer.add(EventKind.OWNER, epoch=2, host="b", pid=7, why="it was left open")
    assert line_of(first, Board()) is None
    assert line_of(second, Board()) == "-- from here on b, process 7: it was left open --"


def test_the_newest_runs_of_each_plan_are_listed_and_what_is_still_open() -> None:
    lines = [
        RunLine(f"{plan}-{n}", plan, "drill", "", "azure", "open" if n == 1 else "closed", None)
        for n in range(6)
        for plan in ("a", "b")
    ]
    shown = [line.run for line in newest_of_each(lines)]
    assert shown == ["a-1", "b-1", "a-3", "b-3", "a-4", "b-4", "a-5", "b-5"]


def test_the_list_says_how_many_runs_it_leaves_out_and_how_to_see_them(
    muster: Muster, checkout: Path
) -> None:
    async def write() -> None:
        for n in range(5):
            one = await Journal.open_run(
                DirectoryStore(checkout / "evidence"), VirtualClock(), run=f"small-drill-{n}",
                plan="small", operation="drill", opened={"target": "simulator", "graph": []},
            )  # fmt: skip
            end = {"outcome": "passed", "causes": [], "leftovers": [], "exit_code": 0}
            await one.close(end, SIGNER)
            write_manifest(DirectoryStore(checkout / "evidence"), f"small-drill-{n}", SIGNER)

    asyncio.run(write())
    said = muster("status", "--offline").out
    assert said.count("small-drill-") == 3
    assert "2 older runs are neither shown nor verified; all of them:  muster status --all" in said
    assert muster("status", "--offline", "--all").out.count("small-drill-") == 5


def test_a_plan_that_is_not_as_it_should_be_names_the_next_command() -> None:
    last = LastDrill("r9", datetime(2026, 1, 1, tzinfo=UTC), "failed", "azure", None)
    said = "\n".join(
        sentences_of(PlanStatus("erp", 7, protected=5, last_drill=last, changed=True))
    )
    assert "2 of 7 VMs are not protected" in said
    for command in (
        "muster replicate erp --plan-only",
        "muster report r9",
        "muster preflight erp",
    ):
        assert command in said
    fine = PlanStatus("erp", 7, protected=7, changed=False)
    assert sentences_of(fine) == []


@pytest.mark.usefixtures("checkout")
def test_what_azure_could_not_tell_comes_with_code_and_remedy(muster: Muster) -> None:
    said = muster("status").out
    line = next(one for one in said.splitlines() if one.startswith("contoso-erp: "))
    assert "[SET-" in line
    assert " -- " in line


def test_a_drill_whose_evidence_does_not_hold_is_no_last_drill() -> None:
    broken = PlanStatus("erp", 7, last_drill=LastDrill("r9", None, "broken", "?", None, "forged"))
    assert rows_of([broken])[1][3] == "broken"
    (said,) = sentences_of(broken)
    assert "forged" in said
    assert "muster verify r9" in said
    lost = PlanStatus("erp", 7, register="[VER-040] it is cut")
    assert rows_of([lost])[1][3] == "not known"
    assert "[VER-040] it is cut" in sentences_of(lost)[0]


def test_the_exit_code_tells_the_gravest() -> None:
    closed = RunLine("r1", "erp", "drill", "", "azure", "closed", "failed")
    fine = PlanStatus("erp", 7, unknown="Azure was not asked")
    silent = replace(fine, is_silent=True)
    broken = replace(closed, state="broken")
    assert exit_code_of([fine], [], [closed]) == 0
    assert exit_code_of([fine, silent], [], [closed]) == 3
    assert exit_code_of([silent], ["b.yaml"], [closed]) == 2
    assert exit_code_of([silent], ["b.yaml"], [broken]) == 1
    assert exit_code_of([replace(fine, register="cut")], [], []) == 1


def test_a_broken_run_leads_on_to_what_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    broken = RunLine("erp-1", "erp", "drill", "2026-01-01T00:00:00Z", "azure", "broken", None, "x")
    entry = replace(broken, run="runs/erp/3.json", is_registered=False)
    _print_runs([broken, entry], 5)
    said = capsys.readouterr().out
    assert "erp-1 is broken; all that does not hold:  muster verify erp-1" in said
    assert "muster verify runs/" not in said
    assert "3 older runs are neither shown nor verified; all of them:  muster status --all" in said


def test_a_time_by_a_runs_own_clock_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    line = RunLine("erp-1", "erp", "drill", "2031-01-01T00:00:00Z", "?", "broken", None, "x")
    _print_runs([line], 1)
    assert "run's clock" not in capsys.readouterr().out
    _print_runs([replace(line, is_by_own_clock=True)], 1)
    assert "2031-01-01 00:00:00 (run's clock)" in capsys.readouterr().out
