"""The only way into a step: journals start and end, makes an outcome of what it raises."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from muster.compile.graph import Step, StepKind
from muster.compile.outcome import Outcome, Status
from muster.errors import JournalError, MusterError
from muster.journal.events import EventKind
from muster.steps.catalog import STEP_FOR
from muster.steps.context import Done, NotBegun, Run, Spent, StepEnded

logger = logging.getLogger(__name__)


class Unforeseen(MusterError):
    """A step raised something that is no error of ours: a mistake in Muster."""

    code = "RUN-001"
    hint = (
        "Please report this with the log of the worker; the drill's copies are "
        "cleaned up all the same."
    )


async def perform(
    step: Step,
    before: Mapping[str, Outcome],  # noqa: ARG001 - part of `Perform`; a step reads the journal instead
    run: Run,
) -> Outcome:
    """Do one step. Never raises for what the step runs into; one done before converges.

    Returns:
        How it ended. When the journal itself refuses (the run was taken over, or its disk is
        full), nothing
        was sent after that, the run is stopped, and the outcome is failed.
    """
    try:
        return await _journalled(step, run)
    except JournalError as err:
        logger.error("%s: the journal refused: %s", step.id, err)
        run.stop(f"the journal refused: {err.message}")
        return Outcome(step.id, "failed", err.as_data())


async def journal_skipped(run: Run, step: Step, outcome: Outcome) -> None:
    """Journal that a step was not done, and the root cause."""
    data = _finished("skipped", None, outcome.why or "", Spent(), {})
    await run.journal.append(EventKind.FINISHED, data, step=step.id)


async def _journalled(step: Step, run: Run) -> Outcome:
    if run.journal.is_closed and step.kind is StepKind.CLOSE:
        return Outcome(step.id, "ok", facts={"closed": True})
    await run.journal.append(EventKind.STARTED, {"title": step.title}, step=step.id)
    done, error = await _tried(step, run)
    facts = dict(done.facts)
    if isinstance(error, NotBegun):
        data = _finished("skipped", None, error.message, Spent(), {})
        await run.journal.append(EventKind.FINISHED, data, step=step.id)
        return Outcome(step.id, "skipped", why=error.message)
    told = {**error.as_data(), "exit_code": error.exit_code} if error else None
    status: Status = "failed" if error else "ok"
    if not run.journal.is_closed:
        data = _finished(status, told, "", done.spent, facts)
        await run.journal.append(EventKind.FINISHED, data, step=step.id)
    return Outcome(step.id, status, told, facts={} if error else facts)


async def _tried(step: Step, run: Run) -> tuple[Done, MusterError | None]:
    """What a step came to, and the error that it ended with.

    Raises:
        JournalError: The journal refused; nothing more can be said in it.
    """
    spent = Spent()
    try:
        return await STEP_FOR[step.kind](step, run), None
    except StepEnded as err:
        error, spent = err.cause, err.spent
    except MusterError as err:
        error = err
    except Exception as err:
        logger.exception("%s raised something unforeseen", step.id)
        error = Unforeseen(f"{step.id} stopped by {type(err).__name__}: {err}")
    if isinstance(error, JournalError):
        raise error
    return Done(spent=spent), error


def _finished(
    status: Status,
    error: Mapping[str, Any] | None,
    why: str,
    spent: Spent,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "status": status,
        "error": error,
        "why": why,
        "spent": spent.as_data(),
        "facts": dict(facts),
    }
