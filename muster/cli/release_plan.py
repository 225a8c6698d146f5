"""`muster replicate --disable --plan-only`: what would be released, what stays. Sends nothing."""

from __future__ import annotations

import asyncio

from muster.cli.output import print_json, say, tell
from muster.errors import EXIT_FAILED, EXIT_OK
from muster.gateway.open import open_gateway
from muster.plan.loader import LoadedPlan
from muster.runs.means import USUAL, Means
from muster.runs.release_shown import Shown, as_data, lines_of, read_shown
from muster.settings import Settings


def show_release(loaded: LoadedPlan, settings: Settings, *, is_json: bool) -> int:
    """Print each item with its state and the recovery points that go with it; the exit code is 1
    where something stays.

    Raises:
        NothingToReplicate: Nothing of the plan is protected.
        GatewayError: Azure could not be read.
        JournalError: The register of the plan's runs does not read.
    """
    shown = asyncio.run(_shown(loaded, settings, USUAL))
    if is_json:
        print_json(as_data(shown))
    else:
        mark = " (SIMULATOR)" if settings.target == "simulator" else ""
        say(f"{loaded.plan.plan}: what replicate --disable would do{mark}; nothing is sent")
        for line in lines_of(shown):
            say(line)
    return EXIT_OK if shown.release.is_whole else EXIT_FAILED


def show_before_asking(loaded: LoadedPlan, settings: Settings) -> None:
    """The same list where a person is about to confirm it; on the side, for scripts' sake.

    Raises:
        As `show_release`.
    """
    for line in lines_of(asyncio.run(_shown(loaded, settings, USUAL))):
        tell(line)


async def _shown(loaded: LoadedPlan, settings: Settings, means: Means) -> Shown:
    async with open_gateway(settings) as gateway:
        store = means.store(settings)
        return await read_shown(gateway, loaded.plan, settings, store, loaded.path.parent)
