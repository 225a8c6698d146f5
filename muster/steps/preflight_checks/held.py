"""What a lock holds against: told once, for copies and for set-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muster.gateway.parse import text_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.facts import NotRead
from muster.steps.preflight_checks.telling import by_name
from muster.steps.preflight_checks.told import part, text

READ_ONLY = "readonly"
LOCK = "/providers/microsoft.authorization/locks/"


def locks_by_name(locks: Sequence[Json]) -> Mapping[str, Json]:
    """Locks by name; a lock without an id is one of its own."""
    return by_name(
        (text_of(lock.get("id") or f"{lock.get('name')}, number {number} of those told"), lock)
        for number, lock in enumerate(locks, start=1)
    )


def level_and_scope(lock: Json) -> tuple[str, str]:
    """What a lock forbids, and where; raises NotRead."""
    arm_id = text(lock, "id")
    at = arm_id.casefold().rfind(LOCK)
    level = text(part(lock, "properties"), "level")
    if at < 0 or level.casefold() not in {READ_ONLY, "cannotdelete"}:
        raise NotRead(f"where it holds, or what its level {level} means, is not known")
    return level, arm_id[:at]
