"""The world that a run is rehearsed in: its plan's own, a named one, or the one that an earlier
run of the same kind was left in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from muster.cli.checkout import settings_of
from muster.cli.kept_worlds import drop_note, forget, is_kept, keep, kept_world
from muster.cli.output import tell
from muster.cli.rehearsal import Rehearsal, new_rehearsal, running
from muster.cli.weather import judge
from muster.journal.stores import DirectoryStore, Store
from muster.plan.actions import Operation
from muster.runs.status import RunLine, run_overview
from muster.runs.stopping import GOES_ON, same_command


@dataclass(frozen=True, slots=True)
class Stage:
    """The simulator that is to be started for a command."""

    usual: Callable[[str, Path], Path]  # a plan's own world, by its name and checkout
    world: Path | None  # the one that was named
    speed: float
    faults: tuple[str, ...] = ()


@contextmanager
def staged(
    stage: Stage, plan: str, operation: Operation, checkout: Path, environ: Mapping[str, str]
) -> Iterator[Rehearsal]:
    """While inside, a world stands. It is kept for the run that was left in it, if one was.

    Other plans may be rehearsed at the same time, each in a world of its own.

    Raises:
        InputError: There is no such world, or a mistake in it.
        StartFailed: The simulator did not come up.
    """
    store = DirectoryStore(settings_of(checkout, environ).journal)
    before = _runs(store, plan)
    left = _left(before, stage, operation, checkout, environ)
    if left is not None:
        rehearsal = kept_world(left.run, checkout, environ)
        tell(_going_on(left, rehearsal.speed, stage))
    else:
        rehearsal = _new(stage, plan, operation, checkout, environ)
    with running(rehearsal, checkout):
        try:
            yield rehearsal
        finally:
            _settle(rehearsal, _waiting(_runs(store, plan), before, left), left, checkout)


def _new(
    stage: Stage, plan: str, operation: Operation, checkout: Path, environ: Mapping[str, str]
) -> Rehearsal:
    world = stage.world or stage.usual(plan, checkout)
    judge(world, stage.faults)
    return new_rehearsal(
        world, checkout, environ, speed=stage.speed, faults=stage.faults, purpose=operation.value
    )


def _going_on(left: RunLine, speed: float, stage: Stage) -> str:
    """That an old world stands, and that time goes in it as it did where that is not as asked."""
    kept = f" It keeps its speed of {speed:g}, whatever --speed says." * (speed != stage.speed)
    if left.state == "closed":
        return (
            f"The world of {left.run} stands again, as that run was left in it; "
            f"--world FILE begins in a new one.{kept}"
        )
    return f"The world of {left.run} stands again: that run is open, and goes on in it.{kept}"


def _settle(
    rehearsal: Rehearsal, waiting: RunLine | None, left: RunLine | None, checkout: Path
) -> None:
    """Keep the world for the run that waits in it, and no longer for the one that did."""
    if left is not None and (waiting is None or waiting.run != left.run):
        drop_note(left.run, checkout)
    rehearsal.is_kept = waiting is not None
    if waiting is None:
        return
    keep(rehearsal, waiting.run, checkout)
    if waiting.operation in GOES_ON:
        command = same_command(waiting.plan, Operation(waiting.operation), is_rehearsed=True)
        tell(f"The world of this rehearsal is kept. Go on in it with:  {command}")


def _runs(store: Store, plan: str) -> list[RunLine]:
    return [line for line in run_overview(store) if line.plan == plan]


def _left(
    lines: Sequence[RunLine],
    stage: Stage,
    operation: Operation,
    checkout: Path,
    environ: Mapping[str, str],
) -> RunLine | None:
    """The newest run of this kind that waits in a world that was kept for it.

    One that is open has to be gone on with there; one that a Ctrl-C closed need not be.
    """
    if operation not in GOES_ON:
        return None
    fitting = [
        line
        for line in lines
        if line.operation == operation and _waits(line) and is_kept(line.run, checkout, environ)
    ]
    if not fitting:
        return None
    left = fitting[-1]
    if stage.world is None or left.state != "closed":
        return left
    forget(left.run, checkout)
    return None


def _waits(line: RunLine) -> bool:
    """Whether somebody may come back for the world that a run was left in."""
    if line.state != "closed":
        return True
    return line.operation in GOES_ON and line.outcome == "aborted"


def _waiting(
    after: Sequence[RunLine], before: Sequence[RunLine], left: RunLine | None
) -> RunLine | None:
    """The run that waits in the world now: a new one, else the one that was left in it before."""
    known = {line.run for line in before}
    if new := [line for line in after if line.run not in known]:
        return next((line for line in reversed(new) if _waits(line)), None)
    if left is None:
        return None
    now = next(line for line in after if line.run == left.run)
    return now if _waits(now) else None
