"""The scheduled look: Failed, with the remedy, where a drill would be stopped; else Completed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.preflighting import look_ahead, state_of_look
from muster.checks.verdict import Verdict
from muster.gateway.values import Usage
from muster.plan.actions import Operation
from muster.runs.preflight import Look
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.preflight_checks.judging import Judgement

STOPPING = next(one for one in CHECKS if one.drill is Severity.STOPS)
TELLING = next(one for one in CHECKS if one.drill is Severity.TOLD)


def judged(check, word: str) -> Judgement:
    return Judgement(check, check.drill, Verdict(word, "seen so"))


def look(*found: Judgement) -> Look:
    return Look(
        plan="contoso-erp", operation=Operation.DRILL, digest="sha256:0", target="simulator",
        is_rehearsal=True, at=datetime(2027, 1, 1, tzinfo=UTC), took=timedelta(seconds=1),
        usage=Usage(1, 0, 0, 0), judged=found,
    )  # fmt: skip


@pytest.mark.parametrize("word", ["failed", "not evidenced"])
def test_what_would_stop_a_drill_fails_the_flow_run_with_its_remedy(word):
    state = state_of_look(look(judged(STOPPING, word), judged(TELLING, "passed")))
    assert state.is_failed()
    assert STOPPING.id in str(state.message)
    assert STOPPING.remedy in str(state.message)


def test_what_is_only_told_completes_it():
    state = state_of_look(look(judged(STOPPING, "passed"), judged(TELLING, "failed")))
    assert state.is_completed()
    assert "1 check did not pass" in str(state.message)


async def test_a_plan_that_does_not_load_is_refused_and_says_where(tmp_path: Path):
    plan = tmp_path / "broken.yaml"
    plan.write_text("plan: [")
    state = await look_ahead(plan)
    assert (state.name, state.is_failed()) == ("Refused", True)
    assert "broken.yaml:1" in str(state.message)


def test_not_evidenced_is_no_pass():
    whole = look(judged(STOPPING, "passed"))
    assert whole.exit_code == 0
    assert replace(whole, judged=(judged(STOPPING, "not evidenced"),)).exit_code == 1
