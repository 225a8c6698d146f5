"""One request and its response apart from any wire: a web server hands them over, or a caller in
this very process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

LARGEST_BODY = 4 * 1024**2
"""Bytes that ARM reads of a body."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent. Names of `headers` compare without case: a `CIMultiDict` or its like."""

    method: str  # in capitals
    path: str  # decoded, from the root, without its query
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None = b""  # None: more than LARGEST_BODY


@dataclass(frozen=True, slots=True)
class Response:
    """What it is answered; `headers` say the type of a body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


async def from_wire(request: web.Request) -> Request:
    """A request as a web server read it, with all of its body."""
    body: bytes | None = b""
    if request.can_read_body:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = None
    return Request(request.method, request.path, request.query, request.headers, body)


def to_wire(response: Response) -> web.Response:
    """A response as a web server sends it."""
    if not response.body:
        return web.Response(status=response.status, headers=response.headers)
    return web.Response(status=response.status, headers=response.headers, body=response.body)
