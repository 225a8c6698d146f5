"""A drill from its plan to its evidence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from muster.compile.drill import compile_drill
from muster.compile.graph import Graph
from muster.compile.outcome import Perform
from muster.gateway.port import Gateway
from muster.journal.events import Event, EventKind
from muster.journal.journal import Journal
from muster.journal.scrub import register_secrets_of
from muster.journal.signing import Signer, load_signer
from muster.journal.stores import Store
from muster.plan.loader import LoadedPlan, load_plan
from muster.runs.means import USUAL, Means
from muster.runs.opening import opened_data
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.runs.rivals import give_way, refuse_second_run
from muster.runs.session import make_run, read_scripts, walk_and_close
from muster.runs.stopping import stopping_on_signals
from muster.settings import Settings
from muster.steps.context import Run, forget, make_current

Wrap = Callable[[Run], Perform]
Watch = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that can refuse a drill before its journal is opened."""

    loaded: LoadedPlan
    graph: Graph
    scripts: Mapping[str, bytes]
    signer: Signer
    gateway: Gateway  # to be opened with `async with`
    store: Store


async def run_drill(
    request: RunRequest,
    settings: Settings,
    *,
    wrap: Wrap | None = None,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
    means: Means = USUAL,
) -> RunResult:
    """Drill a plan: journal opened, graph walked, finalisers run, record closed, reports written.

    Args:
        request: Who wants what.
        settings: Where Azure and the journal are.
        wrap: Makes the `perform` of the walk; by default the plain steps. A flow hands in its
            tasks.
        watch: Called with every event once it is durable.
        say: Takes a sentence for the person at the terminal; standard error by default.
        means: What the run works through, where not what the settings name.

    Raises:
        PlanError, InputError, SettingsError: Nothing was sent and no journal opened.
        RunClosed, JournalError: A run of this id exists already, or its evidence could not be
            signed.
    """
    ready = _prepared(request, settings, means)
    # From the first event on a signal has to end in a closed record, so it is caught before that.
    with stopping_on_signals(request.run_id, say or to_stderr, means.leave) as stopper:
        journal = await _opened(ready, request, settings)
        async with ready.gateway as gateway:
            run = make_run(
                request, ready.loaded, ready.graph, ready.scripts, settings, gateway, journal,
                ready.signer,
            )  # fmt: skip
            stopper.attach(run)
            let_watch(journal, watch)
            make_current(run)
            try:
                await journal.append(
                    EventKind.STARTED, {"title": f"{ready.loaded.plan.plan}: drill"}
                )
                return await walk_and_close(run, wrap)
            finally:
                forget(run)


def _prepared(request: RunRequest, settings: Settings, means: Means) -> Prepared:
    """Read, compile and load all that a drill needs besides Azure itself; nothing is written."""
    register_secrets_of(os.environ)
    loaded = load_plan(request.plan_path)
    graph = compile_drill(loaded.plan, keep_for=request.keep_for)
    settings.subscription_or_error(loaded.plan.source.subscription)
    store = means.store(settings)
    refuse_second_run(store, loaded.plan.plan, request.run_id)
    return Prepared(
        loaded=loaded,
        graph=graph,
        scripts=read_scripts(loaded.path.parent, loaded.scripts),
        signer=load_signer(settings.signing_key),
        gateway=means.gateway(settings),
        store=store,
    )


async def _opened(ready: Prepared, request: RunRequest, settings: Settings) -> Journal:
    """The journal of the run that may go on: of two started at once, one gives way."""
    journal = await Journal.open_run(
        ready.store,
        settings.clock,
        run=request.run_id,
        plan=ready.loaded.plan.plan,
        operation=request.operation.value,
        opened=opened_data(request, ready.loaded, ready.graph, settings),
    )
    await give_way(ready.store, settings.clock, journal, settings)
    return journal


def let_watch(journal: Journal, watch: Watch | None) -> None:
    """Tell what is in the journal already, and from here on every event."""
    if watch is None:
        return
    for event in journal.events:
        watch(event)
    journal.subscribe(watch)


def to_stderr(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()
