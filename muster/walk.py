"""Walks a graph: each step once, behind what it waits for; then, come what may, the finalisers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from graphlib import TopologicalSorter

from muster.compile.graph import Graph, Step
from muster.compile.outcome import Outcome, Outcomes, Perform
from muster.errors import EXIT_FAILED, MusterError

logger = logging.getLogger(__name__)

STOPPING = "stopping"
"""Why a step was skipped that would have begun after somebody asked to stop."""


async def walk(graph: Graph, perform: Perform, stopping: asyncio.Event) -> dict[str, Outcome]:
    """Start each step when all it waits for have ended; then, whatever happened, the finalisers.

    A step is skipped unless all of its `needs` are ok. `stopping` keeps steps that have not begun
    from beginning; it stops no finaliser. Nothing is ever cancelled. What `perform` raises becomes
    a failed outcome, except what is no Exception (cancellation, KeyboardInterrupt): that goes out.

    Returns:
        An outcome for every step and finaliser, in the graph's order.

    Raises:
        ValueError: The graph cannot be walked to its end: a cycle, a doubled or unknown id, or a
            step that waits for a finaliser.
    """
    _refuse_endless(graph)
    outcomes: dict[str, Outcome] = {}

    async def perform_step(step: Step) -> Outcome:
        if why := _why_skipped(step, outcomes, graph, stopping):
            return Outcome(step.id, "skipped", why=why)
        before = {name: outcomes[name] for name in (*step.needs, *step.after)}
        return await _performed(step, before, perform)

    async def perform_finaliser(step: Step) -> Outcome:
        return await _performed(step, dict(outcomes), perform)

    await _follow_all(graph.steps, perform_step, outcomes)
    await _follow_all(graph.finalisers, perform_finaliser, outcomes)
    return {step.id: outcomes[step.id] for step in graph}


async def _follow_all(
    steps: Sequence[Step],
    end_of: Callable[[Step], Awaitable[Outcome]],
    outcomes: dict[str, Outcome],
) -> None:
    """Bring every step to its end, each behind those it waits for."""
    ends = {step.id: asyncio.Event() for step in steps}

    async def follow(step: Step) -> None:
        for before in (*step.needs, *step.after):
            if before in ends:  # else a step that a finaliser names: it has ended
                await ends[before].wait()
        outcomes[step.id] = await end_of(step)
        ends[step.id].set()

    await asyncio.gather(*map(follow, steps))


async def _performed(step: Step, before: Outcomes, perform: Perform) -> Outcome:
    try:
        return await perform(step, before)
    except MusterError as err:
        error = {**err.as_data(), "exit_code": err.exit_code}
        return Outcome(step.id, "failed", error=error, why=err.message)
    except Exception as err:
        # Its text may carry anything: it goes to the log, the record gets its name.
        logger.exception("Step %s raised", step.id)
        message = f"{step.id} ended with an unexpected {type(err).__name__}"
        error = {
            "code": "RUN-001",
            "message": message,
            "hint": "Please report this with the log of the run: Muster did not expect it.",
            "exit_code": EXIT_FAILED,
        }
        return Outcome(step.id, "failed", error=error, why=message)


def _why_skipped(
    step: Step, outcomes: Outcomes, graph: Graph, stopping: asyncio.Event
) -> str | None:
    """Why a step may not begin: what it needs first of all, then a wish to stop."""
    for need in step.needs:
        if not outcomes[need].is_ok:
            return _first_cause(need, outcomes, graph)
    return STOPPING if stopping.is_set() else None


def _first_cause(name: str, outcomes: Outcomes, graph: Graph) -> str:
    """What it was that began a row of skipped steps."""
    while outcomes[name].status == "skipped":
        why_not = [need for need in graph.step(name).needs if not outcomes[need].is_ok]
        if not why_not:  # skipped by a wish to stop, or by itself
            why = outcomes[name].why or ""
            return STOPPING if why == STOPPING else f"{name} was skipped: {why}"
        name = why_not[0]
    return f"{name} failed"


def _refuse_endless(graph: Graph) -> None:
    """Refuse what would wait for ever; raises ValueError (a cycle is one of them)."""
    steps, every = {step.id for step in graph.steps}, {step.id for step in graph}
    if len(every) != len(graph.steps) + len(graph.finalisers):
        raise ValueError(f"The graph of {graph.plan} names a step twice")
    for step in graph:
        known = steps if step.id in steps else every
        if strange := [name for name in (*step.needs, *step.after) if name not in known]:
            raise ValueError(f"{step.id} waits for {', '.join(strange)}, which cannot come before")
    order = TopologicalSorter({step.id: (*step.needs, *step.after) for step in graph})
    order.prepare()
