"""The order of groups, and what a step waits for, so that no failure is stepped over."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from graphlib import TopologicalSorter

from muster.compile.graph import Step
from muster.plan.model import RecoveryPlan, VmGroup


def groups_in_order(plan: RecoveryPlan) -> tuple[VmGroup, ...]:
    """Groups so that each comes after those it needs; else as written.

    Raises:
        graphlib.CycleError: Not for a plan that was loaded.
        KeyError: A group needs one that is not there; not for a plan that was loaded.
    """
    place = {group.name: number for number, group in enumerate(plan.groups)}
    sorter = TopologicalSorter({group.name: plan.needs_of(group) for group in plan.groups})
    sorter.prepare()
    ready = [place[name] for name in sorter.get_ready()]
    heapq.heapify(ready)
    ordered: list[VmGroup] = []
    while ready:
        group = plan.groups[heapq.heappop(ready)]
        ordered.append(group)
        sorter.done(group.name)
        for name in sorter.get_ready():
            heapq.heappush(ready, place[name])
    return tuple(ordered)


@dataclass(frozen=True, slots=True)
class Gate:
    """What the next step waits for.

    `needs` is never empty behind preflight, and everything in it rests on `isolate`: a step whose
    predecessors are all optional must not start when the network could not be isolated.
    """

    needs: tuple[str, ...]
    after: tuple[str, ...] = ()

    def then(self, step: Step) -> Gate:
        """The gate behind a step of a sequence: an optional one is waited for, not relied upon."""
        if step.critical:
            return Gate((step.id,))
        return Gate(self.needs, (step.id,))


def merged(gates: list[Gate]) -> Gate:
    """Wait for several branches at once."""
    needs = tuple(dict.fromkeys(one for gate in gates for one in gate.needs))
    after = dict.fromkeys(one for gate in gates for one in gate.after)
    return Gate(needs, tuple(one for one in after if one not in needs))


def behind(steps: list[Step], otherwise: Gate) -> Gate:
    """Wait for steps that run side by side; the critical ones must succeed.

    Args:
        steps: What is waited for; each rests on `otherwise`.
        otherwise: The gate in front of them: its needs stay in force where no step is critical.
    """
    needs = tuple(step.id for step in steps if step.critical)
    return Gate(needs or otherwise.needs, tuple(step.id for step in steps if not step.critical))
