"""One request and its response apart from any wire: a web server hands them over, or a caller in
this very process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

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
    """What it is answered; `headers` say the type of a body.

    `delivery`: whether it really arrives: whole, cut off in the middle of its body, or not at all.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    delivery: Literal["whole", "truncated", "lost"] = "whole"


async def from_wire(request: web.Request) -> Request:
    """A request as a web server read it, with all of its body."""
    body: bytes | None = b""
    if request.can_read_body:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = None
    return Request(request.method, request.path, request.query, request.headers, body)


async def to_wire(request: web.Request, response: Response) -> web.StreamResponse:
    """A response as a web server sends it; one that is lost ends the connection."""
    if response.delivery == "lost":
        return _hung_up(request)
    if response.delivery == "truncated" and len(response.body) > 1:
        return await _cut_off(request, response)
    if not response.body:
        return web.Response(status=response.status, headers=response.headers)
    return web.Response(status=response.status, headers=response.headers, body=response.body)


def _hung_up(request: web.Request) -> web.StreamResponse:
    """Reset the connection; the server finds nobody there to send the response to."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _cut_off(request: web.Request, response: Response) -> web.StreamResponse:
    """Announce the whole body, send half of it, and end the connection."""
    cut = web.StreamResponse(status=response.status, headers=response.headers)
    cut.content_length = len(response.body)
    await cut.prepare(request)
    await cut.write(response.body[: len(response.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut
