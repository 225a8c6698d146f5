"""A plan's replication, or its end, from the plan to the record; left in the middle, gone on with.

The world is read and everything decided before a journal is opened, so that nothing is begun for
a plan that cannot be replicated. Which VMs, is pinned then.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from muster.compile.graph import Graph
from muster.compile.replicate import compile_disable, compile_replicate
from muster.errors import EXIT_FAILED, EXIT_OK, InputError
from muster.gateway.port import Gateway
from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.scrub import register_secrets_of
from muster.journal.signing import Signer, load_signer
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan, load_plan, plan_from_canonical
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decide, Decision
from muster.runs.ahead import OF_A_VM
from muster.runs.drill import Watch, Wrap, _let_watch, _to_stderr
from muster.runs.enabled_by_others import claimed_items
from muster.runs.means import USUAL, Means
from muster.runs.opening import opened_data
from muster.runs.own_parts import heeding_journals
from muster.runs.releasing import Release, read_release
from muster.runs.releasing_again import pins_of, read_again
from muster.runs.releasing_shown import only_shown
from muster.runs.replicate_words import nothing_to_do, words_for
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.runs.rivals import give_way, refuse_second_run
from muster.runs.same_place import require_same_place, require_same_tenant
from muster.runs.session import read_scripts, run_from_journal, walk_and_close
from muster.runs.stopping import same_command, stopping_on_signals
from muster.runs.unfinished import Unfinished, unfinished_run
from muster.settings import Settings
from muster.steps.context import Run, forget, make_current
from muster.steps.replicating.deciding import decide_for
from muster.steps.replicating.disable import CONFIRMED, ITEMS, confirmation_for


class NotConfirmed(InputError):
    """What cannot be taken back was not confirmed by typing it. Nothing was sent."""

    code = "RUN-014"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the caller wants besides the run, and what all of it works through."""

    decide: Decide
    wrap: Wrap | None
    watch: Watch | None
    say: Callable[[str], None]
    means: Means
    signer: Signer


async def run_replicate(
    request: RunRequest,
    settings: Settings,
    *,
    decide: Decide,
    wrap: Wrap | None = None,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
    means: Means = USUAL,
) -> RunResult:
    """Replicate a plan's VMs, or end that; a run of the same kind that was left open goes on.

    Args:
        request: Who wants what: `operation` is REPLICATE or DISABLE, the latter with `confirmed`.
        settings: Where Azure and the journal are.
        decide: Reads Azure, and decides what is to be there.
        wrap: See `run_drill`.
        watch: Called with every event once it is durable.
        say: Takes a sentence for the person at the terminal; standard error by default.
        means: What the run works through, where not what the settings name.

    Raises:
        PlanError, InputError, SettingsError: Nothing was sent and no journal opened.
        GatewayError: Azure could not be read; no journal was opened.
        JournalError: The evidence cannot be kept.
    """
    register_secrets_of(os.environ)
    loaded = load_plan(request.plan_path)
    require_confirmed(request.operation, request.confirmed, loaded.plan)
    settings.subscription_or_error(loaded.plan.source.subscription)
    signer = load_signer(settings.signing_key)
    store = means.store(settings)
    decide = heeding_journals(decide, store, settings)
    asked = _Asked(decide, wrap, watch, say or _to_stderr, means, signer)
    earlier = unfinished_run(store, loaded.plan.plan, request.operation)
    if earlier is None:
        refuse_second_run(store, loaded.plan.plan, request.run_id)
    async with means.gateway(settings) as gateway:
        if earlier is not None:
            return await _gone_on(earlier, request, store, loaded, settings, asked, gateway)
        return await _begun(request, store, loaded, settings, asked, gateway)


def require_confirmed(operation: Operation, confirmed: str, plan: RecoveryPlan) -> None:
    """Let the end of a replication pass only with its sentence typed.

    Raises:
        NotConfirmed: It was not, or not exactly.
    """
    sentence = confirmation_for(plan.plan)
    if operation is Operation.DISABLE and confirmed != sentence:
        raise NotConfirmed(
            f"Disabling removes the protection of every VM of {plan.plan}, and their recovery "
            "points with it; it was not confirmed",
            hint=f'Confirm it with exactly "{sentence}".',
        )


def graph_for(plan: RecoveryPlan, operation: Operation, vms: list[str]) -> Graph:
    """The graph of a run for the VMs that were selected."""
    compiling = compile_disable if operation is Operation.DISABLE else compile_replicate
    return compiling(plan, vms)


async def _begun(
    request: RunRequest,
    store: Store,
    loaded: LoadedPlan,
    settings: Settings,
    asked: _Asked,
    gateway: Gateway,
) -> RunResult:
    plan = loaded.plan
    chosen = await _chosen(request, store, loaded, settings, asked, gateway)
    request = chosen.request
    graph = graph_for(plan, request.operation, chosen.names)
    scripts = read_scripts(loaded.path.parent, loaded.scripts)
    with stopping_on_signals(
        request.run_id,
        asked.say,
        asked.means.leave,
        words_for(plan.plan, request.operation, settings),
    ) as stopper:
        journal = await Journal.open_run(
            store,
            settings.clock,
            run=request.run_id,
            plan=plan.plan,
            operation=request.operation.value,
            opened=opened_data(request, loaded, graph, settings),
        )
        await give_way(store, settings.clock, journal, settings)
        run = run_from_journal(
            plan, graph, scripts, request.parameters(), settings, gateway, journal, asked.signer
        )
        run.decide, run.decided = asked.decide, chosen.decision
        run.read_claims = partial(claimed_items, gateway, store, plan.plan, settings, run.vault)
        stopper.attach(run)
        _let_watch(journal, asked.watch)
        return await _walked(run, asked, f"{plan.plan}: {request.operation.value}")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a run is opened with: the request with its VMs, and names of those it has steps for."""

    request: RunRequest
    names: list[str]
    decision: Decision | None = None


async def _chosen(
    request: RunRequest,
    store: Store,
    loaded: LoadedPlan,
    settings: Settings,
    asked: _Asked,
    gateway: Gateway,
) -> _Chosen:
    """Which VMs: to be replicated, as is decided now; to be released, as the vault holds them."""
    plan = loaded.plan
    if request.operation is Operation.DISABLE:
        release = await read_release(gateway, plan, settings, store, loaded.path.parent)
        release = only_shown(release, request.shown)
        _say_list(release, asked)
        request = replace(request, vms=release.vms, items=release.pinned())
        return _Chosen(request, list(release.vms))
    subscription = settings.subscription_or_error(plan.source.subscription)
    decision = await decide_for(loaded, asked.decide, gateway, subscription)
    if not decision.vms:
        raise nothing_to_do(plan, decision)
    names = [*decision.vms, *(one.name for one in decision.left_of(plan))]
    return _Chosen(replace(request, vms=decision.vms), names, decision)


async def _gone_on(
    earlier: Unfinished,
    request: RunRequest,
    store: Store,
    loaded: LoadedPlan,
    settings: Settings,
    asked: _Asked,
    gateway: Gateway,
) -> RunResult:
    """Take over the run that an earlier process left open: by the plan that it pinned."""
    state = earlier.state
    require_same_place(state, settings)
    await require_same_tenant(state, settings, gateway)
    plan = plan_from_canonical(state.canonical)
    vms = [str(one["subject"]) for one in state.opened["graph"] if one["kind"] in OF_A_VM]
    graph = graph_for(plan, Operation(state.operation), vms)
    asked.say(f"Going on with {state.run}, which was left open.")
    parameters = await _parameters_again(state, request, store, loaded, settings, asked, gateway)
    with stopping_on_signals(
        state.run,
        asked.say,
        asked.means.leave,
        words_for(plan.plan, Operation(state.operation), settings),
    ) as stopper:
        why = "the plan is replicated again: its run was left open"
        journal = await Journal.take_over(store, settings.clock, state.run, why=why)
        run = run_from_journal(
            plan, graph, {}, parameters, settings, gateway, journal, asked.signer
        )
        run.decide = asked.decide
        run.read_claims = partial(claimed_items, gateway, store, plan.plan, settings, run.vault)
        stopper.attach(run)
        if run.graph.operation is Operation.REPLICATE:
            run.claimed = await run.read_claims()
        _let_watch(journal, asked.watch)
        if state.plan_digest != loaded.digest:
            text = "the plan changed since; this run ends by the plan that it began with"
            asked.say(f"{text[0].upper()}{text[1:]}.")
            await journal.append(EventKind.NOTED, {"what": "warning", "text": text})
        result = await _walked(run, asked, f"{plan.plan}: {state.operation}, gone on with")
    return _unless_changed(result, loaded, state, settings, asked)


def _unless_changed(
    result: RunResult, loaded: LoadedPlan, state: RunState, settings: Settings, asked: _Asked
) -> RunResult:
    """A plan that changed since is not heeded yet: not even by a run that came to a good end."""
    operation = Operation(state.operation)
    is_heeded = state.plan_digest == loaded.digest or operation is Operation.DISABLE
    if is_heeded or result.exit_code != EXIT_OK:
        return result
    command = same_command(loaded.plan.plan, operation, is_rehearsed=settings.is_staged)
    asked.say(f"What the plan says now is not heeded yet, so this ends with 1: run `{command}`.")
    return replace(result, exit_code=EXIT_FAILED)


async def _parameters_again(
    state: RunState,
    request: RunRequest,
    store: Store,
    loaded: LoadedPlan,
    settings: Settings,
    asked: _Asked,
    gateway: Gateway,
) -> Mapping[str, Any]:
    """What the run began with; of the end of a replication its list, said and judged anew."""
    if state.operation != Operation.DISABLE.value:
        return state.parameters
    release = await read_again(gateway, state, settings, store, loaded.path.parent)
    release = only_shown(release, request.shown)
    _say_list(release, asked)
    return {**state.parameters, ITEMS: pins_of(state, release)}


def _say_list(release: Release, asked: _Asked) -> None:
    for sentence in (release.said(), *release.unread):
        asked.say(sentence)


async def _walked(run: Run, asked: _Asked, title: str) -> RunResult:
    make_current(run)
    try:
        await run.journal.append(EventKind.STARTED, {"title": title})
        return await walk_and_close(run, asked.wrap)
    finally:
        forget(run)


__all__ = ["CONFIRMED", "run_replicate"]
