"""Runs the probe with the real bash and curl of this host, straight at loopback sockets."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Sequence
from contextlib import asynccontextmanager

from muster.checks.probe import ProbeCheck, ProbeReport, build_probe, parse_probe_output


def run_sync(script: str, **environment: str) -> str:
    """What a script prints on standard output; it may print nothing on standard error."""
    done = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": os.environ["PATH"], "HOSTNAME": "guest1"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert done.stderr == b""
    return done.stdout.decode("ascii")


async def run_text(checks: Sequence[ProbeCheck], **environment: str) -> str:
    return await asyncio.to_thread(run_sync, build_probe(checks), **environment)


async def run(checks: Sequence[ProbeCheck], **environment: str) -> ProbeReport:
    return parse_probe_output(await run_text(checks, **environment))


def response(body: bytes, status: str = "200 OK", headers: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}\r\n".encode()
    return b"HTTP/1.1 " + status.encode() + b"\r\n" + headers + length + b"\r\n" + body


@asynccontextmanager
async def serving(*answers: bytes):
    """A raw server that gives its answers in turn, the last for ever; yields its port."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # a bare connection
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def closed_port() -> int:
    """A port of this host on which nothing listens."""
    server = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
