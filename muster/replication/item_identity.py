"""Which one an item is: what tells it from another that protects the same VM under its name. Pure.

An ARM id does not: whoever enables a VM anew gives its item the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.gateway.ids import same_id
from muster.gateway.parse import mapping, text_or_none
from muster.gateway.values import ProtectedItem

ANOTHER = "STEP-056"
_POLICY, _GROUP = "policy_id", "group_id"
_GUIDS = {"lifecycle_id": "lifecycle id", "entity_id": "entity id"}
"""Told by Azure for some items only: of a first copy there is no lifecycle id yet."""


def identity_of(item: ProtectedItem) -> dict[str, str | None]:
    """What a run pins of an item (JSON values); None for what Azure does not tell of it."""
    return {
        "item_id": item.id,
        "vm_id": item.source_vm_id,
        _POLICY: policy_of(item),
        _GROUP: item.recovery_resource_group_id,
        "lifecycle_id": lifecycle_of(item),
        "entity_id": item.entity_id,
    }


def why_another(pinned: Mapping[str, Any], item: ProtectedItem) -> str | None:
    """In what an item is not the one that was pinned; None where it is that one."""
    now = identity_of(item)
    if not same_id(now["item_id"], pinned["item_id"]):
        return f"item {item.id} stands in its place"
    if not same_id(now["vm_id"], pinned["vm_id"]):
        return f"item {item.name} protects {item.source_vm_id} now"
    if _POLICY not in pinned or _GROUP not in pinned:
        return "the run was begun by a Muster that pinned too little of it to tell"
    for key, word in ((_POLICY, "is under the policy"), (_GROUP, "recovers into")):
        if _folded(now[key]) != _folded(pinned[key]):
            return f"it {word} {_last(now[key])} now, and was shown with {_last(pinned[key])}"
    return _other_guid(pinned, now)


def _other_guid(pinned: Mapping[str, Any], now: Mapping[str, str | None]) -> str | None:
    """Only what was told both times is compared."""
    for key, word in _GUIDS.items():
        then, told = pinned.get(key), now[key]
        if then and told and _folded(then) != _folded(told):
            return f"its VM was enabled anew since: its {word} is {told}, and was {then}"
    return None


def policy_of(item: ProtectedItem) -> str:
    """ARM id of the policy that an item is under; "" where none is told."""
    return text_or_none(mapping(item.raw.get("properties")).get("policyId")) or ""


def lifecycle_of(item: ProtectedItem) -> str | None:
    """The id that an item has from its first copy until it is disabled; None where none is told
    (yet). Whoever enables the VM anew gets another one.
    """
    return text_or_none(_details(item).get("lifecycleId"))


def _details(item: ProtectedItem) -> Mapping[str, Any]:
    return mapping(mapping(item.raw.get("properties")).get("providerSpecificDetails"))


def _folded(told: str | None) -> str:
    return (told or "").strip().rstrip("/").casefold()


def _last(arm_id: str | None) -> str:
    return (arm_id or "").rpartition("/")[2] or "(nothing)"
