"""Test failovers whose answer got lost, ours or somebody else's, in the fake world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from muster.gateway.ids import key_of
from muster.gateway.kinds import Unreachable
from muster.gateway.values import Accepted
from tests.unit.steps.drilling import Drill

NOBODY = Unreachable("no answer", maybe_accepted=True)


def lose_answers(
    drill: Drill,
    *,
    network: Callable[[str], str] = lambda sent_into: sent_into,
    times: int = 1,
    is_taken: bool = True,
) -> list[Accepted]:
    """From now on test failovers are taken, but nobody hears of it, and no job names a network.

    Args:
        drill: Whose gateway to bend.
        network: The one the copy comes up in, out of the one that was sent.
        times: How many are taken; later ones are lost on their way.
        is_taken: Whether any is.

    Returns:
        What Azure took, growing.
    """
    taken: list[Accepted] = []
    start = drill.gateway.start_test_failover

    async def lost(item_id: str, network_id: str, point_id: str | None) -> Accepted:
        if is_taken and len(taken) < times:
            taken.append(await start(item_id, network(network_id), point_id))
            hide_network(drill, taken[-1].job_id)
        raise NOBODY

    drill.gateway.start_test_failover = lost  # type: ignore[method-assign]
    return taken


def hide_network(drill: Drill, job_id: str) -> None:
    """The job says nothing of a network, as in the only recordings there are."""
    running = drill.gateway.all_jobs[key_of(job_id)]
    running.job = replace(running.job, network_id=None)
