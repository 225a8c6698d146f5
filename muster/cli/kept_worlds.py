"""Worlds of rehearsals that were left in the middle: kept until somebody comes back for them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from muster.cli.checkout import settings_of
from muster.cli.rehearsal import Rehearsal, running
from muster.errors import JournalError
from muster.journal.chain import read_run
from muster.journal.state import RunState
from muster.journal.stores import DirectoryStore


def keep(rehearsal: Rehearsal, run: str, checkout: Path) -> None:
    """Note which world a run waits in, so that whoever comes back finds it."""
    note = {
        "world": str(rehearsal.world.resolve()),
        "state": str(rehearsal.state),
        "speed": rehearsal.speed,
        "faults": list(rehearsal.faults),
        "purpose": rehearsal.purpose,
    }
    file = _note(checkout, run)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(note), encoding="utf-8")


def is_kept(run: str, checkout: Path, environ: Mapping[str, str]) -> bool:
    """Whether a run waits in a world that was kept for it.

    What is set outright wins: a simulator that somebody started is left in peace.
    """
    return "MUSTER_ARM_ENDPOINT" not in environ and _note(checkout, run).is_file()


def kept_world(run: str, checkout: Path, environ: Mapping[str, str]) -> Rehearsal:
    """The world that was kept for a run, not running yet."""
    kept = json.loads(_note(checkout, run).read_text(encoding="utf-8"))
    return Rehearsal(
        {**environ}, Path(kept["world"]), Path(kept["state"]), kept["speed"],
        kept.get("faults", ()), is_kept=True, purpose=kept.get("purpose", ""),
    )  # fmt: skip


def drop_note(run: str, checkout: Path) -> None:
    """The world no longer waits for this run."""
    _note(checkout, run).unlink(missing_ok=True)


def forget(run: str, checkout: Path) -> None:
    """Nobody comes back for a run: its world goes, and the note of it."""
    shutil.rmtree(kept_world(run, checkout, {}).state, ignore_errors=True)
    drop_note(run, checkout)


@contextmanager
def going_on(run: str, checkout: Path, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """While inside, the kept world of a run stands again; the environment leads to it.

    Once the run is closed, nobody needs that world any more: it goes, and so does the note of it.
    """
    store = DirectoryStore(settings_of(checkout, environ).journal)
    with running(kept_world(run, checkout, environ), checkout) as rehearsal:
        try:
            yield rehearsal.environ
        finally:
            if _is_closed(store, run):
                rehearsal.is_kept = False
                drop_note(run, checkout)


def _is_closed(store: DirectoryStore, run: str) -> bool:
    """Whether a run is over; one that cannot be read is not."""
    try:
        return RunState.of(read_run(store, run)).is_closed
    except JournalError:
        return False


def _note(checkout: Path, run: str) -> Path:
    return checkout / ".muster" / "rehearsal" / "kept" / f"{run}.json"
