"""Sockets on the loopback, and web applications that run on them."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Iterator

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from muster.simulator.errors import SimulatorError


class _Odd(logging.Filter):
    """Keeps what is no HTTP off the log: its sender is told by a 400, and it may hold a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


_log = logging.getLogger("muster.simulator.http")
_log.addFilter(_Odd())


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
    runner = web.AppRunner(
        app, access_log=None, logger=_log, shutdown_timeout=1.0, auto_decompress=False
    )
    try:
        await runner.setup()
        await web.SockSite(runner, listener, ssl_context=tls).start()
        yield
    finally:
        await runner.cleanup()
