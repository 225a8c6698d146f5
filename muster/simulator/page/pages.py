"""The page's files, its live feed and the picture behind it, as routes of the control port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from muster.simulator.control import Command, Route
from muster.simulator.json_types import Json
from muster.simulator.page.feed import Feed, Full
from muster.simulator.page.picture import Sources, draw

SITE = Path(__file__).with_name("site")
KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The page's own files and nothing else; no markup is ever made from text."""
HEADERS: Mapping[str, str] = {"Content-Security-Policy": POLICY}
STALLED = 30.0  # seconds on the wall after which a watcher that takes nothing is let go


class Site:
    """The page of one simulator."""

    def __init__(self, sources: Sources) -> None:
        self._files = {
            path.name: path.read_bytes() for path in sorted(SITE.iterdir()) if path.suffix in KINDS
        }
        version = sha256(b"\0".join(self._files.values())).hexdigest()[:16]
        self.feed = Feed(lambda: draw(sources), sources.calls, version)

    def routes(self) -> Sequence[Route]:
        """What to answer a GET with, by path below the secret."""
        pages: list[Route] = [(f"/{name}", self._file(name)) for name in self._files]
        return [("/", self._file("page.html")), *pages, ("/world", self._world),
                ("/stream", self._stream)]  # fmt: skip

    async def close(self, _: web.Application) -> None:
        """Let open streams end, so that stopping waits for none of them."""
        self.feed.close()

    def _file(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(_: web.Request) -> web.StreamResponse:
            kind = KINDS[Path(name).suffix]
            body = self._files[name]
            return web.Response(body=body, content_type=kind, charset="utf-8", headers=HEADERS)

        return answer

    async def _world(self, _: web.Request) -> web.StreamResponse:
        """GET /world: everything that the page shows, as JSON."""
        return web.Response(body=self.feed.whole(), content_type="application/json")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """GET /stream: the same as server-sent events, then what changes."""
        watching = self.feed.watch()
        try:
            first = await anext(watching)
        except Full:
            headers = {"Retry-After": "5"}
            return web.Response(status=503, text="Too many pages are open.", headers=headers)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            await response.prepare(request)
            await _send(response, b"retry: 1000\ndata: " + first)
            async for message in watching:
                await _send(response, b"data: " + message)
        except (ConnectionError, TimeoutError):
            pass  # the browser is gone, or takes nothing: it will ask again
        finally:
            await watching.aclose()
        return response


def rules_among(commands: Sequence[Command]) -> Callable[[], Json] | None:
    """What answers `GET /faults`, if the control port has it: `{"rules": [{id, title, does,
    fired}]}`.
    """
    found = (each for each in commands if (each.method, each.path) == ("GET", "/faults"))
    return next((each.answer for each in found), None)


async def _send(response: web.StreamResponse, event: bytes) -> None:
    """Send one event, waiting as long as the browser takes to read. Raises: TimeoutError."""
    async with asyncio.timeout(STALLED):
        await response.write(event + b"\n\n")
