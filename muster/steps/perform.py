"""The only way into a step: journals its start and end, and turns whatever it raises into an outcome."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from muster.compile.graph import Step, StepKind
from muster.compile.outcome import Outcome
from muster.errors import JournalError, MusterError
from muster.journal.events import EventKind
from muster.steps.catalog import STEP_FOR
from muster.steps.context import Done, Run, Spent, StepEnded

logger = logging.getLogger(__name__)


class Unforeseen(MusterError):
    """A step raised something that is no error of ours: a mistake in Muster."""

    code = "RUN-001"
    hint = "Please report this with the log of the worker; the drill's copies are cleaned up all the same."


async def perform(
    step: Step,
    before: Mapping[str, Outcome],  # noqa: ARG001 - part of `Perform`; a step reads the journal instead
    run: Run,
) -> Outcome:
    """Do one step. Never raises for what the step runs into; a step that was done before converges.

    Returns:
        How it ended. When the journal itself refuses (the run was taken over, or its disk is full), nothing
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
    done = Done()
    error: MusterError | None = None
    try:
        done = await STEP_FOR[step.kind](step, run)
    except JournalError:
        raise
    except StepEnded as err:
        error, done.spent = err.cause, err.spent
    except MusterError as err:
        error = err
    except Exception as err:
        logger.exception("%s raised something unforeseen", step.id)
        error = Unforeseen(f"{step.id} stopped by {type(err).__name__}: {err}")
    if isinstance(error, JournalError):
        raise error
    facts = dict(done.facts)
    if not run.journal.is_closed:
        status = "failed" if error else "ok"
        data = _finished(status, error, "", done.spent, facts)
        await run.journal.append(EventKind.FINISHED, data, step=step.id)
    if error is not None:
        return Outcome(step.id, "failed", error.as_data())
    return Outcome(step.id, "ok", facts=facts)


def _finished(
    status: str, error: MusterError | None, why: str, spent: Spent, facts: Mapping[str, Any]
) -> dict[str, Any]:
    told = {**error.as_data(), "exit_code": error.exit_code} if error else None
    return {
        "status": status,
        "error": told,
        "why": why,
        "spent": spent.as_data(),
        "facts": dict(facts),
    }
