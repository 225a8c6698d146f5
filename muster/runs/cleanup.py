"""Cleanup of a run that did not clean up after itself: from the journal alone, by whoever asks."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass

from muster.compile.cleanup import compile_cleanup
from muster.compile.graph import Graph
from muster.compile.replicate import compile_closing
from muster.errors import LeftOvers, RunClosed, RunNotFound
from muster.gateway.port import Gateway
from muster.journal.chain import read_run
from muster.journal.events import EventKind
from muster.journal.journal import Journal, run_exists, seal_run
from muster.journal.marks import SURROUNDINGS
from muster.journal.scrub import register_secrets_of
from muster.journal.segments import run_prefix
from muster.journal.signing import MANIFEST, Signer, load_signer
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import plan_from_canonical
from muster.plan.model import RecoveryPlan
from muster.runs.drill import Watch, Wrap, to_stderr
from muster.runs.means import USUAL, Means
from muster.runs.result import RunResult
from muster.runs.same_place import AnotherPlace, require_same_place, require_same_tenant
from muster.runs.session import conclusion_of, finish, run_from_journal, walk_and_close
from muster.runs.stopping import stopping_on_signals
from muster.settings import Settings
from muster.steps.context import forget, make_current

UNSENT = "unsent"  # `what` of the note that a run ends without asking Azure


async def run_cleanup(
    run_id: str,
    settings: Settings,
    *,
    why: str,
    wrap: Wrap | None = None,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
    means: Means = USUAL,
) -> RunResult:
    """Take a run over, clean up what it owns, prove it, close it.

    A closed run that nobody came to sign is signed, and its reports are written.

    Converges: only that run's own resources are touched, whatever was done already is read, not
        repeated.

    Raises:
        RunNotFound: No such run in this journal.
        RunClosed: It is closed, so its evidence stays as it is.
        LeftOvers: The same, and it left things behind: named, to be removed by hand.
        AnotherPlace: It worked elsewhere than these settings lead.
        JournalError: Its journal is broken.
        GatewayError: Nobody can say for which tenant the caller is; nothing was taken over.
    """
    register_secrets_of(os.environ)
    store = means.store(settings)
    if not run_exists(store, run_id):
        raise RunNotFound(f"There is no run {run_id} in {settings.journal}")
    state = RunState.of(read_run(store, run_id))
    if state.is_closed:
        if not store.exists(f"{run_prefix(run_id)}{MANIFEST}"):
            return await _sealed(store, run_id, settings)
        raise _over(run_id, state)
    asked = _Asked(why, wrap, watch, say or to_stderr, means)
    signer = load_signer(settings.signing_key)
    try:
        require_same_place(state, settings)
    except AnotherPlace:
        if not state.sent_nothing:
            raise
        return await _closed_unsent(store, state, settings, asked, signer)
    async with means.gateway(settings) as gateway:
        await require_same_tenant(state, settings, gateway)
        return await _cleaned(store, state, settings, asked, signer, gateway)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the caller wants besides the run."""

    why: str
    wrap: Wrap | None
    watch: Watch | None
    say: Callable[[str], None]
    means: Means


async def _cleaned(
    store: Store,
    state: RunState,
    settings: Settings,
    asked: _Asked,
    signer: Signer,
    gateway: Gateway,
) -> RunResult:
    plan = plan_from_canonical(state.canonical)
    with stopping_on_signals(state.run, asked.say, asked.means.leave) as stopper:
        journal = await _taken_over(store, state.run, settings, asked)
        run = run_from_journal(
            plan, _graph_of(plan, state), {}, {}, settings, gateway, journal, signer
        )
        stopper.attach(run)
        make_current(run)
        try:
            await _note_surroundings(journal, state, settings)
            await journal.append(EventKind.NOTED, _request(asked.why))
            return await walk_and_close(run, asked.wrap)
        finally:
            forget(run)


def _graph_of(plan: RecoveryPlan, state: RunState) -> Graph:
    """What ends a run: a drill is cleaned up; what replicate made is there to stay."""
    if state.operation in (Operation.REPLICATE, Operation.DISABLE):
        return compile_closing(plan, Operation(state.operation))
    return compile_cleanup(plan)


async def _closed_unsent(
    store: Store,
    state: RunState,
    settings: Settings,
    asked: _Asked,
    signer: Signer,
) -> RunResult:
    """Close a run that meant to send nothing yet: there is nothing to clean, wherever one stands.

    Azure is not asked, so that a run which died of its settings does not stand in the way of the
    next one with better settings.
    """
    journal = await _taken_over(store, state.run, settings, asked)
    if not journal.state.sent_nothing:  # its owner was alive, and sent between reading and this
        require_same_place(journal.state, settings)
    await journal.append(EventKind.NOTED, _request(asked.why))
    await journal.append(
        EventKind.NOTED,
        {
            "what": UNSENT,
            "text": "nothing was sent to Azure in this run: there is nothing to clean",
        },
    )
    await journal.close(asdict(conclusion_of(journal.events)), signer)
    return await finish(store, state.run, settings)


async def _taken_over(store: Store, run_id: str, settings: Settings, asked: _Asked) -> Journal:
    journal = await Journal.take_over(store, settings.clock, run_id, why=asked.why)
    if asked.watch is not None:
        journal.subscribe(asked.watch)
    return journal


def _request(why: str) -> dict[str, str]:
    return {"what": "request", "text": f"cleanup: {why}"}


async def _sealed(store: Store, run_id: str, settings: Settings) -> RunResult:
    """What a process that died between the last event and the manifest left undone.

    The chain was read and holds; nothing is asked of Azure, and no event is added.
    """
    await seal_run(store, run_id, load_signer(settings.signing_key))
    return await finish(store, run_id, settings)


async def _note_surroundings(journal: Journal, state: RunState, settings: Settings) -> None:
    """Who vouches from here on for what answers: what the run was opened with no longer says."""
    now = {"private_ca": settings.private_ca, "proxy": settings.proxy}
    if settings.target == "azure" and any(state.opened.get(key) != now[key] for key in now):
        said = ", ".join(f"{key.replace('_', ' ')} {now[key] or 'none'}" for key in now)
        text = f"another way to Azure than the run was opened with: {said}"
        await journal.append(EventKind.NOTED, {"what": SURROUNDINGS, "text": text, **now})


def _over(run_id: str, state: RunState) -> RunClosed | LeftOvers:
    """Why a closed run is not cleaned up again; one that left things behind still names them."""
    if left := [str(one) for one in state.closed.get("leftovers", [])]:
        return LeftOvers(
            f"Run {run_id} is closed and stays as it is; it left behind: {', '.join(left)}",
            hint="Remove these by hand: a copy by `Cleanup test failover` of its item in the "
            "vault, all else by the ids named.",
        )
    return RunClosed(f"Run {run_id} is closed")
