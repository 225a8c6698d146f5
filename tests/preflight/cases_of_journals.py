"""Journals of earlier drills that were changed: `muster verify` and preflight say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from muster.journal.register import entry_of
from tests.preflight.cases_of_replication import FAILOVER, ids
from tests.preflight.looking import Case, Ours


def _last_event_changed(ours: Ours) -> None:
    """No later link tells of it: only what was signed does."""
    name = max(one for one in ours.store.contents if one.endswith(".jsonl"))
    content = ours.store.contents[name]
    changed = content.replace(b'"leftovers":[]', b'"leftovers":["x"]')
    assert changed != content
    ours.store.contents[name] = changed


def _without(file: str) -> Callable[[Ours], object]:
    def bend(ours: Ours) -> None:
        del ours.store.contents[next(one for one in ours.store.contents if one.endswith(file))]

    return bend


def _record_rewritten(ours: Ours) -> None:
    name = next(one for one in ours.store.contents if one.endswith("/record.json"))
    ours.store.contents[name] += b" "


def _entry_rewritten(ours: Ours) -> None:
    """In canonical form, and the only one: nothing but the run itself tells of it."""
    name = next(one for one in ours.store.contents if one.startswith("plans/"))
    entry = entry_of(name, ours.store.contents[name])
    ours.store.contents[name] = replace(entry, opened_at="2020-01-01T00:00:00Z").content()


CASES = [
    Case("PRE-106", "the last event of the last drill was changed", ids(99, 100, 101),
         operation=FAILOVER, ours=_last_event_changed),
    Case("PRE-106", "the signed head was taken away", ids(99, 100, 101),
         operation=FAILOVER, ours=_without("head.json")),
    Case("PRE-106", "the record was rewritten", ids(99, 100, 101),
         operation=FAILOVER, ours=_record_rewritten),
    Case("PRE-106", "the entry of the register was rewritten", ids(99, 100, 101),
         operation=FAILOVER, ours=_entry_rewritten),
]  # fmt: skip
