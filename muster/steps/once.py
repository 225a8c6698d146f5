"""The convergent send: what a dead process sent is found, never sent blindly again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from muster.compile.graph import Step
from muster.errors import Aborted, GatewayError, StepFailed
from muster.gateway.values import Accepted
from muster.journal.events import EventKind, instant_text
from muster.steps.act import (
    LIST_LAG,
    REQUEST_TIMEOUT,
    SEND_WITHIN,
    SKEW,
    Act,
    Find,
    Found,
    Sent,
)
from muster.steps.context import Run
from muster.steps.deadline import Deadline
from muster.steps.refusal import is_refusal
from muster.steps.settling import Vouch, settled
from muster.steps.unreached import when_reached

__all__ = [
    "LIST_LAG", "REQUEST_TIMEOUT", "SEND_WITHIN", "SKEW", "Act", "Find", "Found", "Sent",
    "once", "to_its_end",
]  # fmt: skip

NOT_PERMITTED = "STEP-011"
MOST_ATTEMPTS = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Call:
    """What is sent, and what has to hold right before it is."""

    request: Mapping[str, Any]
    may_send: Callable[[], Awaitable[bool]]
    send: Callable[[], Awaitable[Accepted]]
    although_stopping: bool


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
    vouch: Vouch | None = None,
    deadline: Deadline | None = None,
    although_stopping: bool = False,
) -> Sent:
    """Send a call that Azure knows no client token for at most once, whatever crashes in between.

    Args:
        run: The run whose journal decides.
        step: The step that sends.
        act: What is done: `test-failover`, `test-failover-cleanup`.
        subject: What it is done to: the VM's name.
        request: What is sent, as the journal keeps it.
        find: Jobs that began at or after an instant and may be this send.
        may_send: Whether the world, read when it is this send's turn, permits it.
        send: The call itself; never retried.
        passed_over: See `Act`.
        vouch: See `settled`.
        deadline: The end of all that the step waits for; the step's whole timeout by default.
        although_stopping: Whether it is sent in a run that is stopping: what cleans up is.

    Raises:
        StepFailed: STEP-010: two jobs match, or whose one is cannot be told, so a person has to
            look. STEP-011: the world does not permit it.
            STEP-012: no answer came, several times.
        Aborted: The run is stopping; nothing was sent.
        GatewayError: Azure refused it; nothing was started.
    """
    this = Act(run, step, act, subject, passed_over)
    call = _Call(request, may_send, send, although_stopping)
    end = deadline or Deadline.of(step, run.clock)
    for _ in range(MOST_ATTEMPTS):
        if sent := await settled(this, find, end, vouch):
            return sent
        sent = await when_reached(run, end.left(), lambda: to_its_end(_send(this, call)))
        if sent:
            return sent
    raise StepFailed(
        f"{act} of {subject}: Azure gave no answer {MOST_ATTEMPTS} times, and no "
        "job of it was found",
        code="STEP-012",
        hint="Check the way to Azure, look at the vault's jobs, then run it again.",
    )


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


async def _send(act: Act, call: _Call) -> Sent | None:
    """Intended, sent, accepted as one piece; None when no answer came, so that nobody knows."""
    async with act.run.send_lock:
        # Only now: whoever queued for the lock may have been overtaken by a wish to stop, or by
        # somebody else's test failover.
        _require_going_on(act, call)
        if not await call.may_send():
            raise StepFailed(
                f"{act.name} of {act.subject} is not permitted now, and no job of it was found",
                code=NOT_PERMITTED,
                hint="Look at the item's allowed operations and running jobs in the portal.",
            )
        sent_at = await act.intend(call.request)
        try:
            _require_going_on(act, call)
        except Aborted as err:
            await act.not_sent(err.message)
            raise
        try:
            accepted = await call.send()
        except GatewayError as err:
            await act.unanswered(err)
            if is_refusal(err):
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


def _require_going_on(act: Act, call: _Call) -> None:
    if act.run.stopping.is_set() and not call.although_stopping:
        why = act.run.stop_reason or "stopping"
        raise Aborted(f"{act.name} of {act.subject} was not started: {why}")
