"""Every entry of the catalogue, asked of a world in its state: by bare HTTP and by the SDKs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.conformance.conftest import DRIVES, Verdicts
from tests.conformance.entries import load
from tests.conformance.judged import deviations, pending
from tests.conformance.story import Story

pytestmark = pytest.mark.xdist_group("conformance")  # the story is told once
NAMES = [entry.name for entry in load()]
PENDING = pending()


@pytest.mark.parametrize("drive", DRIVES)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in PENDING["entries"]])
def test_an_answer_conforms(
    verdicts: Verdicts, stories: Mapping[str, Story], drive: str, name: str
) -> None:
    assert verdicts.answers[drive][name] is not None, stories[drive].stopped
    assert [str(one) for one in verdicts.left[drive][name]] == []


def test_the_catalogue_is_whole() -> None:
    """All samples, besides what was recorded at first contact since."""
    told = [entry.rests for entry in load()]
    assert told.count("recorded") == 55
    assert told.count("from the specification") == 10


def test_what_is_pending_cannot_run_yet(verdicts: Verdicts) -> None:
    ready = [
        name
        for name in PENDING["entries"]
        if any(verdicts.answers[drive][name] is not None for drive in DRIVES)
    ]
    assert ready == [], "these can be compared now: take them out of pending.yaml"
    assert set(PENDING["entries"]) <= set(NAMES)


def test_every_chapter_comes_to_its_end_unless_something_is_pending(
    stories: Mapping[str, Story],
) -> None:
    stopped = {drive: story.stopped for drive, story in stories.items()}
    assert stopped["bare"].keys() == stopped["sdk"].keys()
    if not PENDING["entries"] and not PENDING["methods"]:
        assert stopped["bare"] == {}


def test_no_excuse_is_unused(verdicts: Verdicts) -> None:
    assert verdicts.judge.unused() == []


def test_every_excuse_has_a_reason_and_names_its_places() -> None:
    for each in deviations():
        assert len(each.reason) > 20
        assert each.entries
        assert each.where
        assert "*" not in each.where, "an excuse for everything excuses nothing"


def test_the_story_takes_no_time(stories: Mapping[str, Story]) -> None:
    """Hours of Azure's time: the world stands still and is moved."""
    for story in stories.values():
        assert story.moved > 600
