"""A simulated Azure as a process of its own, for contract and rehearsal tests."""

from __future__ import annotations

import os
import selectors
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).resolve().parent.parent
WORLDS = REPOSITORY / "deployments" / "rehearsal"
READY_WITHIN = 60.0  # seconds on the wall; it takes about two on a quiet machine
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


@contextmanager
def running_simulator(
    world: Path, state: Path, speed: float = 600, *, trust: tuple[str, ...] = ()
) -> Iterator[dict[str, str]]:
    """Run `python -m muster.simulator` until the block ends.

    Args:
        world: A world file; see `WORLDS`.
        state: The folder that its state is kept in; the same again goes on where it was.
        speed: Azure seconds in a second.
        trust: Digests of scripts that may really run in guests.

    Yields:
        Every setting that a client needs, as `simulator.env` holds them.
    """
    command = [sys.executable, "-m", "muster.simulator", "--world", str(world)]
    command += ["--state", str(state), "--port", "0", "--speed", str(speed)]
    for digest in trust:
        command += ["--trust-script", digest]
    state.mkdir(parents=True, exist_ok=True)
    with (
        (state / "simulator.log").open("ab") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=REPOSITORY) as process,
    ):
        try:
            _await_ready(process, state / "simulator.log")
            yield settings_in(state / "simulator.env")
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def settings_in(file: Path) -> dict[str, str]:
    """The variables that a shell would have after sourcing the file."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["export"]:
            words = words[1:]
        for word in words:
            name, equals, value = word.partition("=")
            if equals:
                found[name] = value
    return found


def environment_with(settings: dict[str, str]) -> dict[str, str]:
    """Our own environment, with the simulator's settings and without what would pass it by."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in PROXIES and not name.startswith(("AZURE_", "MUSTER_"))
    }
    return kept | settings


def _await_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    out: IO[bytes] | None = process.stdout
    if out is None:
        raise AssertionError("the simulator has no output to read")
    deadline, told = time.monotonic() + READY_WITHIN, b""
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if not selector.select(deadline - time.monotonic()):
                break
            more = os.read(out.fileno(), 4096)
            told += more
            if any(line.startswith(b"ready ") for line in told.splitlines()):
                return
            if not more:
                break
    raise AssertionError(f"the simulator did not start: {log.read_text(errors='replace')}")
