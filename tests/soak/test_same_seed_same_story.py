"""A seed tells the same story each time: no clock, memory address or hash has a say in a drill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.soak.story import DRAWN, stories

ROOT = Path(__file__).parents[2]
SEED, VMS, DRILLS = 6, 5, 3


def told_by_a_process(hash_seed: str) -> str:
    """What another process tells of the same seed; sets there have another order."""
    return subprocess.run(
        [sys.executable, "-m", "tests.soak.story", str(SEED), str(VMS), str(DRILLS)],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True,
        capture_output=True, text=True,
    ).stdout  # fmt: skip


def test_a_seed_tells_the_same_story_twice_and_in_other_processes():
    here = "\n".join(stories(SEED, VMS, DRILLS))
    assert here.count('"kind":"opened"') == DRILLS
    assert here.count('"kind":"finished"') > 80
    assert "\n".join(stories(SEED, VMS, DRILLS)) == here
    for hash_seed in ("1", "2"):
        assert told_by_a_process(hash_seed) == here


def test_stories_of_two_seeds_differ():
    assert stories(1, 2, 2) != stories(2, 2, 2)


def test_only_drawn_names_are_numbered():
    line = (
        '{"at":"2027-01-01T00:00:11.570000Z","mono":11.57,"seq":55,"process":"vm:29113:87920dac"}'
    )
    assert DRAWN.sub("#", line) == line.replace("vm:29113:87920dac", "#")
