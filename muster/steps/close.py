"""Close: the outcome worked out from the events, written as the last one, and the head signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.compile.graph import Step
from muster.journal.events import EventKind
from muster.steps.context import Done, Run


async def close(step: Step, run: Run) -> Done:
    """Close the run's record; the step's own end goes in before, as nothing can come after.

    A record that is closed already stays as it is.
    """
    if run.journal.is_closed:
        return Done({"outcome": str(run.journal.state.outcome)})
    facts: Mapping[str, Any] = {"outcome": run.conclude(run.journal.events).outcome}
    finished = {"status": "ok", "error": None, "why": "", "spent": {}, "facts": facts}
    await run.journal.append(EventKind.FINISHED, finished, step=step.id)
    ended = run.conclude(run.journal.events)
    data = {
        "outcome": ended.outcome,
        "causes": [dict(cause) for cause in ended.causes],
        "leftovers": list(ended.leftovers),
        "exit_code": ended.exit_code,
    }
    await run.journal.close(data, run.signer)
    return Done(facts)
