"""Two runs of one plan, a closed run asked for again, and questions that somebody answers."""

from __future__ import annotations

import pytest

from tests.rehearsal.bench import Bench
from tests.rehearsal.command import Running, await_event, the_run
from tests.rehearsal.plans import ask, http, plan
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal


def test_a_second_run_of_a_plan_is_refused_while_one_is_under_way(bench: Bench) -> None:
    value = plan("single", "web1", checks=[http("web1")])
    first = bench.begin(value)
    evidence = the_run(bench.journal, first)
    second = bench.drill(value)
    assert second.code == 2, second
    assert "[RUN-011]" in second.err
    assert evidence.run in second.err
    assert bench.runs() == [evidence.run]
    bench.judge(first.end(), 0, "passed")

    # … and once it is closed, it stays as it is.
    before = {file.name: file.read_bytes() for file in evidence.folder.iterdir()}
    again = bench.muster("cleanup", evidence.run)
    assert again.code == 2, again
    assert "[JRN-003]" in again.err
    assert {file.name: file.read_bytes() for file in evidence.folder.iterdir()} == before


def test_a_drill_under_way_is_fenced_off_by_whoever_takes_it_over(bench: Bench) -> None:
    # It waits for an answer while the other one cleans up, and only then writes again.
    first = bench.begin(plan("fenced", "web1", checks=[http("web1")], after=[ask(within="90m")]))
    evidence = the_run(bench.journal, first)
    await_event(evidence, "asked")
    cleaned = bench.muster("cleanup", evidence.run, "--json")
    ended = first.end()
    assert cleaned.code == 0, cleaned
    cleaned.code = 1
    bench.judge(cleaned, 1, "failed")
    assert ended.code not in (0, 130), ended
    assert evidence.run in ended.err
    assert [event["data"]["epoch"] for event in evidence.of("owner")] == [1, 2]
    processes = [event["process"] for event in evidence.events()]
    at = processes.index(evidence.of("owner")[1]["process"])
    assert set(processes[:at]).isdisjoint(processes[at:])  # the first wrote nothing any more


@pytest.mark.parametrize(
    ("answer", "code", "outcome"), [("continue", 0, "passed"), ("abort", 5, "aborted")]
)
def test_a_question_takes_the_answer_that_somebody_gives(
    bench: Bench, answer: str, code: int, outcome: str
) -> None:
    running = bench.begin(plan(f"asked-{answer}", "web1", checks=[http("web1")], before=[ask()]))
    evidence = the_run(bench.journal, running)
    (asked,) = await_event(evidence, "asked")
    question = asked["data"]["question"]
    status = bench.muster("status", evidence.run, "--json").json()
    assert [one["question"] for one in status["questions"]] == [question]
    answering = ("answer", evidence.run, question, answer, "--by", "ana", "--comment", "as agreed")
    given = bench.muster(*answering)
    assert given.code == 0, given
    record = bench.judge(running.end(), code, outcome)
    (kept,) = record["questions"]
    assert (kept["answer"], kept["by"], kept["via"]) == (answer, "ana", "inbox")
    bench.report_says(record, "ana", kept["ask"])
    if answer == "abort":
        (cause,) = record["causes"]
        assert "ana" in cause["message"]
        late = bench.muster(*answering)
        assert late.code == 2, late


def test_a_question_that_nobody_answers_takes_its_default(bench: Bench) -> None:
    value = plan("unasked", "web1", checks=[http("web1")], before=[ask(within="90s")])
    record = bench.judge(bench.drill(value), 5, "aborted")
    (kept,) = record["questions"]
    assert (kept["answer"], kept["via"]) == ("abort", "deadline")


@pytest.mark.parametrize("asked", [(), ("--keep-for", "6h")], ids=["planned", "asked"])
def test_a_hold_ends_when_somebody_releases_it(bench: Bench, asked: tuple[str, ...]) -> None:
    value = plan("holding", "web1", checks=[http("web1")])
    value["drill"]["keep_for"] = "0m" if asked else "6h"
    running = bench.begin(value, *asked)
    evidence = the_run(bench.journal, running)
    (hold,) = await_event(evidence, "observed", what="hold")
    status = bench.muster("status", evidence.run)
    assert hold["data"]["until"] in status.out
    command = f"muster answer {evidence.run} hold release --by"
    assert command in status.out
    wait_until(lambda: running.has_said(command), 10, "the command that ends the hold")
    given = bench.muster(*command.split()[1:], "ana")
    assert given.code == 0, given
    bench.judge(running.end(), 0, "passed")


def test_a_plan_with_a_mistake_opens_nothing_and_sends_nothing(bench: Bench) -> None:
    value = plan("mistaken", "web1", "web1", checks=[http("nobody1")])
    ended = Running.end(bench.begin(value))
    assert ended.code == 2, ended
    assert ended.err.count("mistaken.yaml:") >= 2
    assert not bench.journal.exists()
