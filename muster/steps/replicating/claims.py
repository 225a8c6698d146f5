"""Whose an item is that this run was to enable and did not: asked of the journals once more, right
before anything is sent to it.

Two plans that mean one VM on equal terms may find it unprotected at the same time. Azure takes one
enabling, and the item looks to both as if it were their own.
"""

from __future__ import annotations

from muster.gateway.ids import key_of
from muster.gateway.values import ProtectedItem
from muster.replication.part_ids import item_id
from muster.replication.wanted import VmWanted, Wanted
from muster.steps.context import Run
from muster.steps.history import history_of
from muster.steps.replicating.standing_apart import require_as_enabled, was_to_enable

ENABLE = "enable"
"""The act of `muster.steps.replicating.protect`, as it is journalled."""


async def require_unclaimed(run: Run, wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> None:
    """Let an item pass to which this run may send: its own, or one that no other plan claims.

    An item that the survey saw was judged by it; one that a job of this run made is this run's.

    Raises:
        StepFailed: STEP-051: as `require_as_enabled`, or another plan's run enabled it since.
        JournalError: The plan's own register does not read.
        GatewayError: The vault cannot be read.
    """
    is_asked = was_to_enable(run, vm) and not _is_made_here(run, wanted, vm)
    if is_asked and run.read_claims is not None:
        run.claimed = {**run.claimed, **await run.read_claims()}
    require_as_enabled(run, wanted, vm, item)


def _is_made_here(run: Run, wanted: Wanted, vm: VmWanted) -> bool:
    """Whether a job that Azure gave this run for an enabling of its own came to its end."""
    accepted = history_of(run, ENABLE, item_id(wanted, vm)).accepted
    job = run.state.job(ENABLE, vm.name)
    if accepted is None or accepted.get("adopted") or job is None:
        return False
    is_the_same = key_of(job.job_id or "") == key_of(str(accepted["job_id"]))
    return is_the_same and (job.state or "").casefold() == "succeeded"
