"""`muster replicate --plan-only`: what would be made, changed, left alone, or released. Sends
nothing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

from muster.cli.output import print_json, say
from muster.errors import EXIT_FAILED, EXIT_OK
from muster.gateway.open import open_gateway
from muster.plan.loader import LoadedPlan
from muster.replication.change import Change
from muster.replication.counting import blocked_vms
from muster.replication.decision import Decision
from muster.replication.judgement import Judgement
from muster.replication.listing import ListedVm
from muster.replication.outbound import OutboundFinding
from muster.replication.rendering import Line, as_data, lines_of
from muster.replication.wanted import Left
from muster.runs.means import USUAL
from muster.runs.own_parts import heeding_journals
from muster.settings import Settings
from muster.steps.replicating.deciding import decide, decide_for

_Parts = tuple[
    tuple[Change, ...],
    tuple[Left, ...],
    tuple[tuple[str, Judgement], ...],
    tuple[OutboundFinding, ...],
    tuple[ListedVm, ...],
]


def show_plan(loaded: LoadedPlan, settings: Settings, *, is_json: bool) -> int:
    """Print what was decided of a replication.

    Returns:
        The exit code: 1 where something is refused, a VM that the plan names is left out, a right
        is missing, or a VM cannot reach what replication needs.

    Raises:
        GatewayError: Azure could not be read.
        InputError: The plan cannot be replicated as it stands.
    """
    decision = asyncio.run(_decided(loaded, settings))
    if is_json:
        print_json(as_data(*_parts(decision)))
    else:
        say(_heading(loaded.plan.plan, "what replicate would do", settings))
        _print(lines_of(*_parts(decision)))
    is_possible = decision.is_possible(loaded.plan) and not blocked_vms(decision.outbound)
    return EXIT_OK if is_possible else EXIT_FAILED


def _heading(plan: str, what: str, settings: Settings) -> str:
    """Which plan, and where it was looked at: what a simulator told says so."""
    mark = " (SIMULATOR)" if settings.target == "simulator" else ""
    return f"{plan}: {what}{mark}; nothing is sent"


async def _decided(loaded: LoadedPlan, settings: Settings) -> Decision:
    subscription = settings.subscription_or_error(loaded.plan.source.subscription)
    async with open_gateway(settings) as gateway:
        folder = loaded.path.parent
        deciding = heeding_journals(decide, USUAL.store(settings), settings, folder)
        return await decide_for(loaded, deciding, gateway, subscription)


def _parts(decision: Decision) -> _Parts:
    told, outbound = decision.told, decision.outbound
    return decision.changes, decision.left, told, outbound, decision.listed


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
