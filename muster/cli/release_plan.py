"""`muster replicate --disable --plan-only`: what would be released, what stays. Sends nothing."""

from __future__ import annotations

import asyncio

from muster.cli.output import print_json, say, tell
from muster.errors import EXIT_FAILED, EXIT_OK
from muster.plan.loader import LoadedPlan
from muster.runs.means import USUAL, Means
from muster.runs.release_shown import Shown, as_data, lines_of, read_shown, with_points
from muster.runs.releasing_shown import marks_of, read_current
from muster.runs.rivals import StillOpen
from muster.runs.same_place import AnotherPlace
from muster.settings import Settings


def show_release(loaded: LoadedPlan, settings: Settings, *, is_json: bool) -> int:
    """Print each item with its state and the recovery points that go with it; the exit code is 1
    where something stays.

    Raises:
        NothingToReplicate: Nothing of the plan is protected.
        GatewayError: Azure could not be read.
        JournalError: The register of the plan's runs does not read.
    """
    shown = asyncio.run(_looked_at(loaded, settings, USUAL))
    if is_json:
        print_json(as_data(shown))
    else:
        mark = " (SIMULATOR)" if settings.target == "simulator" else ""
        say(f"{loaded.plan.plan}: what replicate --disable would do{mark}; nothing is sent")
        for line in lines_of(shown):
            say(line)
    return EXIT_OK if shown.release.is_whole else EXIT_FAILED


def show_before_asking(loaded: LoadedPlan, settings: Settings) -> str:
    """The same list where a person is about to confirm it; on the side, for scripts' sake.

    Returns:
        Marks of what is to go, for the run: it reads anew, and removes nothing else.

    Raises:
        StillOpen: A run that ends the plan's replication is under way.
        As `show_release`.
    """
    shown = asyncio.run(_current(loaded, settings, USUAL))
    for line in lines_of(shown):
        tell(line)
    return marks_of(shown.release)


async def _looked_at(loaded: LoadedPlan, settings: Settings, means: Means) -> Shown:
    """What a run would go by; beside one that cannot be gone on with here, the plan's items."""
    try:
        return await _current(loaded, settings, means)
    except (StillOpen, AnotherPlace):
        store = means.store(settings)
        async with means.gateway(settings) as gateway:
            return await read_shown(gateway, loaded.plan, settings, store, loaded.path.parent)


async def _current(loaded: LoadedPlan, settings: Settings, means: Means) -> Shown:
    async with means.gateway(settings) as gateway:
        release = await read_current(gateway, loaded, settings, means.store(settings))
        return await with_points(gateway, release)
