"""Cleanup of a run that did not clean up after itself: from the journal alone, by whoever asks."""

from __future__ import annotations

from collections.abc import Callable

from muster.compile.cleanup import compile_cleanup
from muster.errors import JournalError, RunClosed, RunNotFound
from muster.gateway.open import open_gateway
from muster.journal.chain import read_run
from muster.journal.events import EventKind
from muster.journal.journal import Journal, run_exists
from muster.journal.state import RunState
from muster.journal.stores import DirectoryStore
from muster.plan.loader import plan_from_canonical
from muster.runs.drill import Watch, Wrap, _to_stderr
from muster.runs.result import RunResult
from muster.runs.session import run_from_journal, walk_and_close
from muster.runs.stopping import stopping_on_signals
from muster.settings import Settings
from muster.steps.context import forget, make_current


async def run_cleanup(
    run_id: str,
    settings: Settings,
    *,
    why: str,
    wrap: Wrap | None = None,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
) -> RunResult:
    """Take a run over, clean up what it owns, prove it, close it.

    Converges: only that run's own resources are touched, whatever was done already is read, not
        repeated.

    Raises:
        RunNotFound: No such run in this journal.
        RunClosed: It is closed, so its evidence stays as it is.
        JournalError: Its journal is broken, or belongs to another target than these settings name.
    """
    store = DirectoryStore(settings.journal)
    if not run_exists(store, run_id):
        raise RunNotFound(f"There is no run {run_id} in {settings.journal}")
    state = RunState.of(read_run(store, run_id))
    if state.is_closed:
        raise RunClosed(f"Run {run_id} is closed")
    if state.target != settings.target:
        raise JournalError(
            f"Run {run_id} was made against {state.target}, these settings name {settings.target}",
            code="RUN-012",
            hint="Use the settings, or the `simulator.env`, that the run was started with.",
        )
    journal = await Journal.take_over(store, settings.clock, run_id, why=why)
    plan = plan_from_canonical(state.canonical)
    async with open_gateway(settings) as gateway:
        run = run_from_journal(
            run_id, plan, compile_cleanup(plan), {}, {}, settings, gateway, journal
        )
        if watch is not None:
            journal.subscribe(watch)
        make_current(run)
        try:
            with stopping_on_signals(run, say or _to_stderr):
                await journal.append(
                    EventKind.NOTED, {"what": "request", "text": f"cleanup: {why}"}
                )
                return await walk_and_close(run, wrap)
        finally:
            forget(run)
