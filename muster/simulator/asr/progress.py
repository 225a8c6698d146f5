"""How far the first copy of an item's disks is, as Azure tells it: do not rely on it (FACTS 4)."""

from __future__ import annotations

from muster.simulator.asr import item_states
from muster.simulator.durations import spread
from muster.simulator.json_types import Json
from muster.simulator.world import World

SILENT, STANDS = 0.15, 0.45  # of the time: no figure before, the same figure after; guessed
LOWEST, HIGHEST = 30, 96  # where it comes to stand, by seed; 43 was recorded [CLI]
STATIC = 43  # of items that a world file leaves in their first copy for ever


def percent(world: World, item: Json) -> int | None:
    """`monitoringPercentageCompletion`: none, then rising, then standing still, then 0."""
    state, span = item["protection_state"], item["replicating"]
    if state == item_states.PROTECTED:
        return 0
    if state not in (item_states.REPLICATING, item_states.COMPLETING):
        return None
    if span is None:
        return STATIC
    stands = LOWEST + int((HIGHEST - LOWEST) * spread(world.seed, "stands", item["name"]))
    part = (world.now - span["since"]) / (span["until"] - span["since"])
    if part < SILENT:
        return None
    return min(stands, int(stands * (part - SILENT) / (STANDS - SILENT)))
