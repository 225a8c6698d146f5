"""Sends that carry a name of ours, so that a look by name settles what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from muster.compile.graph import Step
from muster.errors import GatewayError
from muster.journal.events import EventKind, instant_text
from muster.steps.context import Run
from muster.steps.deadline import Deadline
from muster.steps.once import Act, to_its_end
from muster.steps.refusal import is_refusal
from muster.steps.unreached import when_reached


def name_for(run: Run, step: Step, part: str) -> str:
    """The name of an Automation job or run-command: every process makes the same one."""
    return str(uuid5(NAMESPACE_URL, f"muster:{run.id}:{step.id}:{part}"))


async def named(
    run: Run,
    step: Step,
    act: str,
    subject: str,
    *,
    request: Mapping[str, Any],
    is_there: Callable[[], Awaitable[bool]],
    send: Callable[[], Awaitable[object]],
    although_accepted: bool = False,
) -> bool:
    """Send a call whose name is ours, at most once unless its answer got lost.

    Args:
        run: The run whose journal decides.
        step: The step that sends.
        act: What is done: `run-command`, `runbook`, `make-network`.
        subject: The name or id that is ours.
        request: What is sent, as the journal keeps it.
        is_there: Whether Azure, read now, shows it.
        send: The call.
        although_accepted: Whether it is sent again where Azure had taken it: somebody removed
            since what it made.

    Returns:
        Whether it had been sent before.

    Raises:
        GatewayError: Azure refused it, or did not answer and shows nothing of it.
    """
    this = Act(run, step, act, subject, (subject,) if although_accepted else ())
    history = this.history()
    if history.accepted is not None:
        return True
    if history.open_since is not None and await is_there():
        await _accept(this, adopted=True)
        return True
    within = Deadline.of(step, run.clock).left()
    await when_reached(run, within, lambda: to_its_end(_send(this, request, is_there, send)))
    return False


async def _send(
    act: Act,
    request: Mapping[str, Any],
    is_there: Callable[[], Awaitable[bool]],
    send: Callable[[], Awaitable[object]],
) -> None:
    await act.intend(request)
    try:
        await send()
    except GatewayError as err:
        if is_refusal(err) or not await is_there():
            await act.unanswered(err)
            raise
    await _accept(act, adopted=False)


async def _accept(act: Act, *, adopted: bool) -> None:
    now = instant_text(act.run.clock.now())
    await act.journal(
        EventKind.ACCEPTED,
        job_id=act.subject,
        correlation_id=None,
        request_id=None,
        sent_at=now,
        answered_at=now,
        **({"adopted": True, "how": "found by the name we gave it"} if adopted else {}),
    )
