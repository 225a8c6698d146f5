"""What a lock and an assigned policy hold against: told once, for copies and for set-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muster.gateway.parse import mapping, text_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.policy_rules import Made, effect_of, holds, keeps
from muster.steps.preflight_checks.policy_sets import assigned_by, parameters_of
from muster.steps.preflight_checks.telling import by_name
from muster.steps.preflight_checks.told import part, text

READ_ONLY = "readonly"
DENY_ACTION = "denyaction"
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


def held_by(facts: Facts, assignment: Json, made: Sequence[Made]) -> tuple[str, str]:
    """What an assignment does to what is made: that it denies it, and what nobody can tell of it.

    Args:
        facts: With the definitions that are assigned.
        assignment: Its `properties`.
        made: What would be made, or removed again.
    """
    denied: dict[str, None] = {}
    unsure: dict[str, None] = {}
    unread: list[str] = []
    for one in assigned_by(assignment, facts.definitions):
        if one.definition is None:
            unread.append(one.name or "its rules")
            continue
        sure, perhaps = _judged({"parameters": one.parameters}, one.definition, made)
        denied |= dict.fromkeys(sure)
        unsure |= dict.fromkeys(perhaps)
    if denied:
        return f"it denies {', '.join(denied)}", ""
    if unread:
        return "", f"{', '.join(unread)} cannot be read from here"
    return "", f"whether it denies {', '.join(unsure)} is not known beforehand" if unsure else ""


def is_enforced(assignment: Json) -> bool:
    """Whether an assignment is more than told."""
    return text_of(assignment.get("enforcementMode")).casefold() != "donotenforce"


def _judged(
    assignment: Json, definition: Json, made: Sequence[Made]
) -> tuple[list[str], list[str]]:
    """What an assigned definition denies to make or to remove, and what nobody can tell of."""
    parameters = parameters_of(assignment, definition)
    rule = mapping(definition.get("policyRule"))
    effect = effect_of(rule, parameters)
    is_about_removal = effect == DENY_ACTION and keeps(rule)
    if effect not in {"deny", None} and not is_about_removal:
        return [], []
    found = {True: [], None: [], False: []}  # type: dict[bool | None, list[str]]
    for one in made:
        if one.is_removed or not is_about_removal:
            said = f"removal of {_called(one)}" if is_about_removal else _called(one)
            found[holds(rule.get("if"), one, parameters)].append(said)
    sure = found[True] if effect is not None else []
    return sure, [*found[None], *(found[True] if effect is None else [])]


def _called(made: Made) -> str:
    kind = made.type.rpartition("/")[2]
    return f"{kind} {made.name}" if made.name else kind
