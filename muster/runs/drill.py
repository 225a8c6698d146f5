"""A drill from its plan to its evidence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from muster.compile.drill import compile_drill
from muster.compile.outcome import Perform
from muster.errors import InputError, JournalError, RunClosed
from muster.gateway.open import open_gateway
from muster.journal.events import Event, EventKind
from muster.journal.journal import Journal
from muster.journal.scrub import register_secrets_of
from muster.journal.stores import DirectoryStore
from muster.plan.loader import LoadedPlan, load_plan
from muster.plan.schedule import Schedule
from muster.runs.opening import opened_data
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.runs.rivals import give_way, refuse_second_run
from muster.runs.session import make_run, walk_and_close
from muster.runs.stopping import stopping_on_signals
from muster.settings import Settings
from muster.steps.context import Run, forget, make_current

Wrap = Callable[[Run], Perform]
Watch = Callable[[Event], None]


async def run_drill(
    request: RunRequest,
    settings: Settings,
    *,
    wrap: Wrap | None = None,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
) -> RunResult:
    """Drill a plan: journal opened, graph walked, finalisers run, record closed, reports written.

    Args:
        request: Who wants what.
        settings: Where Azure and the journal are.
        wrap: Makes the `perform` of the walk; by default the plain steps. A flow hands in its
            tasks.
        watch: Called with every event once it is durable.
        say: Takes a sentence for the person at the terminal; standard error by default.

    Raises:
        PlanError, InputError, SettingsError: Nothing was sent and no journal opened.
        RunClosed, JournalError: A run of this id exists already.
    """
    say = say or _to_stderr
    register_secrets_of(os.environ)
    loaded = load_plan(request.plan_path)
    graph = compile_drill(loaded.plan)
    settings.subscription_or_error(loaded.plan.source.subscription)
    store = DirectoryStore(settings.journal)
    refuse_second_run(store, loaded.plan.plan, request.run_id)
    journal = await Journal.open_run(
        store,
        settings.clock,
        run=request.run_id,
        plan=loaded.plan.plan,
        operation=request.operation.value,
        opened=opened_data(request, loaded, graph, settings),
    )
    await give_way(store, settings.clock, journal, settings)
    async with open_gateway(settings) as gateway:
        run = make_run(
            request.run_id, loaded, graph, request.parameters(), settings, gateway, journal
        )
        if watch is not None:
            for event in journal.events:
                watch(event)
            journal.subscribe(watch)
        make_current(run)
        try:
            with stopping_on_signals(run, say):
                await journal.append(EventKind.STARTED, {"title": f"{loaded.plan.plan}: drill"})
                return await walk_and_close(run, wrap)
        finally:
            forget(run)


def refuse_excluded_day(loaded: LoadedPlan, settings: Settings) -> None:
    """A scheduled drill does not start on a day that its plan excludes.

    Raises:
        InputError: Today is excluded; says which span of days.
    """
    schedule: Schedule | None = loaded.plan.drill.schedule
    span = schedule.excludes(settings.clock.wall_now()) if schedule else None
    if span:
        raise InputError(
            f"{loaded.plan.plan} is not drilled from {span[0]} to {span[1]} (not_on)",
            code="RUN-010",
            hint="Start it by hand if it has to be today.",
        )


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


__all__ = ["InputError", "JournalError", "RunClosed", "refuse_excluded_day", "run_drill"]
