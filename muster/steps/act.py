"""One act as the journal keeps it: what every convergent send and search is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import GatewayError, StepFailed
from muster.journal.events import EventKind, instant_text
from muster.steps.context import Run
from muster.steps.history import History, history_of
from muster.steps.refusal import is_refusal, never_left

SEND_WITHIN = timedelta(seconds=60)
"""An intent is good for this long; the sender looks at the time right before sending."""
REQUEST_TIMEOUT = timedelta(seconds=60)
"""A request that was under way when its sender died may still be taken for this long."""
LIST_LAG = timedelta(seconds=30)
"""How long a job may take to show in the vault's list."""
SKEW = timedelta(seconds=30)
"""How far Azure's clock may be behind ours."""
AHEAD = timedelta(days=1)
"""How far back a job is looked for when its intent is dated in the future: nobody knows when it
was sent. One job too many is asked about, one too few would be sent again."""
MOST_INTENTS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A job in the vault that may be the one that was meant to be sent."""

    job_id: str
    started_at: datetime | None
    evidence: Mapping[str, Any]


Find = Callable[[datetime], Awaitable[list[Found]]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a send: Azure has it, once."""

    job_id: str
    adopted: bool
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to one subject in one run: what its journal entries have in common.

    `passed_over` are ids of accepted jobs that ended without reaching what was wanted: they do
    not count as sent.
    """

    run: Run
    step: Step
    name: str
    subject: str
    passed_over: Collection[str] = ()

    def history(self) -> History:
        return history_of(self.run, self.name, self.subject, self.passed_over)

    async def journal(self, kind: EventKind, **data: Any) -> None:
        whole = {"act": self.name, "subject": self.subject, **data}
        await self.run.journal.append(kind, whole, step=self.step.id)

    async def intend(self, request: Mapping[str, Any]) -> datetime:
        """Journal the intent, synced; the instant right before sending, which lies within it.

        Raises:
            StepFailed: STEP-016: the journal is slower than an intent lasts.
            SegmentTaken: Another process took the run over; it decides what is sent from here on.
        """
        clock = self.run.clock
        for _ in range(MOST_INTENTS):
            not_after = clock.now() + SEND_WITHIN
            await self.journal(
                EventKind.INTENDED,
                not_after=instant_text(not_after),
                attempt=self.history().attempts + 1,
                request=dict(request),
            )
            await self.run.journal.ensure_owned()
            now = clock.now()
            if now <= not_after:
                return now
            # Whoever takes this run over may have begun to look for a job by now. Say that none
            # was sent.
            await self.not_sent("The intent ran out first")
        raise StepFailed(
            f"{self.name} of {self.subject}: the journal takes longer than "
            f"{SEND_WITHIN} to store an intent",
            code="STEP-016",
            hint="The journal's disk is too slow, or MUSTER_CLOCK runs too fast for it.",
        )

    async def not_sent(self, why: str) -> None:
        """Settle the newest intent: it is certain that nothing was sent for it."""
        await self.journal(EventKind.NOTED, what="not sent", text=why)

    async def unanswered(self, err: GatewayError) -> None:
        """Journal why a send was not accepted, or that nobody knows."""
        what = "refused" if is_refusal(err) else "no answer"
        if never_left(err):
            what = "not sent"
        await self.journal(EventKind.NOTED, what=what, text=str(err))
