"""Starting, running and stopping one simulator."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from aiohttp import web

from muster.simulator import routes
from muster.simulator.app import Front, application
from muster.simulator.azure_time import AzureTime
from muster.simulator.errors import SimulatorError
from muster.simulator.guests.desk import Desk, GuestFactory, GuestPort, View
from muster.simulator.identity.entra import Entra
from muster.simulator.identity.roles import Grant, Identity
from muster.simulator.identity.tokens import Mint
from muster.simulator.json_types import Json
from muster.simulator.keeping import Keeper
from muster.simulator.store import Store, packed, write_whole
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

    `announce` gets `ready https://127.0.0.1:<port>` once connections are accepted; by then
    `simulator.env` in the state folder holds all that a client needs. `guests` are the built-in
    ones unless others are handed in.

    Raises: SimulatorError for a bad world file, folder, port, speed, or a second process.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise SimulatorError(f"The speed has to lie between 1 and 3600, not {speed:g}.")
    facts, digest = load_world(world)
    store = Store(state.absolute())
    try:
        with _listening(port) as listener:
            endpoint = f"https://127.0.0.1:{listener.getsockname()[1]}"
            begun = _begin(store, facts, digest, speed)
            make = guests or _built_in()
            async with _running(begun, facts, store, listener, endpoint, make, trusted_scripts):
                announce(f"ready {endpoint}")
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
    world.advance()
    return world


@contextlib.asynccontextmanager
async def _running(
    world: World,
    facts: WorldFacts,
    store: Store,
    listener: socket.socket,
    endpoint: str,
    make: GuestFactory,
    trusted_scripts: frozenset[str],
) -> AsyncIterator[None]:
    """Everything up; everything down on the way out."""
    mint = Mint(store.folder, facts.tenant, facts.settings.token_lifetime, endpoint)
    identities = {identity.client_id: identity for identity in _identities(facts)}
    guests = make(View(world), world.clock, trusted_scripts, store.folder, _worker(world, facts))
    desk = Desk(world, guests)
    keeper = Keeper(lambda: packed(world.state), store.save)
    front = Front(world, mint, identities, endpoint, keeper, desk)
    desk.moved = front.settle
    app = application(front, Entra(mint, identities, endpoint).routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    ticker: asyncio.Task[None] | None = None
    try:
        await desk.open()
        await runner.setup()
        await web.SockSite(runner, listener, ssl_context=server_context(store.folder)).start()
        _write_settings(store, facts, world, endpoint, guests)
        ticker = asyncio.create_task(_tick(front))
        yield
    finally:
        if ticker:
            ticker.cancel()
            await asyncio.gather(ticker, return_exceptions=True)
        await runner.cleanup()
        await desk.close()
        keeper.changed()
        await keeper.kept()


async def _tick(front: Front) -> None:
    """Let things happen when they are due, also when nobody asks."""
    world = front.world
    while True:
        front.move()
        front.wake.clear()
        with contextlib.suppress(OSError):  # told to whoever asks next
            await front.keeper.kept()
        due = world.next_due()
        pause = None if due is None else max(0.005, world.clock.wall(due - world.now))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await front.wake.wait()


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A listening socket on the loopback. Raises: SimulatorError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except (OSError, OverflowError) as err:
        listener.close()
        raise SimulatorError(
            f"Port {port} of 127.0.0.1 cannot be used: {getattr(err, 'strerror', None) or err}. "
            "Name another port, or 0 for any free one."
        ) from err
    try:
        yield listener
    finally:
        listener.close()


def _identities(facts: WorldFacts) -> list[Identity]:
    base = f"/subscriptions/{facts.subscription.id}"
    return [
        Identity(
            each.name,
            each.client_id,
            each.object_id,
            each.secret,
            tuple(
                Grant(
                    given.scope
                    if given.scope.startswith("/subscriptions/")
                    else base + given.scope,
                    facts.roles[given.role].actions,
                    facts.roles[given.role].not_actions,
                )
                for given in each.roles
            ),
        )
        for each in facts.identities
    ]


def _worker(world: World, facts: WorldFacts) -> tuple[str, str] | None:
    if facts.worker is None:
        return None
    named = facts.worker.network
    for network in world.of_type("Microsoft.Network/virtualNetworks"):
        if network["name"] == named:
            return network["id"], str(facts.worker.address)
    return None


def _write_settings(
    store: Store, facts: WorldFacts, world: World, endpoint: str, guests: GuestPort
) -> None:
    """`simulator.env`: sourcing it is enough for any client."""
    client = next(each for each in facts.identities if each.name == facts.client)
    settings: Json = {
        "AZURE_AUTHORITY_HOST": endpoint,
        "AZURE_TENANT_ID": facts.tenant,
        "AZURE_CLIENT_ID": client.client_id,
        "AZURE_CLIENT_SECRET": client.secret,
        "MUSTER_ARM_ENDPOINT": endpoint,
        "MUSTER_CA_FILE": str(store.folder / "ca.pem"),
        "MUSTER_SUBSCRIPTION": facts.subscription.id,
        "MUSTER_CLOCK": f"{world.clock.epoch!r},{world.clock.speed!r}",
        "MUSTER_WORKER_PROXY": guests.worker_proxy_url(),
    }
    lines = [f"export {name}={_quoted(str(value))}\n" for name, value in settings.items()]
    write_whole(store.folder / "simulator.env", "".join(lines).encode())


def _quoted(value: str) -> str:
    """Always in quotes, so that a simple reader need not know the shell's rules."""
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
