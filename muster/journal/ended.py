"""Whether a run has ended, by its last line or by what was signed when it closed.

A closed run whose last segment was cut or lost looks like one that was interrupted; its signed
head says that it was closed. Such a run is damaged, not open: nothing goes on with it.
"""

from __future__ import annotations

import json

from muster.journal.register import Entry, entries_of, head_and_state
from muster.journal.segments import run_prefix
from muster.journal.signing import HEAD, MANIFEST, signature_problem
from muster.journal.stores import Store

_SIGNED = {HEAD: "head", MANIFEST: "manifest"}


def open_of_plan(store: Store, plan: str) -> list[Entry]:
    """Registered runs of a plan that are open, oldest first.

    What the register says was closed is not looked at again: closed runs stay closed.
    """
    entries = entries_of(store, plan)
    known = [*(entry.previous_state for entry in entries[1:]), None]  # nobody says it of the last
    left = [entry for entry, state in zip(entries, known, strict=False) if state != "closed"]
    return [entry for entry in left if is_open(store, entry.run)]


def is_open(store: Store, run: str) -> bool:
    """Whether a run is under way or was interrupted."""
    return head_and_state(store, run)[1] == "open" and not was_closed(store, run)


def was_closed(store: Store, run: str) -> bool:
    """Whether a signature that holds says that a run was closed, whatever its journal says now.

    Whose key it is, is the question of `muster verify`: who could put a forged head here could
    as well write the line that closes the run.
    """
    return any(_is_signed(store, run, name, kind) for name, kind in _SIGNED.items())


def _is_signed(store: Store, run: str, name: str, kind: str) -> bool:
    name = run_prefix(run) + name
    if not store.exists(name):
        return False
    content = store.read(name)
    return signature_problem(content, kind) is None and json.loads(content).get("run") == run
