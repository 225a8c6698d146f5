"""When a protected item is not replicated: its source is off or gone, or a failover was stopped.

No new recovery points come then, and the RPO grows. That a VM without power gives none is plain;
how Site Recovery tells of it, and after how long, is inferred.
"""

from __future__ import annotations

from muster.simulator.compute import outages
from muster.simulator.compute.outages import Span
from muster.simulator.json_types import Json
from muster.simulator.world import World

CRITICAL, NORMAL = "Critical", "Normal"


def note(item: Json, since: float, until: float | None) -> None:
    """Keep that an item was not replicated from one instant to another (None: any more)."""
    item.setdefault("pauses", []).append([since, until])


def for_good(item: Json) -> bool:
    """Whether a failover that was cancelled ended the replication [DOC, several pages]."""
    return any(until is None for _, until in item.get("pauses", ()))


def of(world: World, item: Json) -> list[Span]:
    """All pauses since the item is protected, in no order; None: still."""
    began = float(item["protected_since"] or 0.0)
    spans: list[Span] = [(span[0], span[1]) for span in item.get("pauses", ())]
    spans += outages.of(world, item["vm"])
    gone = outages.departed(world, item["vm"])
    if gone is not None and gone > began:  # another VM of that name is not the protected one
        spans.append((gone, None))
    return [(max(since, began), until) for since, until in spans if until is None or until > began]


def since(world: World, item: Json) -> float | None:
    """Since when the item is not replicated; None if it is."""
    return min((begun for begun, until in of(world, item) if until is None), default=None)


def source_silent_since(world: World, item: Json) -> float | None:
    """Since when the source VM has no power, or is not there; None if it runs."""
    return min(
        (begun for begun, until in outages.of(world, item["vm"]) if until is None), default=None
    )


def critical_since(world: World, item: Json) -> float | None:
    """Since when the pause is too long; None while it is not, or the item has failed over."""
    stopped = since(world, item)
    if stopped is None or item["protection_state"] != "Protected" or item["failover"]["stopped"]:
        return None
    at = stopped + world.settings.critical_after
    return at if at <= world.now else None


def health(world: World, item: Json) -> str:
    """`replicationHealth`: as the world file says, or Critical after a long pause."""
    if critical_since(world, item) is not None:
        return CRITICAL
    return str(item["replication_health"])
