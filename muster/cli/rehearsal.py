"""The simulator beside a command: started, made known through its settings, ended with it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from muster.cli.checkout import read_env_file
from muster.cli.processes import Program
from muster.errors import InputError

WORLDS = Path("deployments") / "rehearsal"
SPEED = 60.0
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


@contextmanager
def rehearsing(
    world: Path, checkout: Path, environ: Mapping[str, str], *, speed: float = SPEED
) -> Iterator[dict[str, str]]:
    """While inside, a simulator runs; yields the environment that leads to it. Its state goes
    with it.
    """
    folder = checkout / ".muster" / "rehearsal"
    folder.mkdir(parents=True, exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="world-", dir=folder))
    program, settings = start_simulator(
        world, state, checkout=checkout, environ=environ, speed=speed, log=state / "simulator.log"
    )
    try:
        yield {**environ, **settings}
    finally:
        program.stop(seconds=STOP_SECONDS)
        shutil.rmtree(state, ignore_errors=True)
