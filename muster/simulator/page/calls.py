"""The requests of late: who asked what of which machine, and what came of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from muster.simulator.arm.ids import Target, name_of, parse
from muster.simulator.counters import noted
from muster.simulator.json_types import Json
from muster.simulator.page.values import text
from muster.simulator.world import World

KEPT = 120  # of reads, and of acts, which few among a client's many reads would be lost
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ITEMS, _JOBS = "replicationprotecteditems", "replicationjobs"


class Calls:
    """The last requests, oldest first. No query is kept: polling addresses are signed there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = 0
        self._reads: deque[Json] = deque(maxlen=KEPT)
        self._acts: deque[Json] = deque(maxlen=KEPT)

    def between(self, after: int, last: int) -> list[Json]:
        """Those that are kept of the requests after one number and up to another."""
        both = (*self._reads, *self._acts)
        return sorted((c for c in both if after < c["n"] <= last), key=lambda call: call["n"])

    def note(self, request: web.Request, status: int, seconds: float) -> None:
        """Keep a request that was answered; `seconds` on the wall."""
        operation, identity = noted()
        _, _, kind = operation.partition(" ")
        self.count += 1
        is_read = request.method in ("GET", "HEAD") or operation == "token"
        (self._reads if is_read else self._acts).append(
            {
                "n": self.count,
                "at": round(self.world.now, 3),
                "client": identity.name if identity else "",
                "method": text(request.method),
                "operation": text(kind.rpartition("/")[2] if kind else operation),
                "kind": text(kind),
                "read": is_read,
                "on": text(subject_of(self.world, request.path)),
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
        )

    def middleware(self) -> Any:
        """For a web application, inside the counters' own."""

        @web.middleware
        async def noting(request: web.Request, handler: _Handler) -> web.StreamResponse:
            began = time.perf_counter()
            status = 500
            try:
                response = await handler(request)
                status = response.status
            except web.HTTPException as error:
                status = error.status
                raise
            finally:
                self.note(request, status, time.perf_counter() - began)
            return response

        return noting


def subject_of(world: World, path: str) -> str:
    """The machine that a path is about, or else the name it ends with."""
    target = parse(path)
    words = [word.lower() for word in target.types]
    if _ITEMS in words:
        return _item(world, target, words.index(_ITEMS))
    if _JOBS in words and len(target.names) > words.index(_JOBS):
        known = target.names[words.index(_JOBS)].lower()
        job = world.table("jobs").get(world.state.get("job_names", {}).get(known, known))
        return str(job["subject"]["name"]) if job else ""
    if words[:1] == ["virtualmachines"] and target.names:
        return target.names[0]
    return "" if target.name == target.subscription else target.name


def _item(world: World, target: Target, at: int) -> str:
    """The VM behind a protected item; its container may be named by its GUID."""
    if len(target.names) <= at:
        return ""
    wanted = target.names[at].lower()
    segments = target.path.lower().split("/")
    item = world.items.get("/".join(segments[: segments.index(_ITEMS) + 2]))
    if item is None:
        item = next((one for one in world.items.values() if name_of(one["id"]).lower() == wanted),
                    None)  # fmt: skip
    return str(item["vm_name"]) if item else target.names[at]
