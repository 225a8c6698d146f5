"""What a run enabled, or perhaps did: from its journal's words about each request. Pure.

Only what Azure took counts. A request that was refused, or whose job failed, enabled nothing; one
whose answer nobody heard counts as *perhaps* until the run itself goes on, finds its job and
journals that: only the run knows whether what stands there came of its own request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from muster.gateway.ids import key_of, same_id
from muster.gateway.parse import mapping, text_of
from muster.journal.events import Event, EventKind, Observed
from muster.journal.index import EventIndex
from muster.replication.claims_made import Enabled
from muster.steps.history import SETTLED
from muster.steps.replicating.claims import ENABLE

_FAILED = frozenset({"failed", "cancelled", "canceled"})


@dataclass(frozen=True, slots=True)
class Enablings:
    """What a run enabled, and what it asked for without hearing of it."""

    sure: tuple[Enabled, ...] = ()
    perhaps: tuple[Enabled, ...] = ()


def enablings_of(events: Sequence[Event], run: str, plan: str) -> Enablings:
    """What a run enabled.

    Args:
        events: All of the run's.
        run: Its id.
        plan: Whose run it is.
    """
    index = EventIndex(events)
    failed = frozenset(_failed_jobs(events))
    asked = [one for one in index.of_kind(EventKind.INTENDED) if one.data["act"] == ENABLE]
    sure, perhaps = [], []
    for subject in dict.fromkeys(str(one.data["subject"]) for one in asked):
        taken, open_ = _settled(index.of_act(ENABLE, subject), failed)
        if taken is not None:
            asked_then, is_answered = taken
            found = _enabled(asked_then, run, plan, _lifecycle(index, subject, asked_then))
            sure.append(replace(found, is_answered=is_answered))
        elif open_ is not None:
            perhaps.append(_enabled(open_, run, plan, None))
    return Enablings(tuple(sure), tuple(perhaps))


def _settled(
    events: Sequence[Event], failed: frozenset[str]
) -> tuple[tuple[Event, bool] | None, Event | None]:
    """The newest intent of one item that Azure took, with whether it answered so (or its job was
    found later); and the newest of which nobody knows.
    """
    taken: tuple[Event, bool] | None = None
    asked: list[Event] = []
    for event in events:
        if event.kind is EventKind.INTENDED:
            asked.append(event)
        elif event.kind is EventKind.ACCEPTED:
            if asked and key_of(str(event.data.get("job_id"))) not in failed:
                taken = asked[-1], not event.data.get("adopted")
            asked = []
        elif event.kind is EventKind.NOTED and event.data.get("what") in SETTLED:
            asked = asked[:-1]
    return taken, asked[-1] if asked else None


def _failed_jobs(events: Sequence[Event]) -> Iterator[str]:
    """Keys of the ids of jobs that ended without having enabled anything."""
    for event in events:
        data = event.data
        is_job = event.kind is EventKind.OBSERVED and data.get("what") == Observed.JOB.value
        if is_job and str(data.get("state")).casefold() in _FAILED:
            yield from (key_of(str(data[key])) for key in ("job_id", "asked_id") if data.get(key))


def _lifecycle(index: EventIndex, item_id: str, asked: Event) -> str | None:
    """The id that the run saw first of the item that it had enabled."""
    for event in index.of_kind(EventKind.OBSERVED):
        data = event.data
        is_item = data.get("what") == Observed.REPLICATION.value and event.seq > asked.seq
        if is_item and same_id(str(data.get("item_id")), item_id) and data.get("lifecycle_id"):
            return str(data["lifecycle_id"])
    return None


def _enabled(asked: Event, run: str, plan: str, lifecycle_id: str | None) -> Enabled:
    request = mapping(asked.data.get("request"))
    properties: Mapping[str, Any] = mapping(request.get("properties"))
    details = mapping(properties.get("providerSpecificDetails"))
    return Enabled(
        item_id=str(asked.data["subject"]),
        vm_id=text_of(details.get("fabricObjectId")),
        policy_id=text_of(properties.get("policyId")),
        group_id=text_of(details.get("recoveryResourceGroupId")),
        run=run,
        plan=plan,
        at=asked.at,
        lifecycle_id=lifecycle_id,
    )
