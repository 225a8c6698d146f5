"""What the caller has to be allowed to do for the changes that were decided, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from muster.gateway.ids import ArmId, key_of, parse_id
from muster.replication.change import Act, Change
from muster.replication.found import Found
from muster.replication.judgement import Judgement

_GROUP = "Microsoft.Resources/resourceGroups"
_MAKE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/write"
LACKING = "right"
"""The rule by which missing rights are told."""
_SENT = (Act.CREATE, Act.CHANGE)


def rights_needed(changes: Iterable[Change], found: Found) -> Mapping[str, tuple[str, ...]]:
    """Actions by the scope at which to ask whether they are allowed.

    That is the narrowest one that is there. Where not even its group is, it is the group of a VM
    of the same subscription: what is allowed in the subscription is allowed there too, so that
    what is not allowed there is not allowed in the subscription. Without one, nobody can tell.
    """
    wanted: dict[str, dict[str, None]] = {}
    for change in changes:
        if change.act not in _SENT or change.id is None:
            continue
        scope = _scope(parse_id(change.id), change.id, found)
        if scope is not None:
            wanted.setdefault(scope, {})[_action(change.id)] = None
    return {scope: tuple(actions) for scope, actions in wanted.items()}


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
