"""How often each client asked for what, and what it was answered: in memory, since the start."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from muster.simulator.identity.roles import Identity
from muster.simulator.json_types import Json

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class _Noted:
    """What is known of the request that is being answered."""

    operation: str = "other"
    identity: Identity | None = None


_REQUEST: ContextVar[_Noted] = ContextVar("request")


def note(operation: str, identity: Identity | None = None) -> None:
    """Say what the request at hand is, and whose as soon as that is known.

    Without a web application around it, as in a caller's own process, nobody counts.
    """
    noted = _REQUEST.get(None)
    if noted is not None:
        noted.operation = operation
        noted.identity = identity or noted.identity


def noted() -> tuple[str, Identity | None]:
    """What the request at hand is, and whose; as far as anybody has said."""
    known = _REQUEST.get()
    return known.operation, known.identity


@dataclass(slots=True)
class Count:
    """The answers to one client's requests for one operation."""

    statuses: Counter[int] = field(default_factory=Counter)
    bytes_in: int = 0  # of bodies
    bytes_out: int = 0


@dataclass(slots=True)
class Counters:
    """Counts by operation and client. Operations are a bounded set; so, therefore, is this."""

    _since: float = field(default_factory=time.time)
    _counts: dict[tuple[str, str, str], Count] = field(default_factory=dict)

    def add(self, request: web.Request, status: int, bytes_out: int) -> None:
        """One request is answered."""
        noted = _REQUEST.get()
        identity = noted.identity
        who = (identity.name, identity.client_id) if identity else ("", "")
        count = self._counts.setdefault((noted.operation, *who), Count())
        count.statuses[status] += 1
        count.bytes_in += request.content_length or 0
        count.bytes_out += bytes_out

    def reset(self) -> None:
        self._counts.clear()
        self._since = time.time()

    def shown(self) -> Json:
        """`since` is wall time, in seconds since 1970; a client that is unknown has no name."""
        rows = [
            {
                "operation": operation,
                "client": client,
                "client_id": client_id,
                "requests": count.statuses.total(),
                "statuses": {str(status): n for status, n in sorted(count.statuses.items())},
                "bytes_in": count.bytes_in,
                "bytes_out": count.bytes_out,
            }
            for (operation, client, client_id), count in sorted(self._counts.items())
        ]
        return {"since": self._since, "counters": rows}

    def middleware(self) -> Any:
        """For a web application: counts whatever becomes of a request."""

        @web.middleware
        async def counting(request: web.Request, handler: _Handler) -> web.StreamResponse:
            _REQUEST.set(_Noted())
            try:
                response = await handler(request)
            except web.HTTPException as error:
                self.add(request, error.status, _length(error))
                raise
            except Exception:
                self.add(request, 500, 0)
                raise
            self.add(request, response.status, _length(response))
            return response

        return counting


def _length(response: web.StreamResponse) -> int:
    body = response.body if isinstance(response, web.Response) else None
    return len(body) if isinstance(body, bytes | bytearray) else 0
