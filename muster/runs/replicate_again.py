"""A replication, or its end, that an earlier process left open: gone on with by its own plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from muster.errors import EXIT_FAILED, EXIT_OK
from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.state import RunState
from muster.plan.actions import Operation
from muster.plan.loader import plan_from_canonical
from muster.runs.ahead import OF_A_VM
from muster.runs.drill import let_watch
from muster.runs.releasing_again import pins_of, read_again
from muster.runs.releasing_shown import only_shown
from muster.runs.replicate_call import Call, claims_again, graph_for, walked
from muster.runs.replicate_words import words_for
from muster.runs.result import RunResult
from muster.runs.same_place import require_same_place, require_same_tenant
from muster.runs.session import run_from_journal
from muster.runs.stopping import same_command, stopping_on_signals
from muster.steps.pinned_places import vault_of_run
from muster.steps.replicating.disable import ITEMS


async def go_on(state: RunState, call: Call) -> RunResult:
    """Take over the run that an earlier process left open: by the plan that it pinned.

    Raises:
        AnotherPlace: It was begun at another place than the settings name.
        InputError: It was begun by another version of Muster.
        GatewayError: Azure could not be read.
        JournalError: The evidence cannot be kept.
    """
    settings = call.settings
    require_same_place(state, settings)
    await require_same_tenant(state, settings, call.gateway)
    plan, operation = plan_from_canonical(state.canonical), Operation(state.operation)
    vms = [str(one["subject"]) for one in state.opened["graph"] if one["kind"] in OF_A_VM]
    graph = graph_for(plan, operation, vms)
    call.say(f"Going on with {state.run}, which was left open.")
    parameters = await _parameters_again(state, call)
    words = words_for(plan.plan, operation, settings)
    vault = vault_of_run(state, plan, settings)
    unseen: list[str] = []
    claimed: Mapping[str, str] = {}
    if operation is Operation.REPLICATE:  # before the take-over: what it fails of owns no run
        claimed = await claims_again(call, plan, vault, unseen.append)()
    with stopping_on_signals(state.run, call.say, call.means.leave, words) as stopper:
        why = "the plan is replicated again: its run was left open"
        journal = await Journal.take_over(call.store, settings.clock, state.run, why=why)
        run = run_from_journal(
            plan, graph, {}, parameters, settings, call.gateway, journal, call.signer
        )
        run.decide = call.decide
        run.claimed, run.read_claims = claimed, claims_again(call, plan, vault)
        stopper.attach(run)
        let_watch(journal, call.watch)
        for text in unseen:
            call.say(f"{text[0].upper()}{text[1:]}.")
            await journal.append(EventKind.NOTED, {"what": "warning", "text": text})
        if state.plan_digest != call.loaded.digest:
            text = "the plan changed since; this run ends by the plan that it began with"
            call.say(f"{text[0].upper()}{text[1:]}.")
            await journal.append(EventKind.NOTED, {"what": "warning", "text": text})
        result = await walked(run, call, f"{plan.plan}: {state.operation}, gone on with")
    return _unless_changed(result, state, call)


async def _parameters_again(state: RunState, call: Call) -> Mapping[str, Any]:
    """What the run began with; of the end of a replication its list, said and judged anew."""
    if state.operation != Operation.DISABLE.value:
        return state.parameters
    release = await read_again(call.gateway, state, call.settings, call.store, call.folder)
    release = only_shown(release, call.request.shown)
    call.say_list(release)
    return {**state.parameters, ITEMS: pins_of(state, release)}


def _unless_changed(result: RunResult, state: RunState, call: Call) -> RunResult:
    """A plan that changed since is not heeded yet: not even by a run that came to a good end."""
    operation = Operation(state.operation)
    is_heeded = state.plan_digest == call.loaded.digest or operation is Operation.DISABLE
    if is_heeded or result.exit_code != EXIT_OK:
        return result
    plan, is_rehearsed = call.loaded.plan.plan, call.settings.is_staged
    command = same_command(plan, operation, is_rehearsed=is_rehearsed)
    call.say(f"What the plan says now is not heeded yet, so this ends with 1: run `{command}`.")
    return replace(result, exit_code=EXIT_FAILED)
