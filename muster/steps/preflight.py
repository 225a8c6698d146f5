"""Preflight: all that an operation rests on is read and judged before the first act."""

from __future__ import annotations

from collections.abc import Sequence

from muster.compile.graph import Step
from muster.journal.events import EventKind, Observed
from muster.plan.actions import Operation
from muster.steps.context import Done, Run, Spent
from muster.steps.items import observe_item
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.judging import Judgement, judge_all, require_all
from muster.steps.preflight_checks.overriding import override_of, require_overridable
from muster.steps.preflight_checks.source import recovery_network_ids, source_network_ids
from muster.steps.preflight_reads.gather import gather
from muster.steps.preflight_reads.scene import scene_of
from muster.steps.recorded import PRODUCTION_NETWORKS, was_done
from muster.steps.replicating.decided_by import decided_by
from muster.steps.replicating.standing_told import tell_standing
from muster.steps.spending import counted, told_on_failure


async def preflight(step: Step, run: Run) -> Done:
    """Judge whether this operation can be done, before anything is sent.

    Raises:
        PreflightFailed: Names every check that stops the operation and did not pass.
        InputError: INPUT-030: it was to be overridden, and cannot be, or nobody said why.
        GatewayError: There is no way into Azure at all.
    """
    if was_done(run, step.id):
        return Done({"checked": "before"})
    override = override_of(run.parameters)
    require_overridable(run.graph.operation, override)
    spent = Spent()
    with told_on_failure(spent):
        with counted(spent, "cloud", run.clock):
            began = run.clock.now()
            await _observe_caller(run, step)
            facts = await _read(step, run)
        judged = judge_all(facts)
        for one in judged:
            data = one.as_data(began, run.clock.now())
            await run.journal.append(EventKind.CHECKED, data, step=step.id)
        await _tell_what_ends_here(step, run, judged)
        overridden = require_all(judged, facts.operation, override)
        if override is not None and overridden:
            data = override.as_data(overridden)
            await run.journal.append(EventKind.NOTED, data, step=step.id)
        warned = [one.check.id for one in judged if one.verdict.is_open]
        return Done({"checks": len(judged), "warnings": warned}, spent)


async def _read(step: Step, run: Run) -> Facts:
    """What the operation rests on; of a drill and a failover also how its items stand."""
    if run.graph.operation is Operation.REPLICATE:
        await decided_by(run)
        return await gather(scene_of(run))
    facts = await gather(scene_of(run))
    for vm, item in facts.items.items():
        await observe_item(run, vm, item, step.id)
    await _observe_networks(run, step, facts)
    return facts


async def _tell_what_ends_here(step: Step, run: Run, judged: Sequence[Judgement]) -> None:
    """A replication that ends here never comes to its survey, which tells how items stand."""
    if run.decided is not None and any(one.stops for one in judged):
        await tell_standing(step, run, run.decided, is_end=True)


async def _observe_caller(run: Run, step: Step) -> None:
    caller = await run.gateway.caller()
    data = {
        "what": Observed.CALLER.value,
        "object_id": caller.object_id,
        "app_id": caller.app_id,
        "tenant": caller.tenant,
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


async def _observe_networks(run: Run, step: Step, facts: Facts) -> None:
    """Take down where production really stands, for the proof of isolation to keep away from."""
    if "source_networks" in facts.unread:
        return
    data = {
        "what": PRODUCTION_NETWORKS,
        "source": source_network_ids(facts),
        "target": recovery_network_ids(facts),
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
