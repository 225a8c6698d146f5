"""Starting, running and stopping one simulator."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from muster.simulator import client_settings, routes
from muster.simulator.app import Front, application
from muster.simulator.azure_time import AzureTime
from muster.simulator.client_settings import Addresses
from muster.simulator.control import LARGEST_BODY, Control, kept_secret
from muster.simulator.control import application as control_application
from muster.simulator.counters import Counters
from muster.simulator.errors import SimulatorError
from muster.simulator.guests.desk import Desk, GuestFactory, View
from muster.simulator.identity import access
from muster.simulator.identity.directory import identities
from muster.simulator.identity.entra import Entra
from muster.simulator.identity.metadata import MetadataService
from muster.simulator.identity.roles import Identity
from muster.simulator.identity.tokens import Mint
from muster.simulator.keeping import Keeper
from muster.simulator.listening import listening, port_of, serving
from muster.simulator.mishaps import Mishaps
from muster.simulator.store import Store, packed
from muster.simulator.tls import server_context
from muster.simulator.world import World
from muster.simulator.worlds.build import new_state
from muster.simulator.worlds.file import load_world
from muster.simulator.worlds.model import WorldFacts

SLOWEST, FASTEST = 1.0, 3600.0


async def serve(
    world: Path,
    state: Path,
    port: int,
    speed: float,
    trusted_scripts: frozenset[str],
    announce: Callable[[str], None],
    until: asyncio.Event,
    *,
    guests: GuestFactory | None = None,
) -> None:
    """Run a simulated Azure until told to stop.

    `announce` gets `ready https://127.0.0.1:<port>` once connections are accepted, then a line
    with the control port's address; by then `simulator.env` in the state folder holds all that a
    client needs. `guests` are the built-in ones unless others are handed in.

    Raises: SimulatorError for a bad world file, folder, port, speed, or a second process.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise SimulatorError(f"The speed has to lie between 1 and 3600, not {speed:g}.")
    facts, digest = load_world(world)
    store = Store(state.absolute())
    try:
        with listening(port) as listener:
            begun = _begin(store, facts, digest, speed)
            mishaps = Mishaps()
            mishaps.advance(begun)
            start = Start(begun, facts, store, guests or _built_in(), trusted_scripts, mishaps)
            async with _running(start, listener) as at:
                announce(f"ready {at.endpoint}")
                announce(f"control {at.control}")
                await until.wait()
    finally:
        store.close()


def _built_in() -> GuestFactory:
    from muster.simulator.guests.guests import Guests  # late: tests hand in their own

    return Guests


def _begin(store: Store, facts: WorldFacts, digest: str, speed: float) -> World:
    """The world of a folder as it was left, or a new one. Raises: SimulatorError."""
    kept = store.load()
    if kept is None:
        clock = AzureTime(time.time(), speed)
        kept = new_state(facts, digest, clock, routes.EFFECTS)
        store.save(packed(kept))
    elif kept["digest"] != digest:
        raise SimulatorError(
            f"The state in {store.folder} began with another world file (or this one was changed "
            "since). Name another folder, or remove that one to start anew."
        )
    elif kept["speed"] != speed:
        raise SimulatorError(
            f"The state in {store.folder} runs at speed {kept['speed']:g} and keeps it."
        )
    clock = AzureTime(kept["epoch"], kept["speed"])
    world = World(kept, facts.settings, clock, routes.EFFECTS)
    access.seed(world, facts)
    return world


@dataclass(frozen=True, slots=True)
class Start:
    """What a simulator is started with."""

    world: World
    facts: WorldFacts
    store: Store
    guests: GuestFactory
    trusted_scripts: frozenset[str]
    mishaps: Mishaps


@contextlib.asynccontextmanager
async def _running(start: Start, listener: socket.socket) -> AsyncIterator[Addresses]:
    """Everything up; everything down on the way out."""
    world, facts, store = start.world, start.facts, start.store
    endpoint = f"https://127.0.0.1:{port_of(listener)}"
    mint = Mint(store.folder, facts.tenant, facts.settings.token_lifetime, endpoint)
    people = identities(facts)
    view, worker = View(world), _worker(world, facts)
    guests = start.guests(view, world.clock, start.trusted_scripts, store.folder, worker)
    desk = Desk(world, guests, start.mishaps)
    keeper = Keeper(lambda: packed(world.state), store.save)
    front = Front(world, mint, people, endpoint, keeper, desk, start.mishaps)
    desk.moved = front.settle
    counters = Counters()
    entra = Entra(mint, people, endpoint, facts.settings.replayed_assertion)
    app = application(front, entra.routes(), counters)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(_kept, front)
        stack.push_async_callback(desk.close)
        await desk.open()
        tls = server_context(store.folder)
        await stack.enter_async_context(serving(app, listener, tls))
        control = await _control(stack, Control(world, counters, endpoint, start.mishaps), store)
        metadata, secret = await _metadata(stack, mint, people, counters)
        at = Addresses(endpoint, control, guests.worker_proxy_url(), metadata, secret)
        client_settings.write(store, facts, world, at)
        stack.push_async_callback(_ended, asyncio.create_task(_tick(front)))
        yield at


async def _control(stack: contextlib.AsyncExitStack, control: Control, store: Store) -> str:
    """Open the control port; answers its address."""
    listener = stack.enter_context(listening())
    secret = kept_secret(store.folder)
    app = control_application(control.commands(), secret, port_of(listener))
    await stack.enter_async_context(serving(app, listener))
    return f"http://127.0.0.1:{port_of(listener)}/{secret}"


async def _metadata(
    stack: contextlib.AsyncExitStack,
    mint: Mint,
    people: Mapping[str, Identity],
    counters: Counters,
) -> tuple[str, str]:
    """Open the endpoint of managed identities, if there are any; its address and secret."""
    if not any(each.managed for each in people.values()):
        return "", ""
    listener, secret = stack.enter_context(listening()), secrets.token_hex(16)
    app = web.Application(middlewares=[counters.middleware()], client_max_size=LARGEST_BODY)
    app.add_routes(MetadataService(mint, people.values(), secret).routes())
    await stack.enter_async_context(serving(app, listener))
    return f"http://127.0.0.1:{port_of(listener)}", secret


async def _kept(front: Front) -> None:
    """Keep the last state, also what only the guests changed. Raises: SimulatorError."""
    front.keeper.changed()
    if why := await front.kept():
        raise SimulatorError(f"{why} What happened since the last time it could is lost.")


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _tick(front: Front) -> None:
    """Let things happen when they are due, also when nobody asks."""
    world = front.world
    while True:
        front.move()
        front.wake.clear()
        await front.kept()  # that it is not is told to whoever asks next
        due = world.next_due()
        pause = None if due is None else max(0.005, world.clock.wall(due - world.now))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await front.wake.wait()


def _worker(world: World, facts: WorldFacts) -> tuple[str, str] | None:
    if facts.worker is None:
        return None
    named = facts.worker.network
    for network in world.of_type("Microsoft.Network/virtualNetworks"):
        if network["name"] == named:
            return network["id"], str(facts.worker.address)
    return None
