"""The convergent send: what a dead process sent is found, never sent blindly again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from muster.compile.graph import Step
from muster.errors import GatewayError, StepFailed
from muster.gateway.kinds import AzureError, NoJobNamed
from muster.gateway.port import Accepted
from muster.journal.events import EventKind, instant_of, instant_text
from muster.steps.context import Run
from muster.steps.history import History, history_of

SEND_WITHIN = timedelta(seconds=60)
"""An intent is good for this long; the sender looks at the time right before sending."""
REQUEST_TIMEOUT = timedelta(seconds=60)
"""A request that was under way when its sender died may still be taken for this long."""
LIST_LAG = timedelta(seconds=30)
"""How long a job may take to show in the vault's list."""
SKEW = timedelta(seconds=30)
"""How far Azure's clock may be behind ours."""
NOT_PERMITTED = "STEP-011"
MOST_ATTEMPTS = 3
MOST_INTENTS = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A job in the vault that can only be the one that was meant to be sent."""

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
        return history_of(self.run.journal.events, self.name, self.subject, self.passed_over)

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
            await self.journal(EventKind.NOTED, what="not sent", text="The intent ran out first")
        raise StepFailed(
            f"{self.name} of {self.subject}: the journal takes longer than "
            f"{SEND_WITHIN} to store an intent",
            code="STEP-016",
            hint="The journal's disk is too slow, or MUSTER_CLOCK runs too fast for it.",
        )


async def once(
    run: Run,
    step: Step,
    act: str,
    subject: str,
    *,
    request: Mapping[str, Any],
    find: Find,
    may_send: Callable[[], Awaitable[bool]],
    send: Callable[[], Awaitable[Accepted]],
    passed_over: Collection[str] = (),
) -> Sent:
    """Send a call that Azure knows no client token for at most once, whatever crashes in between.

    Args:
        run: The run whose journal decides.
        step: The step that sends.
        act: What is done: `test-failover`, `test-failover-cleanup`.
        subject: What it is done to: the VM's name.
        request: What is sent, as the journal keeps it.
        find: Jobs that began at or after an instant and can only be this send.
        may_send: Whether the world, read now, permits it.
        send: The call itself; never retried.
        passed_over: See `Act`.

    Raises:
        StepFailed: STEP-010: two jobs match, so a person has to look. STEP-011: the world does
            not permit it.
            STEP-012: no answer came, several times.
        GatewayError: Azure refused it; nothing was started.
    """
    this = Act(run, step, act, subject, passed_over)
    for _ in range(MOST_ATTEMPTS):
        if sent := await settled(this, find):
            return sent
        if not await may_send():
            raise StepFailed(
                f"{act} of {subject} is not permitted now, and no job of it was found",
                code=NOT_PERMITTED,
                hint="Look at the item's allowed operations and running jobs in the portal.",
            )
        if sent := await to_its_end(_send(this, request, send)):
            return sent
    raise StepFailed(
        f"{act} of {subject}: Azure gave no answer {MOST_ATTEMPTS} times, and no "
        "job of it was found",
        code="STEP-012",
        hint="Check the way to Azure, look at the vault's jobs, then run it again.",
    )


async def settled(act: Act, find: Find) -> Sent | None:
    """What the journal, and for an open intent Azure's jobs, say was sent; None: nothing was.

    An open intent is looked for only once its job can no longer arrive unseen.

    Raises:
        StepFailed: STEP-010: two jobs could be it.
    """
    history = act.history()
    if history.accepted is not None:
        job_id, adopted = str(history.accepted["job_id"]), bool(history.accepted.get("adopted"))
        return Sent(job_id, adopted, instant_of(history.accepted["sent_at"]))
    if history.open_since is None or history.not_after is None:
        return None
    clock = act.run.clock
    arrived = history.not_after + REQUEST_TIMEOUT + LIST_LAG
    await clock.sleep(max(timedelta(), arrived - clock.now()))
    found = await find(history.open_since - SKEW)
    if len(found) > 1:
        raise _two(act, found)
    if not found:
        text = "An intent was left without an answer; no job of it exists, so it was not taken"
        await act.journal(EventKind.NOTED, what="not found", text=text)
        return None
    return await _adopted(act, found[0], history.open_since)


async def to_its_end(piece: Coroutine[Any, Any, T]) -> T:
    """Await a piece of work to its end, even if whoever waits for it is cancelled meanwhile."""
    task = asyncio.ensure_future(piece)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as err:
            cancelled = err
    if cancelled is not None:
        raise cancelled
    return task.result()


def is_refusal(err: GatewayError) -> bool:
    """Whether it is certain that Azure did not take the call."""
    if not isinstance(err, AzureError) or err.maybe_accepted or isinstance(err, NoJobNamed):
        return False
    return err.status is None or (400 <= err.status < 500 and err.status != 408)


async def _send(
    act: Act, request: Mapping[str, Any], send: Callable[[], Awaitable[Accepted]]
) -> Sent | None:
    """Intended, sent, accepted as one piece; None when no answer came, so that nobody knows."""
    async with act.run.send_lock:
        sent_at = await act.intend(request)
        try:
            accepted = await send()
        except GatewayError as err:
            refused = is_refusal(err)
            what = "refused" if refused else "no answer"
            await act.journal(EventKind.NOTED, what=what, text=str(err))
            if refused:
                raise
            return None
        await act.journal(
            EventKind.ACCEPTED,
            job_id=accepted.job_id,
            correlation_id=accepted.correlation_id,
            request_id=accepted.request_id,
            sent_at=instant_text(sent_at),
            answered_at=instant_text(act.run.clock.now()),
        )
    return Sent(accepted.job_id, adopted=False, sent_at=sent_at)


async def _adopted(act: Act, found: Found, open_since: datetime) -> Sent:
    sent_at = found.started_at or open_since
    await act.journal(
        EventKind.ACCEPTED,
        job_id=found.job_id,
        correlation_id=None,
        request_id=None,
        sent_at=instant_text(sent_at),
        answered_at=instant_text(act.run.clock.now()),
        adopted=True,
        how="the only job of this item, scenario, time and drill network",
        evidence=dict(found.evidence),
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
