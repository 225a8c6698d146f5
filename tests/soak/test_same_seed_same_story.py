"""A seed tells the same story each time: no clock, memory address or hash has a say in a drill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.story import DRAWN, stories

ROOT = Path(__file__).parents[2]
SEED, VMS, DRILLS = 6, 4, 2


def told_by_processes(*hash_seeds: str) -> list[str]:
    """What other processes tell of the same seed; sets there have other orders."""
    asked = [sys.executable, "-m", "tests.soak.story", str(SEED), str(VMS), str(DRILLS)]
    processes = [
        subprocess.Popen(
            asked, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": one},
            stdout=subprocess.PIPE, text=True,
        )
        for one in hash_seeds
    ]  # fmt: skip
    told = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return told


@pytest.fixture(scope="module")
def here() -> str:
    told = "\n".join(stories(SEED, VMS, DRILLS))
    assert told.count('"kind":"opened"') == DRILLS
    assert told.count('"kind":"finished"') > 40
    return told


def test_a_seed_tells_the_same_story_twice(here: str) -> None:
    assert "\n".join(stories(SEED, VMS, DRILLS)) == here


def test_a_seed_tells_the_same_story_in_processes_with_other_hashes(here: str) -> None:
    assert told_by_processes("1", "2") == [here, here]


def test_stories_of_two_seeds_differ():
    assert stories(1, 2, 2) != stories(2, 2, 2)


def test_only_drawn_names_are_numbered():
    line = (
        '{"at":"2027-01-01T00:00:11.570000Z","mono":11.57,"seq":55,"process":"vm:29113:87920dac"}'
    )
    assert DRAWN.sub("#", line) == line.replace("vm:29113:87920dac", "#")
