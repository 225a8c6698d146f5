"""A TCP connection from the worker itself, as the positive control of a canary needs it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from python_socks.async_.asyncio import Proxy

_SOCKS_SAYS = {1: "unresolved", 4: "no route", 5: "refused"}


@dataclass(frozen=True, slots=True)
class ConnectResult:
    """Whether a connection came about, and how it went in a few words."""

    ok: bool
    detail: str


async def tcp_connect(
    host: str, port: int, timeout: timedelta, proxy: str | None
) -> ConnectResult:
    """Connect once, close again. What goes wrong is a result, never an exception.

    Args:
        host: name or address.
        port: 1 to 65535.
        timeout: on the wall clock, as sockets know it.
        proxy: a `socks5h://user:password@host:port` URL, or None to connect directly.
    """
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            return await (_through(proxy, host, port) if proxy else _directly(host, port))
    except TimeoutError:
        return ConnectResult(ok=False, detail=f"timeout after {timeout.total_seconds():g} s")
    except ConnectionRefusedError:
        return ConnectResult(ok=False, detail="refused")
    except (OSError, UnicodeError, ValueError) as err:
        return ConnectResult(ok=False, detail=f"failed: {err}")


async def _directly(host: str, port: int) -> ConnectResult:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return ConnectResult(ok=True, detail="connected")


async def _through(proxy: str, host: str, port: int) -> ConnectResult:
    # python-socks calls it socks5 with rdns: names are resolved beyond the proxy.
    url = proxy.replace("socks5h://", "socks5://", 1)
    try:
        (await Proxy.from_url(url, rdns=True).connect(host, port)).close()
    except ProxyTimeoutError:
        return ConnectResult(ok=False, detail="timeout")
    except ProxyConnectionError as err:
        return ConnectResult(ok=False, detail=f"the proxy itself cannot be reached: {err}")
    except ProxyError as err:
        code = getattr(err, "error_code", None)
        return ConnectResult(
            ok=False, detail=_SOCKS_SAYS.get(code or 0, f"the proxy refused: {err}")
        )
    return ConnectResult(ok=True, detail="connected")
