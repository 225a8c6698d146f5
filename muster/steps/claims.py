"""What other runs of this journal meant to do to a VM at a time: their jobs are never ours."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

from muster.errors import JournalError, RunNotFound
from muster.gateway.ids import same_id
from muster.journal.chain import read_run
from muster.journal.events import Event, EventKind, instant_of
from muster.journal.register import runs_of
from muster.journal.segments import last_line, segment_names
from muster.journal.stores import Store
from muster.steps.act import LIST_LAG, REQUEST_TIMEOUT, SEND_WITHIN
from muster.steps.context import Run
from muster.steps.settling import Window

BEFORE = SEND_WITHIN + REQUEST_TIMEOUT + LIST_LAG
"""How long before a job's start its own intent may have been journalled."""


async def others_that_meant(run: Run, act: str, item_id: str, window: Window) -> list[str]:
    """Ids of other runs that may have sent this act to an item in a window; also those whose
    journal cannot be read, for they may have.
    """
    store = run.journal.store
    if not store.is_blocking:
        return _claimants(store, run.id, act, item_id, window)
    return await asyncio.to_thread(_claimants, store, run.id, act, item_id, window)


def _claimants(store: Store, own: str, act: str, item_id: str, window: Window) -> list[str]:
    entries = {entry.run for entry in runs_of(store) if entry.run != own}
    return sorted(run for run in entries if _may_have(store, run, act, item_id, window))


def _may_have(store: Store, run: str, act: str, item_id: str, window: Window) -> bool:
    try:
        if not segment_names(store, run) or _ended_before(store, run, window):
            return False
        return any(_is_claim(event, act, item_id, window) for event in read_run(store, run))
    except RunNotFound:
        return False
    except JournalError:
        return True


def _ended_before(store: Store, run: str, window: Window) -> bool:
    """Whether a run's last word was closed before the window: most have, and are not read on."""
    try:
        last = json.loads(last_line(store, run))
        closed_at = instant_of(last["at"]) if last["kind"] == EventKind.CLOSED else None
    except (ValueError, TypeError, KeyError):
        return False
    # A day to spare: it may have been closed by a machine whose clock was behind.
    return closed_at is not None and closed_at < window.since - BEFORE - timedelta(days=1)


def _is_claim(event: Event, act: str, item_id: str, window: Window) -> bool:
    if event.kind is not EventKind.INTENDED or event.data.get("act") != act:
        return False
    request = event.data.get("request") or {}
    meant_at = event.at
    is_near = window.since - BEFORE <= meant_at <= window.until
    return is_near and same_id(request.get("item_id"), item_id)
