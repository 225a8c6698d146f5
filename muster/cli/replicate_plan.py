"""`muster replicate --plan-only`: what would be made, changed or left alone. Sends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from muster.cli.output import print_json, say
from muster.errors import EXIT_FAILED, EXIT_OK
from muster.gateway.open import open_gateway
from muster.plan.loader import LoadedPlan
from muster.replication.change import Act
from muster.replication.decision import Decision, change_data
from muster.settings import Settings
from muster.steps.replicating.deciding import decide

_MARKS = {Act.CREATE: "+", Act.CHANGE: "~", Act.LEAVE: " ", Act.REFUSE: "!"}


def show_plan(loaded: LoadedPlan, settings: Settings, *, is_json: bool) -> int:
    """Print what was decided; the exit code is 1 where something is refused.

    Raises:
        GatewayError: Azure could not be read.
        InputError: The plan cannot be replicated as it stands.
    """
    decision = asyncio.run(_decided(loaded, settings))
    if is_json:
        print_json(data_of(decision))
    else:
        for line in lines_of(decision):
            say(line)
    return EXIT_FAILED if any(one.act is Act.REFUSE for one in decision.changes) else EXIT_OK


async def _decided(loaded: LoadedPlan, settings: Settings) -> Decision:
    subscription = settings.subscription_or_error(loaded.plan.source.subscription)
    async with open_gateway(settings) as gateway:
        return await decide(gateway, loaded.plan, subscription)


def data_of(decision: Decision) -> dict[str, object]:
    """What was decided, as JSON values."""
    return {
        "changes": [dict(change_data(one)) for one in decision.changes],
        "left": [
            {"name": one.name, "kind": one.kind, "why": one.why, "remedy": one.remedy}
            for one in decision.left
        ],
    }


def lines_of(decision: Decision) -> Iterator[str]:
    """The same for people, as a plan of infrastructure code."""
    for one in decision.changes:
        yield f"{_MARKS[one.act]} {one.kind.value} {one.name}: {one.why}"
    for left in decision.left:
        yield f"- {left.name}: {left.kind}: {left.why}"
