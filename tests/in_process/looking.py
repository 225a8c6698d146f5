"""`muster replicate --plan-only` upon a bench's world: nothing of it is in the bench's `wire`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from muster.gateway.open import open_gateway
from muster.plan.loader import LoadedPlan, load_plan
from muster.runs.means import Means
from muster.runs.plan_shown import PlanShown, lines_shown, read_plan_shown
from muster.runs.release_seen import (
    ReleaseSeen,
    lines_seen,
    read_before_asking,
    read_release_seen,
)
from muster.runs.release_shown import Shown
from muster.settings import Settings
from tests.in_process.replicating import Bench
from tests.in_process.road import InProcessRoad, Latency

T = TypeVar("T")


async def looked(bench: Bench) -> PlanShown:
    """What `--plan-only` reads."""
    return await _read(bench, read_plan_shown)


async def looked_to_disable(bench: Bench) -> ReleaseSeen:
    """What `--disable --plan-only` reads."""
    return await _read(bench, read_release_seen)


async def looked_before_asking(bench: Bench) -> Shown:
    """What `--disable` reads at a terminal, before it asks for the sentence."""
    return await _read(bench, read_before_asking)


def text_of(shown: PlanShown) -> str:
    return "\n".join(line.text for line in lines_shown(shown))


def text_of_release(bench: Bench, seen: ReleaseSeen) -> str:
    return "\n".join(lines_seen(seen, bench.settings))


async def paths_read(bench: Bench) -> list[str]:
    """What `--plan-only` asks Azure for, without queries."""
    clock = bench.settings.clock
    road = InProcessRoad(bench.azure, clock, Latency(clock, bench.scenario.seed + 31))
    await _read(bench, read_plan_shown, road)
    return [one.path.partition("?")[0] for one in road.log if one.method == "GET"]


async def _read(
    bench: Bench,
    read: Callable[[LoadedPlan, Settings, Means], Awaitable[T]],
    road: InProcessRoad | None = None,
) -> T:
    clock = bench.settings.clock
    road = road or InProcessRoad(bench.azure, clock, Latency(clock, bench.scenario.seed + 31))
    means = Means(
        store=lambda _: bench.store, gateway=lambda settings: open_gateway(settings, road)
    )
    return await read(load_plan(bench.plan), bench.settings, means)
