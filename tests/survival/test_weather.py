"""`muster drill` into every scenario: how it ends, what the record says, and that it was met."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.simulator.faults.file import known
from tests.survival.expected import EXPECTED, Expected
from tests.survival.weather import drilled

pytestmark = pytest.mark.survival


@pytest.mark.parametrize("scenario", known())
def test_a_drill_in_the_weather_of(scenario: str, tmp_path: Path) -> None:
    expected = EXPECTED[scenario]
    story, ended, bench = drilled(scenario, tmp_path, speed=expected.speed)
    assert (story.code, story.outcome) == (expected.code, expected.outcome), ended
    assert set(expected.causes) <= set(story.causes), ended
    assert bool(story.causes) == bool(expected.causes)
    met = {key.partition("/")[2] for key, count in story.fired.items() if count}
    assert met == set(expected.fires), story.fired
    assert _named(story.left) == set(expected.left)
    _is_told(expected, story.told, story.left)
    run = ended.json()["run"]
    assert bench.muster("verify", run).code == 0
    record = bench.evidence(run).record()
    assert record["outcome"] == expected.outcome
    said = " ".join(one["text"] for one in record["deviations"])
    assert all(words in said for words in expected.deviations), said


def _named(left: list[str]) -> set[str]:
    """What is left by its name, small letters."""
    return {one.casefold() for one in left}


def _is_told(expected: Expected, told: list[str], left: list[str]) -> None:
    """Whatever is left, the record names; it names nothing that is not there."""
    names = {one.rpartition("/")[2].casefold() for one in told}
    own = _named(left) - set(expected.others)
    assert own <= names | set(expected.pending), (told, left)


def test_every_scenario_has_an_expectation_and_none_is_stale() -> None:
    assert sorted(EXPECTED) == sorted(known())
