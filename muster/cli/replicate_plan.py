"""`muster replicate --plan-only`: what would be made, changed or left alone. Sends nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

from muster.cli.output import print_json, say
from muster.errors import EXIT_FAILED, EXIT_OK
from muster.gateway.open import open_gateway
from muster.plan.loader import LoadedPlan
from muster.replication.change import Change
from muster.replication.decision import Decision
from muster.replication.judgement import Judgement
from muster.replication.outbound import OutboundFinding
from muster.replication.rendering import Line, as_data, lines_of
from muster.replication.wanted import Left
from muster.settings import Settings
from muster.steps.replicating.deciding import decide

_Parts = tuple[
    tuple[Change, ...],
    tuple[Left, ...],
    tuple[tuple[str, Judgement], ...],
    tuple[OutboundFinding, ...],
]


def show_plan(loaded: LoadedPlan, settings: Settings, *, is_json: bool) -> int:
    """Print what was decided; the exit code is 1 where something is refused, or a VM that the
    plan names is left out.

    Raises:
        GatewayError: Azure could not be read.
        InputError: The plan cannot be replicated as it stands.
    """
    decision = asyncio.run(_decided(loaded, settings))
    if is_json:
        print_json(as_data(*_parts(decision)))
    else:
        _print(lines_of(*_parts(decision)))
    return EXIT_OK if decision.is_possible(loaded.plan) else EXIT_FAILED


async def _decided(loaded: LoadedPlan, settings: Settings) -> Decision:
    subscription = settings.subscription_or_error(loaded.plan.source.subscription)
    async with open_gateway(settings) as gateway:
        return await decide(gateway, loaded.plan, subscription)


def _parts(decision: Decision) -> _Parts:
    return decision.changes, decision.left, decision.told, decision.outbound


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
