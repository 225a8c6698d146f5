"""The programs that make up a Muster on one machine: server, simulators, reports, deployments,
worker.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import sys
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from muster.cli.checkout import PLANS, settings_of
from muster.cli.deploy import NO_CALLS_HOME, deploy_all
from muster.cli.prefect_yaml import WORK_POOL
from muster.cli.processes import (
    FAMILY,
    Program,
    StartFailed,
    ask_family,
    end_family,
    family_members,
    free_port,
)
from muster.cli.rehearsal import page_in, start_simulator, world_name, worlds_in
from muster.errors import InputError

SERVER_SECONDS = 180.0  # the first start makes the database
PAGES_SECONDS = 20.0
DRAIN_SECONDS = 45.0  # a drill in flight gets this long on the wall to clean up after itself
STOP_SECONDS = 15.0
FLOW_RUN = "PREFECT__FLOW_RUN_ID"  # set by a worker for the process of a flow run
LEASES = "prefect.server.concurrency.lease_storage.filesystem"
"""Where the server keeps who holds a place under a concurrency limit. In memory, its default, the
place of a drill that was under way when the server ended would be taken for good."""


class Stack:
    """Starts its programs one after another and ends them in the opposite order."""

    def __init__(
        self,
        checkout: Path,
        environ: Mapping[str, str],
        *,
        port: int,
        speed: float,
        say: Callable[[str], None],
    ) -> None:
        self._checkout = checkout
        self._folder = checkout / ".muster" / "up"
        self._speed = speed
        self._say = say
        self._programs: list[Program] = []
        self._mark = uuid.uuid4().hex
        self._port = free_port(port)
        self._pages_port = free_port(self._port + 1)
        self.prefect_url = f"http://127.0.0.1:{self._port}"
        self.reports_url = f"http://127.0.0.1:{self._pages_port}"
        self.simulator_pages: dict[str, str] = {}  # by the world's name
        self._environ = {
            **NO_CALLS_HOME,
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES,
            **environ,
            FAMILY: self._mark,
            "PREFECT_HOME": str(self._folder / "prefect"),
            "PREFECT_API_URL": f"{self.prefect_url}/api",
            "PREFECT_SERVER_API_PORT": str(self._port),
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "MUSTER_EVIDENCE_URL": self.reports_url,
        }

    def start(self, ended: threading.Event) -> None:
        """Bring everything up; stops in between when `ended` is set.

        Raises:
            StartFailed, DeployFailed: One of them did not come up; `stop` ends the others.
        """
        for begin in (self._server, self._pages, self._simulators, self._deploy, self._worker):
            if ended.is_set():
                return
            begin()

    def _server(self) -> None:
        self._say("Prefect server …")
        args = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self._port)]
        server = self._run("server", "-m", *args)
        health = f"{self.prefect_url}/api/health"
        server.wait_until(lambda: _answers(health), seconds=SERVER_SECONDS)

    def _pages(self) -> None:
        journal = settings_of(self._checkout, self._environ).journal
        pages = self._run(
            "reports", "-m", "muster.cli.evidence_pages", str(journal), str(self._pages_port)
        )
        pages.wait_until(lambda: _answers(self.reports_url), seconds=PAGES_SECONDS)

    def _simulators(self) -> None:
        if any(name in self._environ for name in ("MUSTER_ARM_ENDPOINT", "AZURE_TENANT_ID")):
            self._say("Azure is configured: no simulator")
            return
        folder = self._folder / "env"
        folder.mkdir(parents=True, exist_ok=True)
        for world in worlds_in(self._checkout):
            name = world.name.removesuffix(".world.yaml")
            self._say(f"simulator of {name} …")
            state = self._state_of(name, world)
            program, settings = start_simulator(
                world, state, checkout=self._checkout, environ=self._environ, speed=self._speed,
                log=self._log(f"simulator-{name}"),
            )  # fmt: skip
            self._programs.append(program)
            self.simulator_pages[name] = page_in(settings)
            for plan in (self._checkout / PLANS).glob("*.yaml"):
                if world_name(plan.stem) == name:
                    _link(folder / f"{plan.stem}.env", state / "simulator.env")
        self._environ["MUSTER_ENV_DIR"] = str(folder)

    def _state_of(self, name: str, world: Path) -> Path:
        """The folder of a world's state: as it was left, unless the world or its speed are
        others since.
        """
        state = self._folder / "worlds" / name
        stamp = f"{hashlib.sha256(world.read_bytes()).hexdigest()} {self._speed:g}\n"
        mark = state / "begun-with"
        if not mark.is_file() or mark.read_text(encoding="utf-8") != stamp:
            shutil.rmtree(state, ignore_errors=True)
            state.mkdir(parents=True)
            mark.write_text(stamp, encoding="utf-8")
        return state

    def _deploy(self) -> None:
        self._say("deployments …")
        deploy_all(self._checkout, self._environ, log=self._log("deploy"))

    def _worker(self) -> None:
        self._say("worker …")
        self._run(
            "worker", "-m", "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process"
        )

    def _run(self, name: str, *args: str) -> Program:
        program = Program.start(
            name,
            [sys.executable, *args],
            environ=self._environ,
            cwd=self._checkout,
            log=self._log(name),
        )
        self._programs.append(program)
        return program

    def _log(self, name: str) -> Path:
        (self._folder / "log").mkdir(parents=True, exist_ok=True)
        return self._folder / "log" / f"{name}.log"

    def watch(self, ended: threading.Event) -> None:
        """Stay until asked to end.

        Raises:
            StartFailed: One of the programs ended by itself.
        """
        while not ended.wait(1.0):
            for program in self._programs:
                if not program.is_running():
                    raise StartFailed(
                        f"{program.name} ended: {program.last_words()} (log: {program.log})"
                    )

    def stop(self) -> None:
        """End everything: what a drill in flight needs, only behind it."""
        self._drain()
        while self._programs:
            self._programs.pop().stop(seconds=STOP_SECONDS)
        end_family(self._mark, seconds=STOP_SECONDS)

    def _drain(self) -> None:
        """Let drills and cleanups in flight come to an end of their own: a worker that is asked to
        end kills them at once.
        """
        if not family_members(self._mark, having=FLOW_RUN):
            return
        self._say(f"a run is under way: it cleans up first, at most {DRAIN_SECONDS:.0f} s …")
        if not ask_family(self._mark, having=FLOW_RUN, seconds=DRAIN_SECONDS):
            self._say(
                "It took longer and is ended. `muster status` names what is open: start the "
                "deployment `cleanup` with it after the next `muster up`."
            )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  ours
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target.resolve())


@contextmanager
def only_one(checkout: Path) -> Iterator[None]:
    """Hold the checkout's lock while inside: two would share a database and each other's work.

    Raises:
        InputError: Another one runs in this checkout.
    """
    folder = checkout / ".muster" / "up"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise InputError(
                "`muster up` runs in this checkout already (process "
                f"{lock.read().strip() or '?'})",
                code="INPUT-009",
                hint="Use that one, or end it with Ctrl-C first.",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def end_on_signals() -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and SIGHUP set while inside."""
    ended = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in numbers}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
