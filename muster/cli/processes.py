"""Programs that a command starts beside itself: each in a process group of its own, with a log,
ended for sure.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from muster.errors import EXIT_BAD_INPUT, MusterError

FAMILY = "MUSTER_FAMILY"
"""Marks everything that one command started, and all that those start in turn, in the process
environment."""

_TICK_SECONDS = 0.1


class StartFailed(MusterError):
    """A program that a command needs did not come up."""

    code = "ENG-002"
    hint = "Look into the log that is named."
    exit_code = EXIT_BAD_INPUT  # nothing was sent to Azure


def _ended_at_once(name: str, words: str, log: Path) -> StartFailed:
    """Why a program ended: one of ours says it with a code and a remedy, which are passed on."""
    said = _CODED.search(words)
    if said is None:
        return StartFailed(f"{name} ended at once: {words} (log: {log})")
    return StartFailed(f"{name}: {said['what']}", code=said["code"], hint=said["hint"])


_CODED = re.compile(r"\[(?P<code>[A-Z]+-\d+)\] (?P<what>.*) -- (?P<hint>.*)$")


class Program:
    """A running program and its log."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    def start(
        cls, name: str, args: Sequence[str], *, environ: Mapping[str, str], cwd: Path, log: Path
    ) -> Self:
        """Start a program in a process group of its own, so that a Ctrl-C at the terminal does
        not reach it.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603  our own programs, arguments as a list
                list(args),
                cwd=cwd,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait for readiness.

        Raises:
            StartFailed: It ended, or was not ready in time; the last line of its log is quoted.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running():
                raise _ended_at_once(self.name, self.last_words(), self.log)
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{self.name} was not ready within {seconds:.0f} s (log: {self.log})"
                )
            time.sleep(_TICK_SECONDS)

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"

    def stop(self, *, seconds: float) -> None:
        """Ask it to end; after `seconds` end the whole group."""
        if self.is_running():
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def family_members(mark: str, *, having: str | None = None) -> list[int]:
    """Process ids of everything that carries a family mark, ourselves left out; empty where
    there is no /proc.

    Args:
        mark: The family's.
        having: Only those that have this variable in their environment, too.
    """
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            lines = os.fsdecode((folder / "environ").read_bytes()).split("\0")
            environ = {line.partition("=")[0]: line.partition("=")[2] for line in lines}
            if environ.get(FAMILY) == mark and (having is None or having in environ):
                found.append(int(folder.name))
    return [pid for pid in found if pid != os.getpid()]


def ask_family(mark: str, *, having: str, seconds: float) -> bool:
    """Ask members to end, each by one SIGTERM, and wait for them; whether all did."""
    asked: set[int] = set()
    deadline = time.monotonic() + seconds
    while members := set(family_members(mark, having=having)):
        for pid in members - asked:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)
        asked |= members
        if time.monotonic() > deadline:
            return False
        time.sleep(_TICK_SECONDS)
    return True


def end_family(mark: str, *, seconds: float) -> None:
    """End what carries the mark and is still there: SIGTERM, and SIGKILL when `seconds` are
    over.
    """
    deadline = time.monotonic() + seconds
    number = signal.SIGTERM
    while members := family_members(mark):
        for pid in members:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        number = signal.SIGKILL if time.monotonic() > deadline else signal.SIGTERM
        time.sleep(_TICK_SECONDS * 5)
        if time.monotonic() > deadline + 5:
            return


def free_port(wanted: int) -> int:
    """A port on 127.0.0.1 that nobody listens on: the wanted one or one of the next hundred."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise StartFailed(
        f"no free port from {wanted} to {wanted + 99}", hint="End what listens there."
    )
