"""What may still turn up of a run: a lost send beside a pending test failover, a job under way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from muster.gateway.values import Job, ProtectedItem
from muster.steps.act import AHEAD, SKEW
from muster.steps.context import Run
from muster.steps.history import history_of
from muster.steps.jobs import TEST_FAILOVER, is_about


async def undecided(run: Run, items: Mapping[str, ProtectedItem]) -> list[str]:
    """Sentences about what keeps these items from being called clean; none: nothing does.

    Args:
        run: The run whose journal says what was sent.
        items: By VM, as read now: those that this run meant to send a test failover for.

    Raises:
        GatewayError: The vault's jobs cannot be read.
    """
    found = [why for vm, item in items.items() if (why := _unsettled(run, vm, item))]
    if not items:
        return found
    jobs = await run.gateway.jobs(run.vault, _since(run))
    return found + [why for vm, item in items.items() if (why := _under_way(vm, item, jobs))]


def _unsettled(run: Run, vm: str, item: ProtectedItem) -> str | None:
    history = history_of(run, TEST_FAILOVER, vm)
    if history.accepted is not None or history.open_since is None:
        return None
    if item.test_failover_state is None:
        return None
    return (
        f"a test failover of {vm} was meant whose answer got lost, and one is "
        f"{item.test_failover_state}: whether it is this run's cannot be told"
    )


def _under_way(vm: str, item: ProtectedItem, jobs: tuple[Job, ...]) -> str | None:
    running = [job for job in jobs if not job.ended and is_about(job, item)]
    if not running:
        return None
    named = ", ".join(f"{job.scenario or 'a job'} {job.name}" for job in running)
    return f"{vm} has a job under way ({named}), and what it leaves cannot be known yet"


def _since(run: Run) -> datetime:
    """Before this run's first event; where that is dated in the future, well before now."""
    first, now = run.journal.events[0].at, run.clock.now()
    return first - SKEW if first <= now + SKEW else now - AHEAD
