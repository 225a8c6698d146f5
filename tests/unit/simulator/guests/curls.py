"""The two programs `curl` that a guest may meet: this host's own, and the simulator's stand-in."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from muster.simulator.guests import host

BOTH = ("curl", "stand-in")


def programs(folder: Path, *left_out: str) -> str:
    """A PATH that holds bash and the tools that guests need, but for those left out: no curl."""
    folder.mkdir()
    for name in {"bash", *host._TOOLS} - set(left_out):
        (folder / name).symlink_to(shutil.which(name) or name)
    return str(folder)


def path_with(which: str, folder: Path) -> str:
    """A PATH on which `curl` is the one or the other; skips where this host has no curl."""
    if which == "stand-in":
        return f"{host.write_stand_in(folder)}:{os.environ['PATH']}"
    if shutil.which("curl") is None:
        pytest.skip("this host has no curl to compare the stand-in with")
    return os.environ["PATH"]


async def curl(path: str, proxy: str, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    program = shutil.which("curl", path=path)
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        program,
        *words,
        env={"PATH": path, "LC_ALL": "C", "ALL_PROXY": proxy},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


class RawProxy:
    """A SOCKS server that answers with the bytes it was given, whatever it is asked."""

    def __init__(self, method: bytes, status: bytes, reply: bytes | None, answer: bytes | None):
        self._says = method, status, reply, answer
        self.asked = b""  # host and port as they came: type, address, port
        self.request = b""
        self.url = ""
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client gave up, as it should in half of the tests
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, status, reply, answer = self._says
        await reader.readexactly((await reader.readexactly(2))[1])
        writer.write(method)
        await reader.readexactly((await reader.readexactly(2))[1])
        await reader.readexactly((await reader.readexactly(1))[0])
        writer.write(status)
        kind = (await reader.readexactly(4))[3:]
        size = {1: 4, 4: 16}.get(kind[0]) or (await reader.readexactly(1))[0]
        self.asked = kind + await reader.readexactly(size + 2)
        writer.write(reply or b"")
        if reply == b"":
            return
        if reply is None or answer is None:
            await reader.read()
            return
        self.request = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()


GRANTED = b"\x05\x00\x00\x01" + bytes(6)


@asynccontextmanager
async def raw_proxy(
    answer: bytes | None = None,
    *,
    method: bytes = b"\x05\x02",
    status: bytes = b"\x01\x00",
    reply: bytes | None = GRANTED,
):
    """Yields a RawProxy that listens.

    `answer` None: the connection stands and is silent. `reply` None: the proxy itself is silent,
    of no bytes: it leaves.
    """
    proxy = RawProxy(method, status, reply, answer)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"socks5h://token:guest@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield proxy
