"""The survey: source, target and vault read, and everything that is wanted named and pinned."""

from __future__ import annotations

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.journal.events import EventKind, Observed
from muster.replication.change import Change
from muster.replication.decision import Decision, change_data
from muster.replication.sparing import refused_vms
from muster.steps.context import Done, Run, Spent
from muster.steps.replicating.items import tell_item
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
            await _tell_caller(step, run)
            decision = await _decided(run)
            await _tell_standing(step, run, decision)
            _require_possible(decision)
            changes = [change_data(one) for one in decision.changes]
            await pin(run, step, decision.wanted, changes, decision.left, decision.outbound)
    wanted = wanted_of(run)
    return Done({"vms": len(wanted.vms), "resources": len(wanted.resources)}, spent)


async def _decided(run: Run) -> Decision:
    """As decided right before the run was opened, else now."""
    if run.decided is not None:
        return run.decided
    if run.decide is None:
        raise StepFailed(
            "This run cannot work out what it wants to be there",
            code="STEP-040",
            hint="Start it with `muster replicate`, which reads Azure first.",
        )
    return await run.decide(run.gateway, run.plan, run.subscription)


async def _tell_caller(step: Step, run: Run) -> None:
    caller = await run.gateway.caller()
    data = {
        "what": Observed.CALLER.value,
        "object_id": caller.object_id,
        "app_id": caller.app_id,
        "tenant": caller.tenant,
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


async def _tell_standing(step: Step, run: Run, decision: Decision) -> None:
    """Journal how the items stand of VMs that no later step will look at."""
    stopped = decision.vms.keys() if decision.refusals() else refused_vms(decision.changes)
    names = {*stopped, *(one.name for one in decision.left_of(run.plan))}
    for name, item in decision.items_of_vms.items():
        if name in names:
            await tell_item(run, step, name, item)


def _require_possible(decision: Decision) -> None:
    refused = decision.refusals()
    if not refused:
        return
    said = "; ".join(f"{one.kind.value} {one.name}: {one.why}{_differing(one)}" for one in refused)
    remedies = dict.fromkeys(one.remedy for one in refused if one.remedy)
    raise StepFailed(
        f"Replication cannot be set up as the plan says: {said}",
        code="STEP-050",
        hint=" ".join(remedies) or "Mend the plan, or what is named, in the portal.",
    )


def _differing(change: Change) -> str:
    fields = [
        f"{one.name}: {one.before or 'nothing'}, not {one.after or 'nothing'}"
        for one in change.fields
    ]
    return f" ({'; '.join(fields)})" if fields else ""
