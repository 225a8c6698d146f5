"""The story is told once by each kind of client; the tests look at what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conformance.compare import Difference
from tests.conformance.drives import Bare
from tests.conformance.entries import Entry, Exchange, load
from tests.conformance.judged import Judge, deviations
from tests.conformance.sdk_drive import Sdk
from tests.conformance.story import Story
from tests.conformance.telling import Make, answer_to, tell

MEMORY = Path("/dev/shm")
DRIVES: dict[str, Make] = {"bare": Bare, "sdk": Sdk}


@dataclass
class Verdicts:
    """What was answered to each entry by each drive, and what is left of the differences."""

    answers: Mapping[str, Mapping[str, Exchange | None]]  # drive -> entry -> answer
    left: Mapping[str, Mapping[str, list[Difference]]]
    judge: Judge


@pytest.fixture(scope="session")
def stories() -> Mapping[str, Story]:
    """In memory where there is such a folder: the simulator makes every change durable."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        return {name: tell(Path(folder) / name, make) for name, make in DRIVES.items()}


@pytest.fixture(scope="session")
def catalogue() -> list[Entry]:
    return load()


@pytest.fixture(scope="session")
def verdicts(stories: Mapping[str, Story], catalogue: list[Entry]) -> Verdicts:
    judge = Judge(catalogue, deviations())
    answers = {
        drive: {entry.name: answer_to(entry, story) for entry in catalogue}
        for drive, story in stories.items()
    }
    left = {
        drive: {
            entry.name: judge.left(entry, found)
            for entry in catalogue
            if (found := answers[drive][entry.name])
        }
        for drive in stories
    }
    return Verdicts(answers, left, judge)
