"""`muster drill` into every scenario: how it ends, what the record says, and that it was met."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from muster.simulator.faults.file import known
from tests.survival.expected import EXPECTED
from tests.survival.weather import drilled

pytestmark = pytest.mark.survival

SHORT = ("F1", "F3", "F9", "F22", "F49", "reset", "truncated", "cancelled")
"""One of each kind, for where minutes count: SURVIVAL=short."""
SCENARIOS = SHORT if os.environ.get("SURVIVAL") == "short" else tuple(known())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_drill_in_the_weather_of(scenario: str, tmp_path: Path) -> None:
    expected = EXPECTED[scenario]
    story, ended, bench = drilled(scenario, tmp_path, speed=expected.speed)
    assert (story.code, story.outcome) == (expected.code, expected.outcome), ended
    assert set(expected.causes) <= set(story.causes), ended
    assert bool(story.causes) == bool(expected.causes)
    met = {key.partition("/")[2] for key, count in story.fired.items() if count}
    assert met == set(expected.fires), story.fired
    if expected.left != "others":
        assert _named(story.left) == set(expected.left)
        # A VM whose test failover is pending is told by its item's id.
        told = _named([one.rpartition("/")[2] for one in story.told])
        assert set(expected.left) - {"sql1", "web1"} <= told
    run = ended.json()["run"]
    assert bench.muster("verify", run).code == 0
    record = bench.evidence(run).record()
    assert record["outcome"] == expected.outcome
    assert record["faults"] == [scenario]
    assert f"told to let things go wrong: {scenario}." in record["marking"]
    said = " ".join(one["text"] for one in record["deviations"])
    assert all(words in said for words in expected.deviations), said


def _named(left: list[str]) -> set[str]:
    """What is left by its name, small letters."""
    return {one.casefold() for one in left}


def test_every_scenario_has_an_expectation_and_none_is_stale() -> None:
    assert sorted(EXPECTED) == sorted(known())
