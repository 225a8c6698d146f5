"""The rooms that answer for protected items, in the order of an item's life."""

from __future__ import annotations

from typing import Any

from muster.simulator.asr import (
    commits,
    disabling,
    disk_changes,
    enabling,
    failover_tests,
    failovers,
    item_cancels,
    item_reads,
    item_repairs,
    item_updates,
    point_changes,
    reprotects,
)

ROOMS: tuple[Any, ...] = (
    enabling,
    item_reads,
    item_updates,
    disk_changes,
    item_repairs,
    failover_tests,
    failovers,
    point_changes,
    commits,
    reprotects,
    disabling,
    item_cancels,
)
