"""The simulator beside a command: started, made known through its settings, ended with it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from muster.cli.checkout import read_env_file, settings_of
from muster.cli.processes import Program
from muster.errors import InputError, JournalError
from muster.journal.chain import read_run
from muster.journal.state import RunState
from muster.journal.stores import DirectoryStore
from muster.runs.status import run_overview

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

    @property
    def page(self) -> str:
        """The address of the page that shows the world while it runs."""
        return page_in(self.environ)

    def keep_for(self, run: str, checkout: Path) -> None:
        """Keep the world's state, so that `muster cleanup RUN` finds the run's copies again."""
        note = {
            "world": str(self.world.resolve()),
            "state": str(self.state),
            "speed": self.speed,
            "faults": list(self.faults),
        }
        file = _note(checkout, run)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(note), encoding="utf-8")
        self.is_kept = True


@contextmanager
def rehearsing(
    world: Path,
    checkout: Path,
    environ: Mapping[str, str],
    *,
    speed: float = SPEED,
    faults: Sequence[str] = (),
) -> Iterator[Rehearsal]:
    """While inside, a simulator runs. Its state goes with it, unless it is kept for a run."""
    folder = checkout / ".muster" / "rehearsal"
    folder.mkdir(parents=True, exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="world-", dir=folder))
    with _running(Rehearsal({**environ}, world, state, speed, faults), checkout) as rehearsal:
        yield rehearsal


@contextmanager
def keeping_what_is_open(rehearsal: Rehearsal, checkout: Path, plan: str) -> Iterator[None]:
    """Keep the world for the run of this plan that was opened while inside and was left open.

    Other plans may be rehearsed at the same time, each in a world of its own.
    """
    store = DirectoryStore(settings_of(checkout, rehearsal.environ).journal)
    before = {line.run for line in run_overview(store)}
    try:
        yield
    finally:
        for line in run_overview(store):
            if line.plan == plan and line.state != "closed" and line.run not in before:
                rehearsal.keep_for(line.run, checkout)


def is_kept(run: str, checkout: Path, environ: Mapping[str, str]) -> bool:
    """Whether a run waits for its cleanup in a world that was kept for it.

    What is set outright wins: a simulator that somebody started is left in peace.
    """
    return "MUSTER_ARM_ENDPOINT" not in environ and _note(checkout, run).is_file()


@contextmanager
def going_on(run: str, checkout: Path, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """While inside, the kept world of a run stands again; the environment leads to it.

    Once the run is closed, nobody needs that world any more: it goes, and so does the note of it.
    """
    note = _note(checkout, run)
    kept = json.loads(note.read_text(encoding="utf-8"))
    again = Rehearsal(
        {**environ}, Path(kept["world"]), Path(kept["state"]), kept["speed"],
        kept.get("faults", ()),
    )  # fmt: skip
    again.is_kept = True
    store = DirectoryStore(settings_of(checkout, environ).journal)
    with _running(again, checkout) as rehearsal:
        try:
            yield rehearsal.environ
        finally:
            if _is_closed(store, run):
                rehearsal.is_kept = False
                note.unlink()


@contextmanager
def _running(rehearsal: Rehearsal, checkout: Path) -> Iterator[Rehearsal]:
    program, settings = start_simulator(
        rehearsal.world, rehearsal.state, checkout=checkout, environ=rehearsal.environ,
        speed=rehearsal.speed, log=rehearsal.state / "simulator.log", faults=rehearsal.faults,
    )  # fmt: skip
    rehearsal.environ |= settings
    try:
        yield rehearsal
    finally:
        program.stop(seconds=STOP_SECONDS)
        if not rehearsal.is_kept:
            shutil.rmtree(rehearsal.state, ignore_errors=True)


def _is_closed(store: DirectoryStore, run: str) -> bool:
    """Whether a run is over; one that cannot be read is not."""
    try:
        return RunState.of(read_run(store, run)).is_closed
    except JournalError:
        return False


def _note(checkout: Path, run: str) -> Path:
    return checkout / ".muster" / "rehearsal" / "kept" / f"{run}.json"
