"""The road from a gateway to an Azure in the same loop: the SDK's requests, handed over."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NoReturn, Protocol, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from azure.core.credentials import AccessToken
from azure.core.exceptions import IncompleteReadError, ServiceResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest._http_response_impl_async import AsyncHttpResponseImpl
from multidict import CIMultiDict

from muster.clock import Clock
from muster.simulator.exchange import Request, Response
from muster.simulator.identity.tokens import ARM_AUDIENCES
from tests.in_process.simulated import Azure


@dataclass(frozen=True)
class Exchange:
    """One request and what it was answered, as it went over the road."""

    sent: float  # Azure seconds since 1970, when it left
    heard: float  # … when it reached Azure
    method: str
    path: str
    query: str
    body: bytes
    status: int
    headers: Any


class Weather(Protocol):
    """What happens on the way. Faults of the wire come in here: by seed, or as rules say."""

    async def out(self, request: Request) -> None:
        """Before Azure hears it; raises what azure-core raises for what never arrived."""

    async def back(self, request: Request, response: Response) -> Response:
        """After Azure answered; another answer, or an error of azure-core for a lost one."""


class Latency:
    """Nothing but time, a little of it: no two requests keep step."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock, self._random = clock, random.Random(seed)  # noqa: S311 - no secret

    async def out(self, request: Request) -> None:
        await self._clock.sleep(self._while())

    async def back(self, request: Request, response: Response) -> Response:
        await self._clock.sleep(self._while())
        return response

    def _while(self) -> timedelta:
        return timedelta(milliseconds=self._random.randint(5, 400))


@dataclass
class InProcessRoad:
    """`muster.gateway.road.Road`. Once cut, nothing comes through any more, in either way."""

    azure: Azure
    clock: Clock
    weather: Weather
    log: list[Exchange] = field(default_factory=list)
    is_cut: bool = False
    onlooker: Callable[[Azure, Exchange], None] | None = None  # sees the world after each write

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return

    @property
    def credential(self) -> Any:
        return _Credential(self.azure)

    def transport(self) -> Any:
        return _Transport(self)

    async def carry(self, request: Request, query: str) -> Response:
        sent = self.clock.now().timestamp()
        await self._unless_cut()
        await self.weather.out(request)
        await self._unless_cut()
        heard = self.clock.now().timestamp()
        # Azure goes on with what it heard, whatever becomes of who asked.
        response = await asyncio.shield(asyncio.ensure_future(self.azure.front.answer(request)))
        headers = CIMultiDict(response.headers)
        exchange = Exchange(
            sent, heard, request.method, request.path, query, request.body or b"",
            response.status, headers,
        )  # fmt: skip
        self.log.append(exchange)
        if self.onlooker is not None and request.method != "GET":
            self.onlooker(self.azure, exchange)
        response = await self.weather.back(request, response)
        await self._unless_cut()
        if response.delivery == "lost":
            raise ServiceResponseError("the connection was reset")
        if response.delivery == "truncated":
            raise IncompleteReadError("the body broke off")
        return response

    async def _unless_cut(self) -> None:
        if self.is_cut:
            await _for_ever()


class _Credential:
    """Signs in as the world's client, with the tokens that the simulator itself gives."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        mint = self._azure.mint
        token = mint.issue(self._azure.client, ARM_AUDIENCES[1], "secret")
        return AccessToken(token, int(time.time() + mint.lifetime))

    async def close(self) -> None:
        return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return


class _Transport(AsyncHttpTransport[Any, Any]):
    """One client's."""

    def __init__(self, road: InProcessRoad) -> None:
        self._road = road

    async def open(self) -> None:
        return

    async def close(self) -> None:
        return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return

    async def sleep(self, duration: float) -> None:
        await self._road.clock.sleep(timedelta(seconds=duration))

    async def send(self, request: Any, **_: Any) -> Any:
        url = urlsplit(request.url)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        content = request.content
        body = content.encode() if isinstance(content, str) else bytes(content or b"")
        headers = CIMultiDict(request.headers)
        asked = Request(request.method, unquote(url.path), query, headers, body)
        return _Read(request, await self._road.carry(asked, url.query))


class _Read(AsyncHttpResponseImpl):
    """A response that was read to its end already."""

    def __init__(self, request: Any, response: Response) -> None:
        headers = CIMultiDict(response.headers)
        super().__init__(
            request=request,
            internal_response=None,
            status_code=response.status,
            headers=headers,
            reason=HTTPStatus(response.status).phrase,
            content_type=headers.get("Content-Type"),
            stream_download_generator=None,
        )
        self._content = response.body
        self._is_closed = self._is_stream_consumed = True


async def _for_ever() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")
