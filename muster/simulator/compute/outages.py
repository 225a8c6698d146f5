"""When a VM had no power, and when it was taken away: what whoever copies it goes without.

Kept only of VMs that somebody replicates; nobody else asks.
"""

from __future__ import annotations

from typing import Any

from muster.simulator.world import DEPARTED, World

Span = tuple[float, float | None]
"""From when, until when (None: still), in Azure seconds."""
_TABLE = "outages"
"""Table of the world: `spans` by lower-cased VM id, oldest first."""


def began(world: World, vm_id: str) -> None:
    """A VM loses its power now."""
    key = vm_id.lower()
    if not world.is_replicated(key):
        return
    spans: list[list[float | None]] = world.table(_TABLE).setdefault(key, {"spans": []})["spans"]
    if not spans or spans[-1][1] is not None:
        spans.append([world.now, None])
        world.changed = True


def ended(world: World, vm_id: str) -> None:
    """A VM has power now, as before."""
    spans: list[list[float | None]] = _kept(world, vm_id.lower())
    if spans and spans[-1][1] is None:
        spans[-1][1] = world.now
        world.changed = True


def of(world: World, vm_id: str) -> list[Span]:
    """The outages of a VM, oldest first; one that was taken away has none that ends."""
    key = vm_id.lower()
    spans: list[Span] = [(span[0], span[1]) for span in _kept(world, key)]
    if key not in world.machines:
        gone = departed(world, key)
        spans.append((world.now if gone is None else gone, None))
    return spans


def departed(world: World, vm_id: str) -> float | None:
    """When a VM of this id was last taken away, whatever stands there now."""
    kept = world.table(DEPARTED).get(vm_id.lower())
    return None if kept is None else float(kept["at"])


def _kept(world: World, key: str) -> list[Any]:
    return list((world.table(_TABLE).get(key) or {"spans": []})["spans"])
