"""How the items stand of VMs that no later step of a run will look at, for its record."""

from __future__ import annotations

from muster.compile.graph import Step
from muster.replication.decision import Decision
from muster.replication.sparing import refused_vms
from muster.steps.context import Run
from muster.steps.replicating.items import tell_item


async def tell_standing(step: Step, run: Run, decision: Decision, *, is_end: bool) -> None:
    """Journal them: all where the run ends here, else those of VMs that are refused or left."""
    stopped = decision.vms.keys() if is_end else refused_vms(decision.changes)
    names = {*stopped, *(one.name for one in decision.left_of(run.plan))}
    for name, item in decision.items_of_vms.items():
        if name in names:
            await tell_item(run, step, name, item)
