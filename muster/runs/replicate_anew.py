"""A replication, or its end, that is begun: which VMs, is decided before its journal is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace

from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.plan.actions import Operation
from muster.replication.decision import Decision
from muster.runs.drill import let_watch
from muster.runs.opening import opened_data
from muster.runs.own_parts import warnings_of
from muster.runs.releasing import read_release
from muster.runs.releasing_shown import only_shown
from muster.runs.replicate_call import Call, claims_again, graph_for, walked
from muster.runs.replicate_words import nothing_to_do, words_for
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.runs.rivals import give_way
from muster.runs.session import read_scripts, run_from_journal
from muster.runs.stopping import stopping_on_signals
from muster.steps.replicating.deciding import decide_for


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a run is opened with: the request with its VMs, and names of those it has steps for."""

    request: RunRequest
    names: list[str]
    decision: Decision | None = None


async def begin(call: Call) -> RunResult:
    """Decide, open a journal, and walk the run to its end.

    Raises:
        NothingToReplicate, PlanError, InputError: No journal was opened.
        GatewayError: Azure could not be read; no journal was opened.
        StillOpen: Another run of the plan was begun in the same instant.
        JournalError: The evidence cannot be kept.
    """
    plan, settings = call.loaded.plan, call.settings
    chosen = await (
        _to_release(call) if call.request.operation is Operation.DISABLE else _to_replicate(call)
    )
    request = chosen.request
    graph = graph_for(plan, request.operation, chosen.names)
    scripts = read_scripts(call.folder, call.loaded.scripts)
    words = words_for(plan.plan, request.operation, settings)
    with stopping_on_signals(request.run_id, call.say, call.means.leave, words) as stopper:
        journal = await Journal.open_run(
            call.store,
            settings.clock,
            run=request.run_id,
            plan=plan.plan,
            operation=request.operation.value,
            opened=opened_data(request, call.loaded, graph, settings),
        )
        await give_way(call.store, settings.clock, journal, settings)
        run = run_from_journal(
            plan, graph, scripts, request.parameters(), settings, call.gateway, journal,
            call.signer,
        )  # fmt: skip
        run.decide, run.decided = call.decide, chosen.decision
        run.read_claims = claims_again(call, plan, run.vault)
        stopper.attach(run)
        let_watch(journal, call.watch)
        for text in warnings_of(chosen.decision) if chosen.decision else ():
            await journal.append(EventKind.NOTED, {"what": "warning", "text": text})
        return await walked(run, call, f"{plan.plan}: {request.operation.value}")


async def _to_release(call: Call) -> _Chosen:
    """The VMs whose replication ends, as the vault holds them."""
    plan, request = call.loaded.plan, call.request
    release = await read_release(call.gateway, plan, call.settings, call.store, call.folder)
    release = only_shown(release, request.shown)
    call.say_list(release)
    request = replace(request, vms=release.vms, items=release.pinned())
    return _Chosen(request, list(release.vms))


async def _to_replicate(call: Call) -> _Chosen:
    """The VMs that are to be replicated, as is decided now."""
    plan = call.loaded.plan
    subscription = call.settings.subscription_or_error(plan.source.subscription)
    decision = await decide_for(call.loaded, call.decide, call.gateway, subscription)
    if not decision.vms:
        raise nothing_to_do(plan, decision)
    names = [*decision.vms, *(one.name for one in decision.left_of(plan))]
    request = replace(call.request, vms=decision.vms, also_means=decision.also_meant)
    return _Chosen(request, names, decision)
