"""The control port: what the person who runs the simulator may see and do, apart from Azure.

A listener of its own on the loopback, plain HTTP. Every address begins with a secret that is kept
in the state folder, and the `Host` has to be the loopback: a page in a browser knows no such
address, and one that has been led here by another name (DNS rebinding) is turned away.
"""

from __future__ import annotations

import contextlib
import hmac
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from muster.simulator import dates
from muster.simulator.counters import Counters
from muster.simulator.errors import SimulatorError
from muster.simulator.faults.engine import Engine
from muster.simulator.json_types import Json
from muster.simulator.keeping import Keeper
from muster.simulator.listening import listening, port_of
from muster.simulator.mishaps import Mishaps
from muster.simulator.store import write_whole
from muster.simulator.world import World

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer. There is no Access-Control-Allow-Origin: no page may read one."""
LARGEST_BODY = 1024
_SECRET = re.compile(rb"[A-Za-z0-9_-]{32}")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route = tuple[str, _Handler]


class Refused(Exception):
    """What a command will not do: the answer's status, and a sentence that says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to ask for or to do; `answer` works at one instant and returns its JSON.

    `act`, in its place, gets the parameters of the query, may wait, and may be Refused.
    """

    method: str
    path: str
    answer: Callable[[], Json] | None = None
    act: Callable[[Mapping[str, str]], Awaitable[Json]] | None = None


class Control:
    """The commands of one simulator. More of them (time, a page) are further rows."""

    def __init__(
        self, world: World, counters: Counters, endpoint: str, mishaps: Mishaps, keeper: Keeper
    ) -> None:
        self.world, self.counters, self.endpoint = world, counters, endpoint
        self.mishaps, self.keeper = mishaps, keeper

    def commands(self) -> Sequence[Command]:
        return (
            Command("GET", "/health", self.health),
            Command("GET", "/counters", self.counters.shown),
            Command("POST", "/counters/reset", self.reset),
            Command("GET", "/faults", self.faults),
        )

    def health(self) -> Json:
        """GET /health: that it runs, what it is, and its time.

        `damaged` after an error of the simulator's own, which are told: the world may be half
        changed. `not keeping` while the state cannot be written, and `not_kept` says why.
        """
        world, clock = self.world, self.world.clock
        return {
            "status": self._status(),
            "not_kept": self.keeper.trouble,
            "world": world.state["world"],
            "endpoint": self.endpoint,
            "azure_time": dates.ticks(clock.seconds()),
            "epoch": clock.epoch,
            "speed": clock.speed,
            "events_pending": len(world.state["events"]),
            "mishaps": self.mishaps.shown(),
        }

    def _status(self) -> str:
        if self.mishaps.count:
            return "damaged"
        return "not keeping" if self.keeper.trouble else "running"

    def faults(self) -> Json:
        """GET /faults: the rules, how often their moments came and they happened; the story."""
        engine = self.world.faults
        return engine.shown() if isinstance(engine, Engine) else {"rules": [], "story": []}

    def reset(self) -> Json:
        """POST /counters/reset: begin counting anew; answers what had been counted."""
        before = self.counters.shown()
        self.counters.reset()
        return before


def application(
    commands: Sequence[Command], secret: str, port: int, pages: Sequence[Route] = ()
) -> web.Application:
    """The commands and pages under `/<secret>`, for the loopback alone."""

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        _demand_loopback(request, port)
        told = request.path.lstrip("/").partition("/")[0]
        if not hmac.compare_digest(told.encode(), secret.encode()):
            raise web.HTTPNotFound
        return await handler(request)

    app = web.Application(middlewares=[guard], client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(_add_headers)
    for command in commands:
        app.router.add_route(command.method, f"/{secret}{command.path}", _answering(command))
    for path, answer in pages:
        app.router.add_get(f"/{secret}{path}", answer)
    if pages:
        app.router.add_get(f"/{secret}", _to_the_page(secret))
    return app


def kept_secret(folder: Path) -> str:
    """The secret of a state folder, made when it is first asked for.

    Raises: SimulatorError: the file holds something else.
    """
    file = folder / "control.secret"
    if not file.exists():
        write_whole(file, secrets.token_urlsafe(24).encode())
    kept = file.read_bytes()
    if _SECRET.fullmatch(kept) is None:  # an emptied one would open the port to everybody
        raise SimulatorError(
            f"The file {file} holds no secret of a control port: put a good copy there, or remove "
            "it to have another secret made."
        )
    return kept.decode("ascii")


@contextlib.contextmanager
def kept_listener(folder: Path) -> Iterator[socket.socket]:
    """A listener at the port that the folder had last, if it is free: open pages find it again."""
    file = folder / "control.port"
    last = file.read_text(encoding="ascii", errors="replace") if file.exists() else ""
    with contextlib.ExitStack() as stack:
        try:
            listener = stack.enter_context(listening(int(last) if last.isdecimal() else 0))
        except SimulatorError:  # somebody else has it now
            listener = stack.enter_context(listening())
        write_whole(file, str(port_of(listener)).encode())
        yield listener


def _demand_loopback(request: web.Request, port: int) -> None:
    """Turn away who came by another name, or from a page of another origin."""
    names = (f"127.0.0.1:{port}", f"localhost:{port}")
    origin = request.headers.get("Origin")
    if request.headers.get("Host") not in names or (
        origin is not None and origin not in [f"http://{name}" for name in names]
    ):
        raise web.HTTPForbidden


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # the page has a policy of its own


def _to_the_page(secret: str) -> _Handler:
    """The printed address has no slash at its end, and what the page asks for lies below it."""

    async def lead(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"/{secret}/")

    return lead


def _each_once(request: web.Request) -> Mapping[str, str]:
    """The parameters of a query. Raises: Refused: one of two would be passed over."""
    if len(request.query) > len(set(request.query)):
        raise Refused(400, "Each parameter is given once.")
    return request.query


def _answering(command: Command) -> _Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            if command.act is not None:
                return web.json_response(await command.act(_each_once(request)))
        except Refused as err:
            return web.json_response({"error": str(err)}, status=err.status)
        return web.json_response(command.answer() if command.answer else {})

    return handle
