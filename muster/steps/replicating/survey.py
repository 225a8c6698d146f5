"""The survey: source, target and vault read, and everything that is wanted named and pinned."""

from __future__ import annotations

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.replication.decision import Decision, change_data
from muster.replication.refusing import refusal_said
from muster.steps.context import Done, Run, Spent
from muster.steps.replicating.decided_by import decided_by
from muster.steps.replicating.standing_told import tell_standing
from muster.steps.replicating.wanted_of import is_pinned, pin, wanted_of
from muster.steps.spending import counted, told_on_failure


async def survey(step: Step, run: Run) -> Done:
    """Pin what this run leaves behind; a run that was left in the middle keeps what it pinned.

    Raises:
        StepFailed: STEP-050: something stands in the way of all VMs; each with its remedy.
        GatewayError: Source, target or vault cannot be read.
    """
    spent = Spent()
    with told_on_failure(spent), counted(spent, "cloud", run.clock):
        if not is_pinned(run):
            decision = await decided_by(run)
            await tell_standing(step, run, decision, is_end=bool(decision.refusals()))
            _require_possible(decision)
            changes = [change_data(one) for one in decision.changes]
            await pin(run, step, decision.wanted, changes, decision.left, decision.outbound)
    wanted = wanted_of(run)
    return Done({"vms": len(wanted.vms), "resources": len(wanted.resources)}, spent)


def _require_possible(decision: Decision) -> None:
    refused = decision.refusals()
    if not refused:
        return
    said = "; ".join(f"{one.kind.value} {one.name}: {refusal_said(one)}" for one in refused)
    remedies = dict.fromkeys(one.remedy for one in refused if one.remedy)
    raise StepFailed(
        f"Replication cannot be set up as the plan says: {said}",
        code="STEP-050",
        hint=" ".join(remedies) or "Mend the plan, or what is named, in the portal.",
    )
