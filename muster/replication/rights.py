"""What the caller has to be allowed to do for the changes that were decided, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from muster.gateway.ids import ArmId, key_of, parse_id
from muster.replication.change import Act, Change
from muster.replication.found import Found
from muster.replication.judgement import Judgement

_GROUP = "Microsoft.Resources/resourceGroups"
_MAKE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/write"
LACKING, UNKNOWN = "right", "right-unknown"
"""Rules by which it is told that rights are missing, or that nobody knows."""
_SENT = (Act.CREATE, Act.CHANGE)


@dataclass(frozen=True, slots=True)
class Rights:
    """What was asked of Azure: by scope what is not allowed there, or why nobody knows."""

    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


def rights_needed(changes: Iterable[Change], found: Found) -> Mapping[str, tuple[str, ...]]:
    """Actions by the scope at which to ask whether they are allowed.

    That is the narrowest one that is there. Where not even its group is, it is the group of a VM
    of the same subscription: what is allowed in the subscription is allowed there too, so that
    what is not allowed there is not allowed in the subscription. Without one, nobody can tell.
    """
    wanted: dict[str, dict[str, None]] = {}
    for _, scope, action in asked_of(changes, found):
        wanted.setdefault(scope, {})[action] = None
    return {scope: tuple(actions) for scope, actions in wanted.items()}


def asked_of(changes: Iterable[Change], found: Found) -> Iterator[tuple[Change, str, str]]:
    """Of each change that is sent: at which scope it is asked, and for which action."""
    for change in changes:
        if change.act not in _SENT or change.id is None:
            continue
        scope = _scope(parse_id(change.id), change.id, found)
        if scope is not None:
            yield change, scope, _action(change.id)


def _action(arm_id: str) -> str:
    kind = parse_id(arm_id).type
    return _MAKE_GROUP if kind.casefold() == _GROUP.casefold() else f"{kind}/write"


def _scope(place: ArmId, arm_id: str, found: Found) -> str | None:
    vault = found.vault
    if vault is not None and key_of(arm_id).startswith(key_of(vault.id) + "/"):
        return vault.id
    group = place.group_id
    if key_of(group) in found.known_ids():
        return group
    for vm in found.vms:
        other = parse_id(vm.id)
        if (other.subscription or "").casefold() == (place.subscription or "").casefold():
            return other.group_id
    return None


def told_of_rights(
    lacking: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, Judgement]]:
    """What the run would end with, by scope."""
    for scope, actions in lacking.items():
        shown = ", ".join(actions)
        why = f"the caller is not allowed {shown}, asked at {scope}: the run would end there"
        remedy = (
            "Give it Contributor where things are made and Site Recovery Contributor at the "
            "vault, or a role with these actions."
        )
        yield "rights", Judgement(LACKING, "tell", why, remedy, "")


def lacks_rights(told: Iterable[tuple[str, Judgement]]) -> bool:
    """Whether it was told that the caller is not allowed something that a run would do."""
    return any(one.rule == LACKING for _, one in told)
