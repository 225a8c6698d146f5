"""Which one an item is: what tells it from another that protects the same VM under its name. Pure.

An ARM id does not: whoever enables a VM anew gives its item the same one. What a run pins and what
a person was shown are held against an item by one rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from muster.gateway.ids import last_of, same_id
from muster.gateway.parse import mapping, text_or_none
from muster.gateway.values import ProtectedItem
from muster.replication.item_details import details_of, policy_of

ANOTHER = "STEP-056"
_POLICY, _GROUP = "policy_id", "group_id"
_GUIDS = {
    "management_id": "management id",
    "event_id": "id of its events",
    "lifecycle_id": "lifecycle id",
    "entity_id": "entity id",
}
_PROVING = ("management_id", "event_id", "lifecycle_id")
"""Made at random for each enabling. The first two are told from the first copy on and stay when it
is through (recorded: Azure/azure-cli-extensions, test_siterecovery_A2A_scenarios.yaml); a
lifecycle id is told once it is through. An entity id is worked out of names: another one tells of
another item, the same one proves nothing. Whether all of them are new where a VM is enabled anew
is recorded nowhere, so any that differs counts.
"""
_NOT_KNOWN = ""
_SIGNS = 8  # of a hash, for a GUID in a mark


def identity_of(item: ProtectedItem) -> dict[str, str | None]:
    """What a run pins of an item (JSON values); None for what Azure does not tell of it."""
    properties, details = mapping(item.raw.get("properties")), details_of(item)
    return {
        "item_id": item.id,
        "vm_id": item.source_vm_id,
        _POLICY: policy_of(item),
        _GROUP: item.recovery_resource_group_id,
        "management_id": text_or_none(details.get("managementId")),
        "event_id": text_or_none(properties.get("eventCorrelationId")),
        "lifecycle_id": lifecycle_of(item),
        "entity_id": item.entity_id,
    }


def why_another(pinned: Mapping[str, Any], item: ProtectedItem) -> str | None:
    """In what an item is not the one that was pinned, or why nobody can tell; None where it is
    that one.
    """
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
    other = _other_guid(pinned, now)
    if other == _NOT_KNOWN:
        return (
            "Azure told no id of it both then and now, so that nobody knows whether its VM was "
            "enabled anew since"
        )
    if other is not None:
        said = f"its {_GUIDS[other]} is {now[other]}, and was {pinned[other]}"
        return f"its VM was enabled anew since: {said}"
    return None


def mark_of(item: ProtectedItem) -> str:
    """An item in a few signs, for whoever shows it to hand on: hashes of what a pin holds."""
    told = identity_of(item)
    kept = json.dumps([_folded(one) for key, one in told.items() if key not in _GUIDS])
    return ".".join([_hash(kept, 2 * _SIGNS), *(_short(told[key]) for key in _GUIDS)])


def is_marked(item: ProtectedItem, marks: Mapping[str, str]) -> bool:
    """Whether an item is one of those that were marked, by the rule that holds for a pin.

    Args:
        item: As read now.
        marks: Of `marks_by_kept`.
    """
    kept, *now = mark_of(item).split(".")
    if kept not in marks:
        return False
    then = marks[kept].split(".")[1:]
    if len(then) != len(_GUIDS):
        return False  # of a Muster that marked otherwise
    return _other_guid(_guids(then), _guids(now)) is None


def marks_by_kept(marks: Iterable[str]) -> dict[str, str]:
    """Marks by the part of them that holds an item's ids, policy and group."""
    return {mark.partition(".")[0]: mark for mark in marks}


def _other_guid(then: Mapping[str, Any], now: Mapping[str, str | None]) -> str | None:
    """The one rule: which GUID, told both times, differs; None if none does, "" if nothing that
    would prove an item the same was told both times.
    """
    both = [key for key in _GUIDS if then.get(key) and now[key]]
    if other := next((key for key in both if _folded(then[key]) != _folded(now[key])), None):
        return other
    return None if any(key in _PROVING for key in both) else _NOT_KNOWN


def _guids(parts: Sequence[str]) -> dict[str, str | None]:
    return {key: part or None for key, part in zip(_GUIDS, parts, strict=True)}


def _short(guid: str | None) -> str:
    return _hash(_folded(guid), _SIGNS) if guid else ""


def _hash(text: str, signs: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:signs]


def lifecycle_of(item: ProtectedItem) -> str | None:
    """The id that an item has from its first copy until it is disabled; None where none is told
    (yet). Whoever enables the VM anew gets another one.
    """
    return text_or_none(details_of(item).get("lifecycleId"))


def _folded(told: str | None) -> str:
    return (told or "").strip().rstrip("/").casefold()


def _last(arm_id: str | None) -> str:
    return last_of(arm_id or "") or "(nothing)"
