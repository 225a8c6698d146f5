"""A simulated Azure in the loop at hand: the whole application, without sockets and files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from muster.checks.probe import probe_digest
from muster.simulator import routes
from muster.simulator.app import Front
from muster.simulator.azure_time import AzureTime
from muster.simulator.faults.engine import Engine
from muster.simulator.faults.file import Fault, with_settings
from muster.simulator.guests.desk import Desk, View
from muster.simulator.identity import access
from muster.simulator.identity.directory import identities
from muster.simulator.identity.roles import Identity
from muster.simulator.identity.tokens import Mint
from muster.simulator.keeping import Keeper
from muster.simulator.mishaps import Mishaps
from muster.simulator.serve import ticking
from muster.simulator.world import World
from muster.simulator.worlds.build import new_state, problems_of
from muster.simulator.worlds.checks import mistakes_between
from muster.simulator.worlds.model import WorldFacts
from tests.in_process.guests import ModelledGuests
from tests.in_process.virtual_loop import VirtualLoop

ENDPOINT = "https://azure.invalid"
TOKEN_LIFETIME = 30 * 86_400.0  # wall seconds: tokens go by the wall, which here hardly moves


@dataclass(frozen=True)
class Azure:
    """What runs; `world` is the simulator's own account of itself."""

    world: World
    front: Front
    guests: ModelledGuests
    mint: Mint
    client: Identity  # who drills
    mishaps: Mishaps


def facts_of(raw: dict[str, Any]) -> WorldFacts:
    """A world as its file would say it; raises AssertionError with every mistake in it."""
    facts = WorldFacts.model_validate(raw)
    mistakes = [*mistakes_between(raw), *problems_of(facts)]
    assert mistakes == []
    return facts


@asynccontextmanager
async def azure_in_process(
    facts: WorldFacts, loop: VirtualLoop, faults: Sequence[Fault] = ()
) -> AsyncIterator[Azure]:
    """The world, its front, its guests and the passing of its time, until the block ends."""
    facts = with_settings(facts, faults)
    clock = AzureTime(loop.wall(), 1.0, wall_now=loop.wall)
    state = new_state(facts, "in process", clock, routes.EFFECTS)
    world = World(state, facts.settings, clock, routes.EFFECTS)
    world.faults = Engine(world, faults, facts.client)
    access.seed(world, facts)
    people, mint = identities(facts), Mint(_folder(), facts.tenant, TOKEN_LIFETIME, ENDPOINT)
    trusted = frozenset({probe_digest()})
    guests = ModelledGuests(View(world), clock, trusted, _folder(), _worker(world, facts))
    mishaps = Mishaps()
    desk = Desk(world, guests, mishaps)
    front = Front(world, mint, people, ENDPOINT, _keeper(), desk, mishaps)
    desk.moved = front.settle
    await desk.open()
    loop.connect = guests.connect_worker
    tick = asyncio.create_task(ticking(front), name="the passing of Azure's time")
    client = next(each for each in people.values() if each.name == facts.client)
    try:
        yield Azure(world, front, guests, mint, client, mishaps)
    finally:
        tick.cancel()
        await asyncio.gather(tick, return_exceptions=True)
        await desk.close()


def _keeper() -> Keeper:
    """Nothing outlives this process, so nothing is written."""
    return Keeper(lambda: b"", lambda _: None)


def _worker(world: World, facts: WorldFacts) -> tuple[str, str] | None:
    if facts.worker is None:
        return None
    networks = world.of_type("Microsoft.Network/virtualNetworks")
    named = next(one for one in networks if one["name"] == facts.worker.network)
    return named["id"], str(facts.worker.address)


@cache
def _folder() -> Path:
    """The key that signs tokens is made once a process."""
    return Path(mkdtemp(prefix="muster-in-process-"))
