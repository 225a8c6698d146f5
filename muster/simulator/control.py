"""The control port: what the person who runs the simulator may see and do, apart from Azure.

A listener of its own on the loopback, plain HTTP. Every address begins with a secret that is kept
in the state folder, and the `Host` has to be the loopback: a page in a browser knows no such
address, and one that has been led here by another name (DNS rebinding) is turned away.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from muster.simulator import dates
from muster.simulator.counters import Counters
from muster.simulator.json_types import Json
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
_SECRET = re.compile(r"[\w-]{32,}", re.ASCII)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to ask for or to do; `answer` works at one instant and returns its JSON."""

    method: str
    path: str
    answer: Callable[[], Json]


class Control:
    """The commands of one simulator. More of them (time, a page) are further rows."""

    def __init__(self, world: World, counters: Counters, endpoint: str, mishaps: Mishaps) -> None:
        self.world, self.counters, self.endpoint = world, counters, endpoint
        self.mishaps = mishaps

    def commands(self) -> Sequence[Command]:
        return (
            Command("GET", "/health", self.health),
            Command("GET", "/counters", self.counters.shown),
            Command("POST", "/counters/reset", self.reset),
        )

    def health(self) -> Json:
        """GET /health: that it runs, what it is, and its time.

        `damaged` after an error of the simulator's own, which are told: the world may be half
        changed.
        """
        world, clock = self.world, self.world.clock
        return {
            "status": "damaged" if self.mishaps.count else "running",
            "world": world.state["world"],
            "endpoint": self.endpoint,
            "azure_time": dates.ticks(clock.seconds()),
            "epoch": clock.epoch,
            "speed": clock.speed,
            "events_pending": len(world.state["events"]),
            "mishaps": self.mishaps.shown(),
        }

    def reset(self) -> Json:
        """POST /counters/reset: begin counting anew; answers what had been counted."""
        before = self.counters.shown()
        self.counters.reset()
        return before


def application(commands: Sequence[Command], secret: str, port: int) -> web.Application:
    """The commands under `/<secret>`, for the loopback alone."""

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
    return app


def kept_secret(folder: Path) -> str:
    """The secret of a state folder, made when it is first asked for, or its file was emptied."""
    file = folder / "control.secret"
    kept = file.read_text(encoding="utf-8").strip() if file.exists() else ""
    if not _SECRET.fullmatch(kept):
        kept = secrets.token_urlsafe(24)
        write_whole(file, kept.encode())
    return kept


def _demand_loopback(request: web.Request, port: int) -> None:
    """Turn away who came by another name, or from a page of another origin."""
    names = (f"127.0.0.1:{port}", f"localhost:{port}")
    origin = request.headers.get("Origin")
    if request.headers.get("Host") not in names or (
        origin is not None and origin not in [f"http://{name}" for name in names]
    ):
        raise web.HTTPForbidden


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _answering(command: Command) -> _Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.json_response(command.answer())

    return handle
