"""What an open intent came to: looked for once its job can no longer arrive unseen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from muster.errors import StepFailed, WaitEnded
from muster.journal.events import EventKind, instant_of, instant_text
from muster.steps.act import (
    AHEAD,
    LIST_LAG,
    REQUEST_TIMEOUT,
    SEND_WITHIN,
    SKEW,
    Act,
    Find,
    Found,
    Sent,
)
from muster.steps.deadline import Deadline
from muster.steps.history import History

LONGEST = SEND_WITHIN + REQUEST_TIMEOUT + LIST_LAG
"""No intent is waited out for longer, whatever its own clock read: its sender has lost the run,
looks at that right before sending, and a request it had begun has ended by then."""


@dataclass(frozen=True, slots=True)
class Window:
    """Between which instants Azure can have started what was meant."""

    since: datetime
    until: datetime

    def holds(self, instant: datetime | None) -> bool:
        """Whether an instant lies within; one that is missing lies nowhere."""
        return instant is not None and self.since <= instant <= self.until


Vouch = Callable[[Found, Window], Awaitable[Mapping[str, Any]]]
"""What shows that a job which was found is ours: `how` and its evidence; raises StepFailed."""


async def settled(
    act: Act, find: Find, deadline: Deadline, vouch: Vouch | None = None
) -> Sent | None:
    """What the journal, and for an open intent Azure's jobs, say was sent; None: nothing was.

    Args:
        act: What was meant.
        find: Jobs that began at or after an instant and may be this act.
        deadline: The end of all that the step waits for.
        vouch: Shows that the only job found is ours; without it being the only one is enough.

    Raises:
        StepFailed: STEP-010: two jobs could be it, or whose it is cannot be told.
        WaitEnded: The step's time ended before a job could be looked for.
    """
    history = act.history()
    if history.accepted is not None:
        job_id, adopted = str(history.accepted["job_id"]), bool(history.accepted.get("adopted"))
        return Sent(job_id, adopted, instant_of(history.accepted["sent_at"]))
    if history.open_since is None or history.not_after is None:
        return None
    since = _since(history.open_since, act.run.clock.now())
    await _wait_it_out(act, history.not_after, deadline)
    found = await find(since)
    if len(found) > 1:
        raise _two(act, found)
    if not found:
        text = "An intent was left without an answer; no job of it exists, so it was not taken"
        await act.journal(EventKind.NOTED, what="not found", text=text)
        return None
    shown = await vouch(found[0], _window(history, since, act.run.clock.now())) if vouch else {}
    return await _adopted(act, found[0], shown, history.open_since)


def _since(open_since: datetime, now: datetime) -> datetime:
    return open_since - SKEW if open_since <= now + SKEW else now - AHEAD


def _window(history: History, since: datetime, now: datetime) -> Window:
    last = min(history.not_after or now, now)
    return Window(since, last + REQUEST_TIMEOUT + LIST_LAG + SKEW)


async def _wait_it_out(act: Act, not_after: datetime, deadline: Deadline) -> None:
    clock = act.run.clock
    wait = min(not_after + REQUEST_TIMEOUT + LIST_LAG - clock.now(), LONGEST)
    if wait <= timedelta():
        return
    left = deadline.left()
    await clock.sleep(min(wait, left))
    if wait > left:
        raise WaitEnded(
            f"{act.name} of {act.subject}: the step's time ended before it could be told whether "
            "Azure took what was sent last"
        )


async def _adopted(act: Act, found: Found, shown: Mapping[str, Any], open_since: datetime) -> Sent:
    sent_at = found.started_at or open_since
    how = "the only job of this item, scenario and time"
    await act.journal(
        EventKind.ACCEPTED,
        job_id=found.job_id,
        correlation_id=None,
        request_id=None,
        sent_at=instant_text(sent_at),
        answered_at=instant_text(act.run.clock.now()),
        adopted=True,
        how=f"{how}, and {shown['how']}" if shown else how,
        evidence={**found.evidence, **shown},
    )
    return Sent(found.job_id, adopted=True, sent_at=sent_at)


def _two(act: Act, found: Sequence[Found]) -> StepFailed:
    ids = ", ".join(one.job_id for one in found)
    return StepFailed(
        f"{act.name} of {act.subject}: {len(found)} jobs could be the one that was sent: {ids}",
        code="STEP-010",
        hint=(
            "Nothing more is sent. Look at both in the portal; clean up by hand what is not yours."
        ),
    )
