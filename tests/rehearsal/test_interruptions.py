"""Ctrl-C, once and twice; kill -9 of the drill at chosen events, and of Azure under it."""

from __future__ import annotations

import signal
from collections import Counter
from typing import Any

import pytest

from tests.rehearsal.bench import Bench
from tests.rehearsal.command import Ended, Evidence, Running, await_event, the_run
from tests.rehearsal.plans import ask, http, plan, tcp

pytestmark = [pytest.mark.rehearsal, pytest.mark.slow]

SENT = {"act": "test-failover"}
CLEANING = {"act": "test-failover-cleanup"}


def two(name: str, **more: Any) -> dict[str, Any]:
    """Two machines that come up side by side."""
    return plan(name, "sql1", "web1", checks=[tcp("sql1")], **more)


def nothing_doubled(bench: Bench, evidence: Evidence) -> None:
    """Azure's own account: of everything that was meant, at most one was sent and accepted."""
    meant = evidence.of("intended")
    for scenario, act in (("TestFailover", SENT), ("TestFailoverCleanup", CLEANING)):
        began = min((event["at"] for event in meant), default="")
        jobs = Counter(
            job["properties"]["targetObjectName"]
            for job in bench.operator.jobs(scenario)
            if job["properties"]["startTime"] >= began[:19]
        )
        accepted = Counter(event["data"]["subject"] for event in evidence.of("accepted", **act))
        assert all(count == 1 for count in jobs.values()), (scenario, jobs)
        assert accepted == jobs


def judge_cleanup(
    bench: Bench, cleaned: Ended, evidence: Evidence, outcome: str, code: int
) -> dict[str, Any]:
    """The cleanup's own exit code is about being clean; how the run ended stays as it was."""
    assert cleaned.code == 0, cleaned
    cleaned.code = code
    assert cleaned.json()["run"] == evidence.run
    record: dict[str, Any] = bench.judge(cleaned, code, outcome)
    assert record["exit_code"] == code
    assert record["cleanup"]["proven"]
    assert len(record["journal"]["owners"]) > 1
    return record


def test_one_ctrl_c_cleans_up_and_closes(bench: Bench) -> None:
    running = bench.begin(two("stopped"))
    evidence = the_run(bench.journal, running)
    await_event(evidence, "accepted", times=2, **SENT)
    running.interrupt()
    ended = running.end()
    record = bench.judge(ended, 5, "aborted")
    assert "SIGINT" in ended.err
    (cause,) = record["causes"]
    assert "SIGINT" in cause["message"]
    bench.report_says(record, cause["message"])
    statuses = {step["id"]: step["status"] for step in record["steps"]}
    assert statuses["test-failover:sql1"] == statuses["test-failover:web1"] == "ok"
    assert statuses["boot:sql1"] == statuses["checks:shop.sql1"] == "skipped"
    assert statuses["cleanup:sql1"] == statuses["prove-clean"] == "ok"
    nothing_doubled(bench, evidence)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_first_instant_closes_too(bench: Bench, number: signal.Signals) -> None:
    running = bench.begin(two("early"))
    evidence = the_run(bench.journal, running)
    running.process.send_signal(number)
    ended = running.end()
    assert number.name in ended.err, ended
    record = bench.judge(ended, 5, "aborted")
    assert evidence.of("intended") == []
    assert number.name in record["causes"][0]["message"]


def test_sigterm_is_one_ctrl_c_however_often_it_comes(bench: Bench) -> None:
    running = bench.begin(two("terminated"))
    await_event(the_run(bench.journal, running), "accepted", times=2, **SENT)
    for _ in range(3):
        running.process.send_signal(signal.SIGTERM)
    bench.judge(running.end(), 5, "aborted")


def test_a_second_ctrl_c_leaves_and_says_how_to_go_on(bench: Bench) -> None:
    running = bench.begin(two("left"))
    evidence = the_run(bench.journal, running)
    await_event(evidence, "accepted", times=2, **SENT)
    running.interrupt()
    await_event(evidence, "noted", what="stopping", within=20)
    running.interrupt()
    ended = running.end(within=15)
    assert ended.code == 130, ended
    command = f"muster cleanup {evidence.run}"
    assert command in ended.err
    assert evidence.events()[-1]["kind"] == "interrupted"
    assert evidence.events()[-1]["data"]["go_on"] == command
    verified = bench.muster("verify", evidence.run)
    assert verified.code == 0, verified
    assert "open" in verified.out
    assert bench.before.left_behind()  # there is something to clean up

    cleaned = bench.muster("cleanup", evidence.run, "--json")
    judge_cleanup(bench, cleaned, evidence, "aborted", 130)
    nothing_doubled(bench, evidence)


@pytest.mark.parametrize(
    ("kind", "data", "outcome"),
    [
        ("intended", {"act": "make-network"}, "failed"),
        ("intended", SENT, "failed"),
        ("accepted", SENT, "failed"),
        ("observed", {"what": "owned"}, "failed"),
        # Whatever there was to be drilled had been drilled by then.
        ("intended", CLEANING, "passed"),
        ("accepted", CLEANING, "passed"),
        ("observed", {"what": "gone"}, "passed"),
        ("intended", {"act": "remove-network"}, "passed"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else str(value),
)
def test_a_drill_that_was_killed_is_cleaned_up_after(
    bench: Bench, kind: str, data: dict[str, Any], outcome: str
) -> None:
    running = bench.begin(two("killed"))
    evidence = the_run(bench.journal, running)
    await_event(evidence, kind, **data)
    assert running.kill().code == -signal.SIGKILL
    verified = bench.muster("verify", evidence.run)
    assert verified.code == 0, verified
    cleaned = bench.muster("cleanup", evidence.run, "--json")
    record = judge_cleanup(bench, cleaned, evidence, outcome, int(outcome != "passed"))
    nothing_doubled(bench, evidence)
    if outcome == "failed":
        (cause,) = record["causes"]
        assert "the process ended in the middle of" in cause["message"]


def test_a_cleanup_that_was_killed_is_cleaned_up_after(bench: Bench) -> None:
    running = bench.begin(two("twice"))
    evidence = the_run(bench.journal, running)
    await_event(evidence, "accepted", times=2, **SENT)
    running.kill()
    cleaning = Running(("cleanup", evidence.run), bench.environ(), bench.home)
    await_event(evidence, "accepted", **CLEANING)
    cleaning.kill()
    cleaned = bench.muster("cleanup", evidence.run, "--json")
    judge_cleanup(bench, cleaned, evidence, "failed", 1)
    nothing_doubled(bench, evidence)
    assert [event["data"]["epoch"] for event in evidence.of("owner")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "data"),
    [("accepted", SENT), ("observed", {"what": "up"}), ("intended", CLEANING)],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else str(value),
)
def test_azure_that_goes_away_for_some_minutes_is_waited_for(
    own_bench: Bench, kind: str, data: dict[str, Any]
) -> None:
    running = own_bench.begin(two("outage"))
    evidence = the_run(own_bench.journal, running)
    await_event(evidence, kind, **data)
    own_bench.azure.kill()
    own_bench.azure.start()
    # A minute and more of Azure's time has passed, in which nothing answered.
    own_bench.judge(running.end(), 0, "passed")
    nothing_doubled(own_bench, evidence)


def test_a_question_holds_nothing_up_when_the_drill_is_stopped(bench: Bench) -> None:
    running = bench.begin(plan("patient", "web1", checks=[http("web1")], before=[ask()]))
    evidence = the_run(bench.journal, running)
    await_event(evidence, "asked")
    running.interrupt()
    bench.judge(running.end(within=60), 5, "aborted")
