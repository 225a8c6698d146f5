"""What happened in a run before this process took part in it."""

from __future__ import annotations

from collections.abc import Sequence

from muster.errors import RunNotFound
from muster.journal.chain import read_run
from muster.journal.events import Event
from muster.journal.journal import run_exists
from muster.journal.stores import DirectoryStore
from muster.settings import Settings


def earlier_events(settings: Settings, run: str) -> Sequence[Event]:
    """The events of a run so far.

    Raises:
        RunNotFound: No such run in this journal.
        Tampered: Its chain does not hold.
    """
    store = DirectoryStore(settings.journal)
    if not run_exists(store, run):
        raise RunNotFound(f"There is no run {run} in {settings.journal}")
    return read_run(store, run)
