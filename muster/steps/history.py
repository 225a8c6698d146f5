"""What the journal says about one act on one subject: meant, taken, or still open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muster.gateway.ids import key_of
from muster.journal.events import Event, EventKind, instant_of
from muster.steps.context import Run

SETTLED = frozenset({"refused", "not sent"})
"""Notes that settle an intent: it is certain that Azure did not take it."""


@dataclass(frozen=True, slots=True)
class History:
    attempts: int = 0
    accepted: Mapping[str, Any] | None = None  # data of the newest `accepted` that counts
    open_since: datetime | None = None  # of the oldest intent that nothing settled
    not_after: datetime | None = None  # of the newest such intent

    @property
    def ever_intended(self) -> bool:
        return self.attempts > 0


def history_of(run: Run, act: str, subject: str, passed_over: Collection[str] = ()) -> History:
    """Read one act's history from the run's journal.

    An intent that was looked for and not found stays open: should its job turn up all the same,
    there are two,
    and a person has to look.
    """
    over = {key_of(one) for one in passed_over}
    attempts, accepted = 0, None
    unsettled: list[Event] = []
    for event in run.journal.index.of_act(act, subject):
        if event.kind == EventKind.INTENDED:
            attempts = max(attempts, int(event.data["attempt"]))
            unsettled.append(event)
        elif event.kind == EventKind.ACCEPTED:
            unsettled.clear()
            accepted = None if key_of(str(event.data["job_id"])) in over else event.data
        elif event.kind == EventKind.NOTED and event.data.get("what") in SETTLED:
            unsettled = unsettled[:-1]
    return History(
        attempts,
        accepted,
        unsettled[0].at if unsettled else None,
        instant_of(unsettled[-1].data["not_after"]) if unsettled else None,
    )


def jobs_sent(run: Run, act: str, subject: str) -> list[str]:
    """Ids of every job that was accepted or adopted for an act, oldest first."""
    return [
        str(event.data["job_id"])
        for event in run.journal.index.of_act(act, subject)
        if event.kind == EventKind.ACCEPTED
    ]
