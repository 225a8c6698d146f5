"""One run at a time per plan, also when two are started in the same instant."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import timedelta

from muster.clock import Clock
from muster.errors import InputError, JournalError, MusterError, RunClosed
from muster.journal.chain import read_run
from muster.journal.ended import is_open, open_of_plan
from muster.journal.events import EventKind
from muster.journal.journal import Journal, run_exists
from muster.journal.register import Entry
from muster.journal.signing import load_signer
from muster.journal.stores import Store
from muster.runs.evidence import write_evidence
from muster.runs.going_on import go_on_words
from muster.runs.session import conclusion_of
from muster.settings import Settings

LOOK_EVERY = timedelta(milliseconds=100)  # on the wall
MOST_LOOKS = 100


class StillOpen(InputError):
    """Another run of the plan, or this very run, is under way or was interrupted."""

    code = "RUN-011"
    hint = (
        "Follow it with `muster status RUN`. `muster cleanup RUN` closes what was interrupted; "
        "`muster replicate PLAN` goes on with a replicate run."
    )

    def __init__(self, run_id: str, plan: str = "", operation: str = "") -> None:
        super().__init__(
            f"Run {run_id} is still open: it is under way, or was interrupted",
            hint=f"Follow it with `muster status {run_id}`; if its process is gone, "
            f"{go_on_words(run_id, plan, operation)}.",
        )

    @classmethod
    def of(cls, entry: Entry) -> StillOpen:
        """Of a run as it is registered."""
        return cls(entry.run, entry.plan, entry.operation)


def refuse_second_run(store: Store, plan: str, run_id: str) -> None:
    """One run at a time per plan, and no run twice: looked at before a number is taken.

    Raises:
        RunClosed: This run has ended; evidence stays as it is.
        StillOpen: This run, or another one of the plan, is still open.
        JournalError: One is, and its journal breaks.
    """
    if run_exists(store, run_id):
        if not is_open(store, run_id):
            raise RunClosed(f"Run {run_id} is closed")
        raise StillOpen(run_id)
    if rivals := open_runs(store, plan, but=run_id):
        raise hindrance(store, rivals[-1])


def open_runs(store: Store, plan: str, *, but: str) -> list[Entry]:
    """Registered runs of a plan that are open, oldest first; see `open_of_plan`."""
    return [entry for entry in open_of_plan(store, plan) if entry.run != but]


def hindrance(store: Store, entry: Entry) -> MusterError:
    """Why no other run may begin beside an open one: it is open; or its journal breaks, so that
    no command goes on with it or cleans up after it before that is mended.
    """
    try:
        read_run(store, entry.run)
    except JournalError as err:
        return err
    return StillOpen.of(entry)


async def give_way(store: Store, clock: Clock, journal: Journal, settings: Settings) -> None:
    """Look once more, now that this run has a number and is open; the loser closes itself.

    Of two that were started in the same instant each has written that it is open before it looks,
    so that at least one sees the other. The one with the higher number gives way at once. The
    other one waits for that; if it does not happen, the other has gone on, before this one was
    to be seen.

    Raises:
        StillOpen: This run gave way; it is closed, and nothing was sent.
    """
    rival = await _rival_of(store, clock, journal)
    if rival is None:
        return
    text = f"run {rival.run} of the same plan is open: this one gave way before its first act"
    await journal.append(EventKind.NOTED, {"what": "stop", "text": text})
    data = asdict(conclusion_of(journal.events))
    await journal.close(data, load_signer(settings.signing_key))
    await write_evidence(settings, journal.run, journal.events, store)
    raise StillOpen.of(rival)


async def _rival_of(store: Store, clock: Clock, journal: Journal) -> Entry | None:
    number = int(journal.state.opened["register"]["number"])
    for _ in range(MOST_LOOKS):
        rivals = await asyncio.to_thread(open_runs, store, journal.state.plan, but=journal.run)
        if not rivals:
            return None
        if rivals[0].n < number:
            return rivals[0]
        await clock.sleep(LOOK_EVERY * clock.speed)
    return rivals[0]
