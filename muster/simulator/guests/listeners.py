"""Real listeners on loopback behind the services of the VMs that are on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from muster.simulator.azure_time import AzureTime
from muster.simulator.guests.contract import Guest, Service, WorldView
from muster.simulator.guests.topology import fold

Address = tuple[str, int]
# (vm id, host, port) -> why the VM cannot reach it right now, or None if it can
Reach = Callable[[str, str, int], Awaitable[str | None]]

LOOPBACK = "127.0.0.1"
_GOODBYE = 1.0  # wall seconds that open connections get when a VM goes off


@dataclass(slots=True)
class _Opened:
    server: asyncio.Server
    http: web.Server | None = None
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def close(self) -> None:
        self.server.close()
        for writer in tuple(self.writers):
            writer.close()
        if self.http is not None:
            await self.http.shutdown(_GOODBYE)
        await self.server.wait_closed()


@dataclass(slots=True)
class _On:
    """A VM that is on: what it has opened so far, and what it will open."""

    opened: dict[int, _Opened] = field(default_factory=dict)
    coming: set[asyncio.Task[None]] = field(default_factory=set)


class Listeners:
    """Opens a VM's services when it goes on and closes them when it goes off."""

    def __init__(self, view: WorldView, clock: AzureTime, reach: Reach) -> None:
        self._view = view
        self._clock = clock
        self._reach = reach
        self._on: dict[str, _On] = {}

    @property
    def running(self) -> Mapping[str, Collection[int]]:
        """Folded id of each VM that is on -> the ports that are open by now."""
        return {vm_id: tuple(on.opened) for vm_id, on in self._on.items()}

    def is_on(self, vm_id: str) -> bool:
        return fold(vm_id) in self._on

    def address(self, vm_id: str, port: int) -> Address | None:
        """Where a VM's port is on this host, or None if it is not open."""
        on = self._on.get(fold(vm_id))
        if on is None or port not in on.opened:
            return None
        host, real_port = on.opened[port].server.sockets[0].getsockname()[:2]
        return host, real_port

    async def open(self, vm_id: str) -> None:
        """Bring a VM's services up; what opens at boot is open on return. Twice is once."""
        if self.is_on(vm_id):
            return
        on = self._on[fold(vm_id)] = _On()
        guest = self._view.guest(vm_id)
        for service in guest.services if guest else ():
            if service.open_after <= 0:
                await self._open(vm_id, on, service)
            else:
                task = asyncio.create_task(self._open_later(vm_id, on, service))
                on.coming.add(task)
                task.add_done_callback(on.coming.discard)

    async def close(self, vm_id: str) -> None:
        """Close all that a VM has open. Twice is once."""
        on = self._on.pop(fold(vm_id), None)
        if on is None:
            return
        coming = tuple(on.coming)
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
        await asyncio.gather(*(opened.close() for opened in on.opened.values()))

    async def _open_later(self, vm_id: str, on: _On, service: Service) -> None:
        await self._clock.sleep(service.open_after)
        await self._open(vm_id, on, service)

    async def _open(self, vm_id: str, on: _On, service: Service) -> None:
        opened = await (self._open_http(vm_id, service) if service.kind == "http" else _open_tcp())
        if self._on.get(fold(vm_id)) is on:
            on.opened[service.port] = opened
        else:
            await opened.close()  # switched off while the socket was being made

    async def _open_http(self, vm_id: str, service: Service) -> _Opened:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(vm_id, service, request)

        http = web.Server(answer, access_log=None)
        loop = asyncio.get_running_loop()
        return _Opened(await loop.create_server(http, LOOPBACK, 0), http)

    async def _answer(
        self, vm_id: str, service: Service, request: web.BaseRequest
    ) -> web.StreamResponse:
        failed = [
            f"{host}:{port}: {why}"
            for host, port in service.needs
            if (why := await self._reach(vm_id, host, port)) is not None
        ]
        if failed:
            return web.Response(status=503, text="cannot reach " + "; ".join(failed) + "\n")
        guest = self._view.guest(vm_id)
        body = service.paths.get(request.path)
        if body is None or guest is None:
            return web.Response(status=404, text="no such path\n")
        text = filled(body, guest, self._clock.now())
        kind = "application/json" if text.lstrip().startswith(("{", "[")) else "text/plain"
        return web.Response(text=text, content_type=kind)


def filled(body: str, guest: Guest, now: datetime) -> str:
    """A body with its three words replaced; production writes all the time, a copy never."""
    written = min(guest.data_as_of, now) if guest.data_as_of else now
    return (
        body.replace("{now}", _stamp(now))
        .replace("{data_as_of}", _stamp(written))
        .replace("{writer}", guest.writer)
    )


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


async def _open_tcp() -> _Opened:
    """A port that accepts, says nothing and stays until the client goes."""
    writers: set[asyncio.StreamWriter] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            with suppress(ConnectionError):
                while await reader.read(4096):
                    pass
        finally:
            writers.discard(writer)
            writer.close()

    return _Opened(await asyncio.start_server(accept, LOOPBACK, 0), writers=writers)
