"""What every operation has in common: a Run, a walk, a close, the evidence."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import resource
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from muster.compile.graph import Graph, Step, StepKind
from muster.compile.outcome import Outcome, Outcomes, Perform
from muster.errors import InputError, JournalError
from muster.gateway.port import Gateway
from muster.journal.chain import read_run
from muster.journal.events import Event, EventKind
from muster.journal.journal import Journal
from muster.journal.signing import Signer
from muster.journal.stores import Store
from muster.plan.loader import LoadedPlan
from muster.plan.model import RecoveryPlan
from muster.report.outcome import outcome_of
from muster.runs.evidence import write_evidence
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.settings import Settings
from muster.steps.context import Conclusion, Run
from muster.steps.perform import journal_skipped, perform
from muster.walk import walk

logger = logging.getLogger(__name__)


def make_run(
    request: RunRequest,
    loaded: LoadedPlan,
    graph: Graph,
    scripts: Mapping[str, bytes],
    settings: Settings,
    gateway: Gateway,
    journal: Journal,
    signer: Signer,
) -> Run:
    """A Run for a plan that was just loaded; its scripts are pinned by the plan's digest."""
    return run_from_journal(
        loaded.plan, graph, scripts, request.parameters(), settings, gateway, journal, signer
    )


def run_from_journal(
    plan: RecoveryPlan,
    graph: Graph,
    scripts: Mapping[str, bytes],
    parameters: Mapping[str, Any],
    settings: Settings,
    gateway: Gateway,
    journal: Journal,
    signer: Signer,
) -> Run:
    """A Run whose state follows its journal, event by event."""
    return Run(
        id=journal.run,
        plan=plan,
        graph=graph,
        scripts=scripts,
        parameters=parameters,
        settings=settings,
        clock=settings.clock,
        gateway=gateway,
        journal=journal,
        state=journal.state,
        conclude=conclusion_of,
        signer=signer,
    )


def read_scripts(folder: Path, digests: Mapping[str, str]) -> dict[str, bytes]:
    """The script files of a plan, byte for byte what its digest covers.

    Raises:
        InputError: A script changed, or went, between reading the plan and this instant.
    """
    return {name: _as_read(folder / name, digest) for name, digest in digests.items()}


def _as_read(file: Path, digest: str) -> bytes:
    try:
        content = file.read_bytes()
    except OSError:
        content = None
    if content is None or hashlib.sha256(content).hexdigest() != digest:
        raise InputError(
            f"{file} changed while the plan was being read",
            code="PLAN-056",
            hint="Start the run again once nobody writes to the plan's folder.",
        )
    return content


def conclusion_of(events: Sequence[Event]) -> Conclusion:
    """How these events end a run: worked out by the report's rules, so that record and exit code
    agree.
    """
    ended = outcome_of(events)
    return Conclusion(ended.outcome, ended.causes, ended.exit_code, ended.leftovers)


async def walk_and_close(run: Run, wrap: Callable[[Run], Perform] | None) -> RunResult:
    """Walk the run's graph, then write what an auditor gets.

    The last finaliser closes the journal; whatever was skipped is named in it before.
    """
    inner = wrap(run) if wrap else _plain(run)
    told: set[str] = set()

    async def performing(step: Step, before: Outcomes) -> Outcome:
        # A finaliser sees every outcome: what was skipped is named before anything else is closed.
        for outcome in before.values():
            if outcome.status == "skipped" and outcome.step not in told:
                told.add(outcome.step)
                await journal_skipped(run, run.graph.step(outcome.step), outcome)
        if step.kind is StepKind.CLOSE:  # nothing can be noted after it
            await note_usage(run)
        outcome = await inner(step, before)
        if outcome.status == "skipped":  # it found so itself, and has said so
            told.add(step.id)
        return outcome

    # At once, not with the next step: whoever asked to stop may kill us before there is one.
    noting = asyncio.create_task(_note_stop(run), name="note of a wish to stop")
    try:
        await walk(run.graph, performing, run.stopping)
    finally:
        noting.cancel()
    return await finish(run.journal.store, run.id, run.settings)


async def _note_stop(run: Run) -> None:
    await run.stopping.wait()
    try:
        note = {"what": "stopping", "text": run.stop_reason}
        await run.journal.append(EventKind.NOTED, note)
    except JournalError as err:  # it may be why we stop; or the run has closed meanwhile
        logger.warning("The wish to stop run %s was not noted: %s", run.id, err)


async def note_usage(run: Run) -> None:
    """What the run cost so far: calls to Azure Resource Manager, and CPU seconds of this process
    (wall).
    """
    calls = run.gateway.usage()
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Azure's own budget has no word for a POST that only asks, checkNameAvailability for one.
    also = " (any POST counts as one, also where it only asks)" if calls.writes else ""
    await run.journal.append(
        EventKind.NOTED,
        {
            "what": "usage",
            "text": f"{calls.reads} reads, {calls.writes} writes{also}, {calls.deletes} deletes",
            "reads": calls.reads,
            "writes": calls.writes,
            "deletes": calls.deletes,
            "throttled": calls.throttled,
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        },
    )
    if calls.parted:
        note = {"what": "clocks parted", "text": calls.parted}
        await run.journal.append(EventKind.NOTED, note)


def _plain(run: Run) -> Perform:
    async def plain(step: Step, before: Outcomes) -> Outcome:
        return await perform(step, before, run)

    return plain


async def finish(store: Store, run_id: str, settings: Settings) -> RunResult:
    """Reports and manifest of a run that was just closed (or could not be: then the record says
    so).
    """
    # Read back: the evidence is what is stored, not what this process remembers.
    events = await asyncio.to_thread(read_run, store, run_id)
    paths = await write_evidence(settings, run_id, events, store)
    closed = next((event for event in reversed(events) if event.kind == EventKind.CLOSED), None)
    ended = conclusion_of(events)
    data: Mapping[str, Any] = closed.data if closed else {}
    return RunResult(
        run=run_id,
        outcome=str(data.get("outcome", ended.outcome)),
        exit_code=int(data.get("exit_code", ended.exit_code)),
        causes=list(data.get("causes", ended.causes)),
        folder=paths.folder,
        record=paths.value,
        events=events,
    )
