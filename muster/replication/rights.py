"""What the caller has to be allowed to do for the changes that were decided, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from muster.gateway.ids import key_of, parse_id
from muster.replication.change import Act, Change, Kind
from muster.replication.found import Found
from muster.replication.judgement import Judgement
from muster.replication.linked_rights import TO_ENABLE
from muster.replication.wanted import VmWanted

_GROUP = "Microsoft.Resources/resourceGroups"
_MAKE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/write"
LACKING, UNKNOWN = "right", "right-unknown"
"""Rules by which it is told that rights are missing, or that nobody knows."""
_SENT = (Act.CREATE, Act.CHANGE)
_MOST_NAMED = 3
NOT_THERE = " (for a group that is yet to be made)"
GIVE = (
    "Give it Contributor where things are made (on the subscription, while their group is not "
    "there) and Site Recovery Contributor at the vault, or a role with these actions."
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What Azure told: by scope what is needed and not allowed there, or why nobody knows."""

    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


def rights_needed(changes: Iterable[Change], found: Found) -> Mapping[str, tuple[str, ...]]:
    """Actions by the scope at which each is needed, as `asked_of` tells it."""
    wanted: dict[str, dict[str, None]] = {}
    for _, scope, action in asked_of(changes, found):
        wanted.setdefault(scope, {})[action] = None
    return {scope: tuple(actions) for scope, actions in wanted.items()}


def asked_of(changes: Iterable[Change], found: Found) -> Iterator[tuple[Change, str, str]]:
    """Of each change that is sent: at which scope something is needed for it, and which action.

    That is the narrowest scope that is there. Of what will be in a group that is yet to be made
    it is the subscription: a right in any other group proves nothing for that one.
    """
    changes = tuple(changes)
    to_make = frozenset(
        key_of(one.id)
        for one in changes
        if one.id and one.kind is Kind.GROUP and one.act is Act.CREATE
    )
    for change in changes:
        if change.act not in _SENT or change.id is None:
            continue
        yield change, _scope(change.id, to_make, found), _action(change.id)
        if change.act is Act.CREATE and isinstance(change.wanted, VmWanted):
            for linked in TO_ENABLE:
                arm_id = linked.id_of(change.wanted)
                yield change, _scope(arm_id, to_make, found), linked.action


def _action(arm_id: str) -> str:
    kind = parse_id(arm_id).type
    return _MAKE_GROUP if kind.casefold() == _GROUP.casefold() else f"{kind}/write"


def _scope(arm_id: str, to_make: Set[str], found: Found) -> str:
    vault, place = found.vault, parse_id(arm_id)
    if vault is not None and key_of(arm_id).startswith(key_of(vault.id) + "/"):
        return vault.id
    if key_of(place.group_id) in to_make:
        return f"/subscriptions/{place.subscription}"
    return arm_id if key_of(arm_id) in found.known_ids() else place.group_id


def is_subscription(scope: str) -> bool:
    """Whether a scope is a whole subscription."""
    return scope.strip("/").count("/") == 1


def told_of_rights(
    lacking: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, Judgement]]:
    """What the run would end with: of scopes where the same is missing together."""
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for scope, actions in lacking.items():
        by_actions.setdefault(tuple(actions), []).append(scope)
    for actions, scopes in by_actions.items():
        more = len(scopes) - _MOST_NAMED
        at = ", ".join(scopes[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        new = NOT_THERE if any(map(is_subscription, scopes)) else ""
        why = f"the caller is not allowed {', '.join(actions)}, needed at {at}{new}: the run ends"
        yield "rights", Judgement(LACKING, "tell", f"{why} there", GIVE, "")


def lacks_rights(told: Iterable[tuple[str, Judgement]]) -> bool:
    """Whether it was told that the caller is not allowed something that a run would do."""
    return any(one.rule == LACKING for _, one in told)
