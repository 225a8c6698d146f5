"""Start a world whose time stands still unless it is moved, and tell it the story once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import time_machine

from tests.conformance.around import AROUND
from tests.conformance.compare import differences
from tests.conformance.drills import DRILLS
from tests.conformance.drives import Bare, Drive, Move
from tests.conformance.entries import FIRST_CONTACT, Entry, Exchange, load
from tests.conformance.id_patterns import full, words_of
from tests.conformance.life import LIFE
from tests.conformance.rest import REST
from tests.conformance.story import Story
from tests.unit.simulator.conftest import Azure, running

WORLD = Path(__file__).with_name("world.yaml")
SPEED = 60.0
Make = Callable[[Azure, Move], Drive]


def tell(folder: Path, make: Make = Bare) -> Story:
    """The whole story, by one kind of client."""
    return asyncio.run(_tell(folder, make))


async def _tell(folder: Path, make: Make) -> Story:
    moved = 0.0
    versions = {entry.name: entry.api_version for entry in load()}
    with time_machine.travel(datetime.now(UTC), tick=False) as time:
        async with running(folder, WORLD, SPEED) as azure:

            def move(azure_seconds: float) -> None:
                nonlocal moved
                moved += azure_seconds
                time.shift(azure_seconds / SPEED)

            subscription = azure.settings["MUSTER_SUBSCRIPTION"]
            story = Story(azure, make(azure, move), move, subscription, versions)
            await story.tell({**LIFE, **DRILLS, **REST, **AROUND})
            story.moved = moved
    return story


def answer_to(entry: Entry, story: Story) -> Exchange | None:
    """What the simulator answered to an entry: where the story says so, else what is nearest.

    A recording that dropped in has no place in the story; it is held against every answer to the
    same operation, and the one with the fewest differences counts.
    """
    if entry.rests != FIRST_CONTACT:
        return story.told.get(entry.name)
    asked = (entry.method, words_of(full(entry.path)))
    same = [one for one in story.drive.log if (one.method, words_of(one.path)) == asked]
    return min(same, key=lambda one: len(differences(entry, one)), default=None)
