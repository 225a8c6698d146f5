"""`muster replicate --disable --plan-only`: what would be released, what stays. Sends nothing."""

from __future__ import annotations

import asyncio

from muster.cli.output import print_json, say, tell
from muster.plan.loader import LoadedPlan
from muster.runs.means import USUAL
from muster.runs.release_seen import (
    data_seen,
    lines_seen,
    read_before_asking,
    read_release_seen,
)
from muster.runs.release_shown import lines_of
from muster.runs.releasing_shown import marks_of
from muster.settings import Settings


def show_release(loaded: LoadedPlan, settings: Settings, *, is_json: bool) -> int:
    """Print each item with its state and the recovery points that go with it, first the run that
    is open, if one is; the exit code is 1 where something stays, that of the refusal where an
    open run would have the command refused.

    Raises:
        NothingToReplicate: Nothing of the plan is protected.
        GatewayError: Azure could not be read.
        JournalError: The register of the plan's runs does not read.
    """
    seen = asyncio.run(read_release_seen(loaded, settings, USUAL))
    if is_json:
        print_json(data_seen(seen))
    else:
        mark = " (SIMULATOR)" if settings.target == "simulator" else ""
        say(f"{loaded.plan.plan}: what replicate --disable would do{mark}; nothing is sent")
        for line in lines_seen(seen, settings):
            say(line)
    if seen.raised is not None:
        raise seen.raised
    return seen.exit_code


def show_before_asking(loaded: LoadedPlan, settings: Settings) -> str:
    """The same list where a person is about to confirm it; on the side, for scripts' sake.

    Returns:
        Marks of what is to go, for the run: it reads anew, and removes nothing else.

    Raises:
        StillOpen: Another run of the plan is open, or one that ends its replication is under way.
        InputError, JournalError: As `read_before_asking`.
        GatewayError: Azure could not be read.
    """
    shown = asyncio.run(read_before_asking(loaded, settings, USUAL))
    for line in lines_of(shown):
        tell(line)
    return marks_of(shown.release)
