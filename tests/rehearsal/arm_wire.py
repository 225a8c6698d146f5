"""A simulated Azure that a test may kill, bring back, and look at from outside."""

from __future__ import annotations

import copy
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.rehearsal.onlooker import Onlooker
from tests.rehearsal.worlds import SPEED, World, write_world
from tests.simulator_process import REPOSITORY, environment_with, settings_in
from tests.waiting import wait_until

READY_WITHIN = 60.0


class Azure:
    """`muster simulate` as a process, with what stood in it before anybody drilled."""

    def __init__(
        self, world: World, folder: Path, speed: float = SPEED, faults: Sequence[str] = ()
    ) -> None:
        self.world = copy.deepcopy(world)
        self._file = write_world(world, folder)
        self._state = folder / "state"
        self._log = folder / "simulator.log"
        self._speed = speed
        self._faults = faults
        self._port = _free_port()  # the same one again after a crash: clients know it
        self._process: subprocess.Popen[bytes] | None = None
        self.settings: dict[str, str] = {}

    def start(self) -> None:
        """Begin, or go on with the state as it was left."""
        command = [sys.executable, "-m", "muster", "simulate", "--world", str(self._file)]
        command += ["--state", str(self._state), "--port", str(self._port)]
        command += ["--speed", f"{self._speed:g}"]
        command += [word for fault in self._faults for word in ("--fault", fault)]
        told = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=REPOSITORY, env=environment_with({})
            )
        process = self._process

        def is_ready() -> bool:
            assert process.poll() is None, self._log.read_text(errors="replace")
            return b"ready " in self._log.read_bytes()[told:]

        wait_until(is_ready, READY_WITHIN, "the simulator")
        self.settings = settings_in(self._state / "simulator.env")

    def kill(self) -> None:
        """As if its host lost power."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def told(self) -> str:
        """All that it printed since the first start."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def as_operator(self) -> Onlooker:
        return Onlooker(self.settings, self.world, "muster-operator")

    def as_drill(self) -> Onlooker:
        return Onlooker(self.settings, self.world, "muster-drill")

    def environ(self, **more: str) -> dict[str, str]:
        return environment_with(self.settings | more)


@contextmanager
def azure(
    world: World, folder: Path, speed: float = SPEED, faults: Sequence[str] = ()
) -> Iterator[Azure]:
    """A world of its own, gone when the block ends."""
    running = Azure(world, folder, speed, faults)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        assert "A bug of the simulator" not in running.told(), running.told()


class Before:
    """What stood there before a drill: whatever is there more after it was left behind."""

    def __init__(self, operator: Onlooker) -> None:
        self._operator = operator
        self._resources = set(operator.resources())
        self._pending = operator.pending()

    def left_behind(self) -> list[Any]:
        """Ids that are new in the target's resource group, and VMs with a new pending test."""
        new = sorted(set(self._operator.resources()) - self._resources)
        return [*new, *sorted(self._operator.pending() - self._pending)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
