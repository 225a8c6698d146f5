"""Our own side: room for the journal, the key, the clock, and earlier runs of the plan."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from muster.errors import JournalError
from muster.journal.ended import is_open
from muster.journal.events import Event, EventKind
from muster.journal.holding_up import newest, runs_held
from muster.journal.signing import load_signer
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.steps.jobs import TEST_FAILOVER
from muster.steps.preflight_checks.facts import Ours
from muster.steps.preflight_checks.mistakes import reason_of
from muster.steps.preflight_reads.reader import Reader

OURS, HISTORY = "ours", "history"
"""Names of what was read here, for what could not be: all of it, or of the earlier runs."""
RUNS_LOOKED_AT = 12
"""The newest ones of a plan, and as many drills: a year of monthly ones."""
DRILL = Operation.DRILL.value


@dataclass(frozen=True, slots=True)
class History:
    """What the journal knows of earlier runs of a plan against the same kind of target."""

    last_passed: datetime | None = None
    last_digest: str | None = None
    open_runs: tuple[str, ...] = ()
    failing_over: Mapping[str, str] = field(default_factory=dict)  # VM -> open run that began it
    broken_runs: Mapping[str, str] = field(default_factory=dict)  # and why
    register_broken: str | None = None
    """What the register itself contradicts: then nobody knows which runs there were."""


async def read_ours(reader: Reader) -> None:
    """Read what stands here, and Azure's clock; after at least one answer of Azure."""
    scene = reader.scene
    past = await _past(reader)
    there, attested, mode = _key(scene.settings.signing_key)
    reader.facts.ours = Ours(
        is_rehearsal=scene.settings.is_rehearsal,
        journal_free=_free(scene.settings.journal),
        journal_lacking=_lacking(scene.settings.journal),
        key_is_there=there,
        key_is_attested=attested,
        key_is_yet_to_be_made=not there and not scene.settings.signing_key.exists(),
        key_mode=mode,
        azure_ahead=scene.gateway.clock_ahead(),
        region=scene.settings.region,
        last_passed=past.last_passed,
        last_digest=past.last_digest,
        open_runs=past.open_runs,
        failing_over=past.failing_over,
        broken_runs=past.broken_runs,
    )


async def _past(reader: Reader) -> History:
    """What the journal knows; a register that does not read is a result, and ends no look.

    It is the record of earlier runs, not the one that this run writes.
    """
    scene = reader.scene
    looking = (scene.store, scene.plan.plan, scene.run_id, scene.settings.target, scene.operation)
    try:
        if scene.store.is_blocking:
            past = await asyncio.to_thread(history_of, *looking)
        else:
            past = history_of(*looking)
    except (JournalError, OSError) as err:
        reader.facts.unread[HISTORY] = f"the journal's earlier runs do not read: {reason_of(err)}"
        return History()
    if past.register_broken is not None:
        reader.facts.unread[HISTORY] = f"the register of runs: {past.register_broken}"
    return past


def history_of(
    store: Store, plan: str, run_id: str, target: str, operation: Operation = Operation.DRILL
) -> History:
    """The newest runs of a plan, and its newest drills, however many other runs came since;
    rehearsals say nothing of drills, nor the other way round.

    An open run of replicate is in no replication's way: that goes on with it.

    A run whose evidence does not hold, as `muster verify` sees it, is evidence of nothing.
    """
    passed: tuple[datetime, str | None] | None = None
    left_open: list[str] = []
    failing_over: dict[str, str] = {}
    choose = newest(RUNS_LOOKED_AT + 1, operation=DRILL, of_it=RUNS_LOOKED_AT + 1)
    runs = runs_held(store, plan, choose)
    for entry in reversed([entry for entry in runs.entries if entry.run != run_id]):
        events = runs.events_of(entry)
        if not events:
            if is_open(store, entry.run):  # it breaks, and nothing signed says that it was closed
                left_open.append(entry.run)
            continue
        end = closed_of(events)
        if end is None:  # whatever it was against: a second run is refused beside it
            failing_over |= dict.fromkeys(_failed_over(events, target), entry.run)
            if operation is not Operation.REPLICATE or entry.operation != operation.value:
                left_open.append(entry.run)
        elif events[0].data.get("target") != target:
            continue
        elif passed is None and entry.operation == DRILL and end.data["outcome"] == "passed":
            digest = events[0].data.get("plan_digest")
            passed = end.at, str(digest) if digest else None
    at, digest_then = passed or (None, None)
    return History(
        at, digest_then, tuple(left_open), failing_over, runs.broken, runs.register_broken
    )


def _failed_over(events: Sequence[Event], target: str) -> set[str]:
    """VMs whose test failover Azure took from a run: what is pending of them is that run's. None
    of a run that was against something else.
    """
    accepted = (event for event in events if event.kind == EventKind.ACCEPTED)
    if events[0].data.get("target") != target:
        return set()
    return {str(one.data["subject"]) for one in accepted if one.data["act"] == TEST_FAILOVER}


def closed_of(events: Sequence[Event]) -> Event | None:
    """The event that closed a run; None while it is open."""
    return next((event for event in events if event.kind == EventKind.CLOSED), None)


def _free(folder: Path) -> int | None:
    """Bytes free where the journal is, or will be made; None where nobody can tell."""
    try:
        return shutil.disk_usage(_nearest(folder)).free
    except OSError:
        return None


def _lacking(folder: Path) -> str:
    """Why a run could not be written to a folder that is there or can be made; "": it could.

    The system is asked, nothing is tried: a look writes nothing.
    """
    there = _nearest(folder)
    if not there.is_dir():  # a file, or a link that leads nowhere
        return f"{there} is no folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"nothing can be written to {there}"
    return ""


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest of those above that anything stands at; the root always does."""
    places = (folder.absolute(), *folder.absolute().parents)
    return next(one for one in places if os.path.lexists(one) or one == places[-1])


def _key(path: Path) -> tuple[bool, bool, int | None]:
    """Whether the key is there and vouched for, and its mode. None is made: a look writes nothing.

    A key file that cannot be used counts as not there: a run would be refused.
    """
    if not path.exists():
        return False, False, None
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:
        mode = None
    try:
        return True, not load_signer(path).unattested, mode
    except (JournalError, OSError):
        return False, False, mode
