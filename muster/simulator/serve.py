"""Starting, running and stopping one simulator."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from aiohttp import web

from muster.simulator import client_settings, routes, spans
from muster.simulator.app import Front, application
from muster.simulator.azure_time import AzureTime
from muster.simulator.client_settings import Addresses
from muster.simulator.control import LARGEST_BODY, Control, kept_listener, kept_secret
from muster.simulator.control import application as control_application
from muster.simulator.counters import Counters
from muster.simulator.errors import SimulatorError
from muster.simulator.faults.engine import Engine
from muster.simulator.faults.file import Fault, with_settings
from muster.simulator.faults.fitting import demand_fitting
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
from muster.simulator.page.calls import Calls
from muster.simulator.page.pages import Site, rules_among
from muster.simulator.page.picture import Sources
from muster.simulator.store import Store, packed
from muster.simulator.time_control import TimeControl
from muster.simulator.tls import server_context
from muster.simulator.world import World
from muster.simulator.worlds.build import new_state
from muster.simulator.worlds.file import load_world
from muster.simulator.worlds.model import WorldFacts

SLOWEST, FASTEST = 1.0, 3600.0
TRIED_AGAIN = 1.0  # wall seconds between writes of a state that could not be kept


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
    faults: Sequence[Fault] = (),
    durations: Path | None = None,
    purpose: str = "",
) -> None:
    """Run a simulated Azure until told to stop.

    `announce` gets `ready https://127.0.0.1:<port>` once connections are accepted, then a line
    with the control port's address and one with its page; by then `simulator.env` in the state
    folder holds all that a client needs. Then, if need be, it is told that the folder has lost
    its state, that the world is damaged, and of each of the `faults`. `guests` are the built-in
    ones unless others are handed in. `durations` names a file whose spans stand in place of the
    shipped ones, for whatever begins from now on. `purpose` is what the client is for: the world
    may have an identity of its own for it (`clients`).

    Raises: SimulatorError for a bad world, durations, folder, port or speed, or a second process.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise SimulatorError(f"The speed has to lie between 1 and 3600, not {speed:g}.")
    facts, digest = load_world(world)
    facts = facts.model_copy(update={"client": facts.clients.get(purpose, facts.client)})
    demand_fitting(facts, faults)
    facts = with_settings(facts, faults)
    lengths = spans.built_in() if durations is None else spans.replaced(durations)
    store = Store(state.absolute())
    try:
        with _in_a_sentence(store.folder), listening(port) as listener:
            told = _lost(store)
            begun = _begin(store, facts, digest, speed)
            begun.faults = Engine(begun, faults, facts.client)
            begun.spans = lengths
            mishaps = Mishaps(begun.table("mishaps"))
            mishaps.advance(begun)
            start = Start(begun, facts, store, guests or _built_in(), trusted_scripts, mishaps)
            async with _running(start, listener) as at:
                announce(f"ready {at.endpoint}")
                announce(f"control {at.control}")
                announce(f"page {at.control}/")
                for line in (*told, *_told(start, faults)):
                    announce(line)
                await until.wait()
    finally:
        store.close()


def _lost(store: Store) -> Sequence[str]:
    """What is told of a folder that is no new one, and yet holds no state to go on from."""
    if store.file.exists() or not (store.folder / "control.secret").exists():
        return ()
    return (
        f"anew: {store.folder} has the keys of an earlier world and no state.json any more, so "
        "the world begins anew; nothing of the earlier one is left",
    )


def _told(start: Start, faults: Sequence[Fault]) -> Iterator[str]:
    """The lines about a world that has just begun or goes on."""
    if count := start.mishaps.count:
        yield (
            f"damaged: an error of the simulator's own, {count} so far, left this world half "
            "changed before it was started again; /health tells of it"
        )
    for fault in faults:
        yield f"fault {fault.id}: {fault.facts.title}"


@contextlib.contextmanager
def _in_a_sentence(folder: Path) -> Iterator[None]:
    """What the folder or the machine refuses at the start and at the end, in a sentence."""
    try:
        yield
    except OSError as err:
        raise SimulatorError(
            f"The simulator cannot go on, its state folder is {folder}: "
            f"{err.strerror or err}{f' ({err.filename})' if err.filename else ''}. Whatever was "
            "answered is kept in there; make room, or mend what is named, and start it again."
        ) from err


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
    elif kept["clock"]["speed"] != speed:
        raise SimulatorError(
            f"The state in {store.folder} runs at speed {kept['clock']['speed']:g} and keeps it."
        )
    clock = AzureTime.kept(kept["clock"])
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
    keeper = Keeper(partial(_content, world), store.save)
    front = Front(world, mint, people, endpoint, keeper, desk, start.mishaps)
    desk.moved = front.settle
    counters, calls = Counters(), Calls(world)
    page = Sources(world, calls, counters, front.meter, people, start.mishaps, front.move)
    entra = Entra(mint, people, endpoint, facts.settings.replayed_assertion)
    app = application(front, entra.routes(), counters, calls)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(_kept, front)
        stack.push_async_callback(desk.close)
        await desk.open()
        tls = server_context(store.folder)
        await stack.enter_async_context(serving(app, listener, tls))
        metadata, secret = await _metadata(stack, mint, people, counters)
        control, path = stack.enter_context(kept_listener(store.folder)), kept_secret(store.folder)
        address = f"http://127.0.0.1:{port_of(control)}/{path}"
        at = Addresses(endpoint, address, guests.worker_proxy_url(), metadata, secret)
        publish = partial(client_settings.write, store, facts, world, at)
        shown = Control(world, counters, endpoint, start.mishaps, keeper)
        moved = TimeControl(world, front.move, keeper.kept, publish)
        commands = (*shown.commands(), *moved.commands())
        site = Site(replace(page, rules=rules_among(commands)))
        port = control_application(commands, path, port_of(control), site.routes())
        port.on_shutdown.append(site.close)
        await stack.enter_async_context(serving(port, control))
        publish()
        stack.push_async_callback(_ended, asyncio.create_task(ticking(front)))
        yield at


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


def _content(world: World) -> bytes:
    """The state of this instant, with how late it is, as it is kept."""
    world.state["clock"] = world.clock.as_kept()
    return packed(world.state)


async def _kept(front: Front) -> None:
    """Keep the last state, also what only the guests changed. Raises: SimulatorError."""
    front.keeper.changed()
    if why := await front.kept():
        raise SimulatorError(f"{why} What happened since the last time it could is lost.")


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def ticking(front: Front) -> None:
    """Let things happen when they are due, also when nobody asks."""
    world = front.world
    while True:
        front.move()
        front.wake.clear()
        await front.kept()  # that it is not is told to whoever asks next
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_pause(world, front.keeper)):
                await front.wake.wait()


def _pause(world: World, keeper: Keeper) -> float | None:
    """How many wall seconds nothing has to be done by itself; None: until somebody wakes it."""
    due = None if world.clock.stands_at is not None else world.next_due()
    pause = None if due is None else max(0.005, world.clock.wall(due - world.now))
    if keeper.trouble:  # tried again by itself, for there may be room now
        return min(pause or TRIED_AGAIN, TRIED_AGAIN)
    return pause


def _worker(world: World, facts: WorldFacts) -> tuple[str, str] | None:
    if facts.worker is None:
        return None
    named = facts.worker.network
    for network in world.of_type("Microsoft.Network/virtualNetworks"):
        if network["name"] == named:
            return network["id"], str(facts.worker.address)
    return None
