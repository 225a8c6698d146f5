"""Which arrows of a graph have to be drawn: what follows from others is left out."""

from __future__ import annotations

from typing import NamedTuple

from muster.compile.graph import Graph


class Arrows(NamedTuple):
    """Ids of the steps that one step directly waits for."""

    needs: tuple[str, ...]
    after: tuple[str, ...]


def essential_arrows(graph: Graph) -> dict[str, Arrows]:
    """For each step what it waits for, without what the others wait for already.

    Relies on steps being listed behind all that they wait for, as compiling does.
    """
    bit = {step.id: 1 << place for place, step in enumerate(graph)}
    before: dict[str, int] = {}  # sets of bits: everything a step waits for, near or far
    arrows: dict[str, Arrows] = {}
    for step in graph:
        direct = (*step.needs, *step.after)
        implied = 0
        for one in direct:
            implied |= before[one]
        arrows[step.id] = Arrows(
            tuple(one for one in step.needs if not implied & bit[one]),
            tuple(one for one in step.after if not implied & bit[one] and one not in step.needs),
        )
        for one in direct:
            implied |= bit[one]
        before[step.id] = implied
    return arrows


def layers(graph: Graph) -> list[list[str]]:
    """Step ids by how many steps come before them at least; finalisers behind all others."""
    depth: dict[str, int] = {}
    floor = 0
    for part in (graph.steps, graph.finalisers):
        for step in part:
            waits = [depth[one] + 1 for one in (*step.needs, *step.after)]
            depth[step.id] = max(waits, default=floor)
        floor = max(depth.values(), default=-1) + 1
    found: list[list[str]] = [[] for _ in range(floor)]
    for step_id, layer in depth.items():
        found[layer].append(step_id)
    return found
