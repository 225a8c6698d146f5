"""What a run of replicate is to leave behind: decided once, whichever of its steps asks first."""

from __future__ import annotations

from muster.errors import StepFailed
from muster.replication.decision import Decision
from muster.steps.context import Run


async def decided_by(run: Run) -> Decision:
    """As decided right before the run was opened, or by an earlier step; else now.

    Raises:
        StepFailed: STEP-040: nothing of this run can decide.
        GatewayError: Source, target or vault cannot be read.
    """
    if run.decided is None:
        if run.decide is None:
            raise StepFailed(
                "This run cannot work out what it wants to be there",
                code="STEP-040",
                hint="Start it with `muster replicate`, which reads Azure first.",
            )
        run.decided = await run.decide(run.gateway, run.plan, run.subscription)
    return run.decided
