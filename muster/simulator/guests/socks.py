"""A SOCKS5 server on loopback: the only way out of a guest, to our own listeners alone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address

from muster.simulator.azure_time import AzureTime
from muster.simulator.guests.listeners import LOOPBACK, Address
from muster.simulator.guests.reach import Dropped, Reached, Refused, Verdict, Who

# Azure seconds a client waits for an answer that never comes: 3 + 6 + 12, common SYN retries.
SYN_TIMEOUT = 21.0
_HANDSHAKE = 30.0  # wall seconds
_PASSWORD = "guest"  # noqa: S105 - the user name is the secret; SOCKS wants a password beside it

# RFC 1928 reply codes
_GRANTED, _FAILURE, _UNREACHABLE, _REFUSED, _NOT_CONNECT, _NOT_IPV4 = 0, 1, 4, 5, 7, 8

Decide = Callable[[Who, str, int], Verdict]
Locate = Callable[[str, int], Address | None]


class _BadHandshake(Exception):
    """The client does not speak SOCKS5 with a user name we gave out."""


class SocksServer:
    """Tells by the user name who asks, asks the model whether they may, and relays."""

    def __init__(self, clock: AzureTime, decide: Decide, locate: Locate) -> None:
        self._clock = clock
        self._decide = decide
        self._locate = locate
        self._server: asyncio.Server | None = None
        self._who: dict[str, Who] = {}
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is None:
            return
        self._server.close()
        clients = tuple(self._clients)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def admit(self, who: Who) -> str:
        """A new proxy URL that stands for `who` until it is withdrawn."""
        if self._server is None:
            raise RuntimeError("the SOCKS server has not been started")
        token = secrets.token_hex(16)
        self._who[token] = who
        port = self._server.sockets[0].getsockname()[1]
        return f"socks5h://{token}:{_PASSWORD}@{LOOPBACK}:{port}"

    def withdraw(self, url: str) -> None:
        """A URL that `admit` gave means nothing from now on."""
        self._who.pop(url.removeprefix("socks5h://").partition(":")[0], None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine of start_server runs in a task
        self._clients.add(task)
        try:
            with suppress(ConnectionError, EOFError, TimeoutError, _BadHandshake):
                async with asyncio.timeout(_HANDSHAKE):
                    who = await self._greet(reader, writer)
                    host, port = await _asked(reader, writer)
                await self._connect(self._decide(who, host, port), port, reader, writer)
        except asyncio.CancelledError:
            pass  # `stop` ends us; the task has nothing more to do than close its client
        finally:
            self._clients.discard(task)
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Who:
        """RFC 1928 section 3, then RFC 1929: only user name and password are taken."""
        version, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        if version != 5 or 2 not in methods:
            writer.write(b"\x05\xff")
            raise _BadHandshake
        writer.write(b"\x05\x02")
        (_, length) = await reader.readexactly(2)
        user = (await reader.readexactly(length)).decode("ascii", "replace")
        await reader.readexactly((await reader.readexactly(1))[0])
        if user not in self._who:
            writer.write(b"\x01\x01")
            raise _BadHandshake
        writer.write(b"\x01\x00")
        return self._who[user]

    async def _connect(
        self,
        verdict: Verdict,
        port: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        match verdict:
            case Reached(vm_id):
                real = self._locate(vm_id, port)
                if real is None:
                    _reply(writer, _REFUSED)
                    return
                far_reader, far_writer = await asyncio.open_connection(*real)
                _reply(writer, _GRANTED)
                await _relay((reader, far_writer), (far_reader, writer))
            case Refused():
                _reply(writer, _REFUSED)
            case Dropped():
                if await self._still_there(reader):
                    _reply(writer, _UNREACHABLE)
            case _:
                _reply(writer, _FAILURE)

    async def _still_there(self, reader: asyncio.StreamReader) -> bool:
        """Wait as long as an unanswered SYN does; False if the client gave up before."""
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({gone}, timeout=self._clock.wall(SYN_TIMEOUT))
            return not gone.done()
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await gone


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """The host and port of a CONNECT request."""
    _, command, _, kind = await reader.readexactly(4)
    if command != 1:
        _reply(writer, _NOT_CONNECT)
        raise _BadHandshake
    match kind:
        case 1:
            host = str(IPv4Address(await reader.readexactly(4)))
        case 3:
            length = (await reader.readexactly(1))[0]
            host = (await reader.readexactly(length)).decode("ascii", "replace")
        case _:
            _reply(writer, _NOT_IPV4)
            raise _BadHandshake
    return host, int.from_bytes(await reader.readexactly(2), "big")


def _reply(writer: asyncio.StreamWriter, code: int) -> None:
    writer.write(bytes((5, code, 0, 1)) + bytes(6))


_Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _relay(*pipes: _Pipe) -> None:
    """Carry bytes both ways until both sides are done, or one breaks."""
    try:
        async with asyncio.TaskGroup() as group:
            for pipe in pipes:
                group.create_task(_carry(*pipe))
    finally:
        for _, writer in pipes:
            writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
