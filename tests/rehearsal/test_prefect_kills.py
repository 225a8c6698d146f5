"""What Prefect, and whoever sits at its UI, can do to a drill; the cleanup survives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rehearsal.arm_wire import Before
from tests.rehearsal.command import Evidence, Running, await_event, muster
from tests.rehearsal.machine import Machine, machine
from tests.rehearsal.plans import plan, tcp
from tests.rehearsal.worlds import SPEED, good_world
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.rehearsal,
    pytest.mark.slow,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.timeout(420),
]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    world = good_world()
    # Two hours of Azure's time are a minute on the wall: longer than Prefect waits for an end.
    slow = {"match": "takes its time", "stdout": "done\n", "takes": "2h"}
    world["scripts"].append(slow)
    act = {"run_command": {"vm": "sql1", "file": "scripts/slow.sh", "timeout": "3h"}}
    value = plan("small-shop", "sql1", "web1", checks=[tcp("sql1")], after=[act])
    value["objectives"]["rto"] = "6h"
    with machine(value, world, tmp_path_factory.mktemp("machine"), SPEED) as running:
        yield running


def judged(up: Machine, evidence: Evidence, outcome: str) -> dict[str, Any]:
    """Closed, true, and nothing left: as the record says, as `verify` says, as Azure says."""
    record = evidence.record()
    assert (record["state"], record["outcome"]) == ("closed", outcome)
    assert record["cleanup"]["proven"]
    verified = muster("verify", evidence.run, environ=up.environ(), home=up.checkout)
    assert verified.code == 0, verified
    return record


def test_a_drill_that_is_cancelled_and_then_killed_is_cleaned_up(up: Machine) -> None:
    before = Before(up.operator)
    flow_run = up.start("to be cancelled")
    evidence = Evidence(up.journal, up.run_of(flow_run))
    wait_until(evidence.folder.exists, 60, "the run's journal")
    await_event(evidence, "accepted", act="run-command")
    assert before.left_behind()
    up.set_state(flow_run, "CANCELLING", "Cancelling")
    await_event(evidence, "noted", what="stopping")
    # The script goes on; 30 s later the process is killed in the middle of waiting for it.
    assert up.ended(flow_run)["type"] == "CANCELLED"
    (cleanup,) = wait_until(
        lambda: up.flow_runs_named(f"cleanup {evidence.run}"), 60, "the cleanup", every=0.2
    )
    assert up.ended(cleanup["id"])["type"] == "COMPLETED"
    record = judged(up, evidence, "aborted")
    assert "SIGTERM" in record["causes"][0]["message"]
    assert [one["data"]["epoch"] for one in evidence.of("owner")] == [1, 2]
    assert before.left_behind() == []

    # Whoever presses Retry now is told that this run is over; its evidence stays as it is.
    files = {file.name: file.read_bytes() for file in evidence.folder.iterdir()}
    up.set_state(flow_run, "SCHEDULED", "AwaitingRetry")
    again = wait_until(
        lambda: (state := up.state(flow_run))["type"] in {"FAILED", "CRASHED"} and state,
        90,
        "the retry to be refused",
        every=0.2,
    )
    assert again["name"] == "Refused"
    assert "JRN-003" in again["message"]
    assert {file.name: file.read_bytes() for file in evidence.folder.iterdir()} == files
    assert before.left_behind() == []


def test_ctrl_c_at_the_command_line_reaches_the_flow(up: Machine) -> None:
    before = Before(up.operator)
    running = Running(("drill", "small-shop", "--json"), up.environ(), up.checkout)
    known = {one.name for one in (up.journal / "runs").glob("*")}

    def new() -> str | None:
        found = {one.name for one in (up.journal / "runs").glob("*")} - known
        return found.pop() if found else None

    evidence = Evidence(up.journal, wait_until(new, 60, "a new run"))
    await_event(evidence, "accepted", times=2, act="test-failover")
    running.interrupt()
    ended = running.end()
    assert ended.code == 5, ended
    told = ended.json()
    assert (told["run"], told["outcome"], told["leftovers"]) == (evidence.run, "aborted", [])
    record = judged(up, evidence, "aborted")
    assert "SIGINT" in record["causes"][0]["message"]
    assert before.left_behind() == []
