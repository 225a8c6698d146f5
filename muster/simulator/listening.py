"""Sockets on the loopback, and web applications that run on them."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator

from aiohttp import web

from muster.simulator.errors import SimulatorError


@contextlib.contextmanager
def listening(port: int = 0) -> Iterator[socket.socket]:
    """A listening socket on the loopback. Raises: SimulatorError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except (OSError, OverflowError) as err:
        listener.close()
        raise SimulatorError(
            f"Port {port} of 127.0.0.1 cannot be used: {getattr(err, 'strerror', None) or err}. "
            "Name another port, or 0 for any free one."
        ) from err
    try:
        yield listener
    finally:
        listener.close()


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@contextlib.asynccontextmanager
async def serving(
    app: web.Application, listener: socket.socket, tls: ssl.SSLContext | None = None
) -> AsyncIterator[None]:
    """The application answers at the socket until the block ends."""
    # Bodies stay as they were sent: what cannot be unpacked is then refused in ARM's words.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, auto_decompress=False)
    try:
        await runner.setup()
        await web.SockSite(runner, listener, ssl_context=tls).start()
        yield
    finally:
        await runner.cleanup()
