"""The simulator beside a command: started, made known through its settings, ended with it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from muster.cli.checkout import read_env_file
from muster.cli.processes import Program
from muster.cli.words import SPEED
from muster.errors import InputError

WORLDS = Path("deployments") / "rehearsal"
READY_SECONDS = 60.0
STOP_SECONDS = 10.0


def world_for(plan: str, checkout: Path) -> Path:
    """The world a plan is rehearsed in: `deployments/rehearsal/<first word of its
    name>.world.yaml`.

    Raises:
        InputError: There is none; the worlds there are are listed.
    """
    world = checkout / WORLDS / f"{world_name(plan)}.world.yaml"
    if world.is_file():
        return world
    known = ", ".join(path.name for path in worlds_in(checkout)) or "none"
    raise InputError(
        f"there is no world {world.name} to rehearse {plan} in",
        code="INPUT-006",
        hint=f"Name one with --world FILE; in {WORLDS} there are: {known}.",
    )


def unset_world_for(plan: str, checkout: Path) -> Path:
    """The world in which a plan's VMs run and nothing is set up to replicate them:
    `deployments/rehearsal/from-nothing/<first word of its name>.world.yaml`.

    Raises:
        InputError: There is none.
    """
    folder = WORLDS / "from-nothing"
    world = checkout / folder / f"{world_name(plan)}.world.yaml"
    if world.is_file():
        return world
    raise InputError(
        f"there is no world {folder / world.name} to replicate {plan} in",
        code="INPUT-006",
        hint="Name one with --world FILE; `muster simulate --help` tells how worlds are written.",
    )


def world_name(plan: str) -> str:
    """The first word of a plan's name."""
    return plan.partition("-")[0]


def worlds_in(checkout: Path) -> list[Path]:
    return sorted((checkout / WORLDS).glob("*.world.yaml"))


def start_simulator(
    world: Path,
    state: Path,
    *,
    checkout: Path,
    environ: Mapping[str, str],
    speed: float,
    log: Path,
    faults: Sequence[str] = (),
    purpose: str = "",
) -> tuple[Program, dict[str, str]]:
    """Start the simulator with a world; returns it with the settings that lead to it.

    Raises:
        StartFailed: It did not come up; its own words are quoted.
    """
    state.mkdir(parents=True, exist_ok=True)
    env_file = state / "simulator.env"
    env_file.unlink(missing_ok=True)  # a state that is used again holds the last one's
    args = [sys.executable, "-m", "muster", "simulate", "--world", str(world.resolve())]
    args += ["--state", str(state.resolve()), "--port", "0", "--speed", f"{speed:g}"]
    args += ["--for", purpose] if purpose else []
    args += [word for fault in faults for word in ("--fault", fault)]
    program = Program.start("the simulator", args, environ=environ, cwd=checkout, log=log)
    try:
        program.wait_until(
            lambda: env_file.exists() and "ready " in log.read_text(errors="replace"),
            seconds=READY_SECONDS,
        )
    except BaseException:
        program.stop(seconds=STOP_SECONDS)
        raise
    return program, read_env_file(env_file)


def page_in(settings: Mapping[str, str]) -> str:
    """The address of a simulator's page, by the settings that lead to the simulator."""
    return f"{settings['MUSTER_SIMULATOR_CONTROL']}/"


@dataclass(slots=True)
class Rehearsal:
    """A world that a command brought up, and what becomes of it afterwards."""

    environ: dict[str, str]  # leads to the world
    world: Path
    state: Path
    speed: float
    faults: Sequence[str] = ()
    is_kept: bool = False
    purpose: str = ""  # the operation: a world may have an identity of its own for it

    @property
    def page(self) -> str:
        """The address of the page that shows the world while it runs."""
        return page_in(self.environ)


def new_rehearsal(
    world: Path,
    checkout: Path,
    environ: Mapping[str, str],
    *,
    speed: float = SPEED,
    faults: Sequence[str] = (),
    purpose: str = "",
) -> Rehearsal:
    """A world that is to stand for the first time, with a folder of its own for its state."""
    folder = checkout / ".muster" / "rehearsal"
    folder.mkdir(parents=True, exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="world-", dir=folder))
    return Rehearsal({**environ}, world, state, speed, faults, purpose=purpose)


@contextmanager
def running(rehearsal: Rehearsal, checkout: Path) -> Iterator[Rehearsal]:
    """While inside, its simulator runs. The state goes with it, unless it is kept for a run."""
    program, settings = start_simulator(
        rehearsal.world, rehearsal.state, checkout=checkout, environ=rehearsal.environ,
        speed=rehearsal.speed, log=rehearsal.state / "simulator.log", faults=rehearsal.faults,
        purpose=rehearsal.purpose,
    )  # fmt: skip
    rehearsal.environ |= settings
    rehearsal.environ["MUSTER_REHEARSAL"] = "1"
    try:
        yield rehearsal
    finally:
        program.stop(seconds=STOP_SECONDS)
        if not rehearsal.is_kept:
            shutil.rmtree(rehearsal.state, ignore_errors=True)
