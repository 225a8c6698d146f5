"""An item that is being removed already: its end is waited for, and nothing is sent to it."""

from __future__ import annotations

from muster.compile.graph import Step
from muster.errors import StepFailed, WaitEnded
from muster.gateway.ids import same_id
from muster.gateway.values import ProtectedItem
from muster.replication.primary_side import being_removed
from muster.steps.context import Run
from muster.steps.deadline import Deadline
from muster.steps.replicating.deeds import LOOK_EVERY
from muster.steps.replicating.leaving import pause

UNDER_WAY = "STEP-057"


async def gone_by_others(run: Run, step: Step, item: ProtectedItem, deadline: Deadline) -> None:
    """Wait until an item that somebody removes is gone; one list of the vault serves all steps.

    Raises:
        StepFailed: STEP-057: it stands, and is not being removed any more. Nothing was sent, for
            nobody was shown that it would be.
        WaitEnded: It was still being removed when the step's time was over.
        Aborted: The run is to stop; the removal goes on in Azure.
        GatewayError: The vault's items cannot be read.
    """
    what = f"The removal of {step.subject}, which somebody else began,"
    now: ProtectedItem | None = item
    while now is not None:
        if (why := being_removed(now)) is None:
            raise StepFailed(
                f"{step.subject} stays protected: its removal, which somebody else began, was "
                f"given up ({now.protection_state})",
                code=UNDER_WAY,
                hint="Look at the item and its jobs in the vault, then disable again.",
            )
        if not deadline.left():
            raise WaitEnded(f"{what} was waited for in vain; last seen: {why}")
        await pause(run, min(LOOK_EVERY, deadline.left()), what)
        lately = await run.gateway.items_lately(run.vault, LOOK_EVERY / 2)
        now = next((one for one in lately if same_id(one.id, item.id)), None)


def require_not_under_way(step: Step, item: ProtectedItem) -> None:
    """Nothing is sent to an item that is being removed; raises StepFailed (STEP-057)."""
    if why := being_removed(item):
        raise StepFailed(
            f"The removal of {step.subject} was not asked for: {why}",
            code=UNDER_WAY,
            hint="Let it come to its end in the vault, then disable again.",
        )
