"""`muster replicate --plan-only`: what would be made, changed, left alone, or released. Sends
nothing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

from muster.cli.output import print_json, say
from muster.plan.loader import LoadedPlan
from muster.replication.rendering import Line
from muster.runs.means import USUAL
from muster.runs.plan_shown import data_shown, lines_shown, read_plan_shown
from muster.settings import Settings


def show_plan(loaded: LoadedPlan, settings: Settings, *, is_json: bool) -> int:
    """Print what was decided of a replication; first the run that is open, if one is.

    Returns:
        The exit code: 1 where something is refused, a VM that the plan names is left out, a right
        is missing, a VM cannot reach what replication needs, preflight would end the run, or an
        open run that is gone on with leaves something of it; that of the refusal where an open
        run would have it refused.

    Raises:
        GatewayError: Azure could not be read.
        InputError: The plan cannot be replicated as it stands; or not one VM of it, which is
            raised once the list was printed.
        JournalError: The register of the plan's runs does not read.
    """
    shown = asyncio.run(read_plan_shown(loaded, settings, USUAL))
    if is_json:
        print_json(data_shown(shown))
    else:
        say(_heading(loaded.plan.plan, "what replicate would do", settings))
        _print(lines_shown(shown))
    if shown.raised is not None:
        raise shown.raised
    return shown.exit_code


def _heading(plan: str, what: str, settings: Settings) -> str:
    """Which plan, and where it was looked at: what a simulator told says so."""
    mark = " (SIMULATOR)" if settings.target == "simulator" else ""
    return f"{plan}: {what}{mark}; nothing is sent"


def _print(lines: Iterable[Line]) -> None:
    """Coloured where a person looks; as it is where it goes into a file."""
    if not sys.stdout.isatty():
        for line in lines:
            say(line.text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        console.print(Text(line.text, style=line.style), soft_wrap=True)
