"""What an assigned policy reaches, and what is exempt from it: yes, no, or nobody can tell. Pure.

https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure
https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from muster.gateway.ids import key_of, lies_in
from muster.gateway.parse import instant, mapping, text_of, texts
from muster.gateway.values import Json
from muster.steps.preflight_checks.policy_rules import Made

EXEMPTION = "/providers/microsoft.authorization/policyexemptions/"
_MANAGEMENT = "/providers/microsoft.management/managementgroups/"
CATEGORIES = frozenset({"waiver", "mitigated"})
_NOT_ENFORCED, _ENFORCED = "donotenforce", frozenset({"", "default"})
Found = bool | None


def reaches(assignment: Json, made: Made, group_id: str) -> Found:
    """Whether an assignment at or above a group is enforced on what would be made there.

    Args:
        assignment: The assignment's `properties`.
        made: The resource that would be made.
        group_id: Id of the resource group that it is made in.
    """
    mode = text_of(assignment.get("enforcementMode")).casefold()
    if mode == _NOT_ENFORCED:
        return False
    here, left_out = _place(made, group_id), texts(assignment.get("notScopes"))
    return _all(
        (
            True if mode in _ENFORCED else None,
            not any(lies_in(here, one) for one in left_out),
            None if any(map(_is_of_management, left_out)) else True,
            is_selected(assignment.get("resourceSelectors"), made),
        )
    )


def is_exempt(
    exemptions: Iterable[Json], assignment_id: str, name: str, made: Made,
    group_id: str, now: datetime,
) -> Found:  # fmt: skip
    """Whether any exemption frees what would be made from an assigned definition.

    Args:
        exemptions: Their bodies, those at the group and above it.
        assignment_id: Id of the assignment.
        name: The definition's reference among those of its set; "" for one by itself.
        made: The resource that would be made.
        group_id: Id of the resource group that it is made in.
        now: One that has run out by then frees nothing: Azure keeps it all the same.
    """
    found = [
        _frees(mapping(one.get("properties")), name, made, now)
        for one in exemptions
        if _is_about(one, assignment_id) and _holds_at(_scope(one), _place(made, group_id))
    ]
    return _any(found)


def is_selected(selectors: Any, made: Made) -> Found:
    """Whether any of `resourceSelectors` takes a resource in; where there are none, all are."""
    if not selectors:
        return True
    if not isinstance(selectors, list):
        return None
    found = [_takes_in(one, made) for one in selectors]
    return _any(found)


def is_among(value: str, selector: Json) -> Found:
    """Whether a value is one of those that a selector lists, by `in` or by `notIn`."""
    return _is_among(value, selector, str.casefold)


def place_is_among(location: str, selector: Json) -> Found:
    """As `is_among`, of a region, however it is written."""
    return _is_among(location, selector, lambda one: one.replace(" ", "").casefold())


def _is_among(value: str, selector: Json, plain: Callable[[str], str]) -> Found:
    listed = [key for key in ("in", "notIn") if selector.get(key)]
    if not listed or not all(isinstance(selector[key], list) for key in listed):
        return None
    inside, outside = ({plain(one) for one in texts(selector.get(key))} for key in ("in", "notIn"))
    return (not inside or plain(value) in inside) and plain(value) not in outside


def _takes_in(resource_selector: Any, made: Made) -> Found:
    """All selectors of one have to take a resource in."""
    told = mapping(resource_selector).get("selectors")
    if not isinstance(told, list) or not told:
        return None
    found = [_meets(mapping(one), made) for one in told]
    return _all(found)


def _meets(selector: Json, made: Made) -> Found:
    """What is made has a region; `resourceWithoutLocation` is about what has none."""
    kind = text_of(selector.get("kind")).casefold()
    if kind == "resourcelocation":
        return place_is_among(made.location, selector)
    if kind == "resourcetype":
        return is_among(made.type, selector)
    return False if kind == "resourcewithoutlocation" and selector.get("in") else None


def _is_about(exemption: Json, assignment_id: str) -> bool:
    named = text_of(mapping(exemption.get("properties")).get("policyAssignmentId"))
    return key_of(named) == key_of(assignment_id)


def _frees(exemption: Json, name: str, made: Made, now: datetime) -> Found:
    """Whether an exemption of an assignment frees a resource from one of its definitions."""
    references = exemption.get("policyDefinitionReferenceIds") or []
    answers = (
        _is_in_force(exemption.get("expiresOn"), now),
        text_of(exemption.get("exemptionCategory")).casefold() in CATEGORIES or None,
        None if not isinstance(references, list)
        else not references or name.casefold() in {str(one).casefold() for one in references},
        is_selected(exemption.get("resourceSelectors"), made),
    )  # fmt: skip
    return _all(answers)


def _is_in_force(expires: Any, now: datetime) -> Found:
    if expires is None:
        return True
    end = instant(expires)
    return None if end is None else now < end


def _scope(exemption: Mapping[str, Any]) -> str:
    arm_id = text_of(exemption.get("id"))
    at = arm_id.casefold().rfind(EXEMPTION)
    return arm_id[:at] if at >= 0 else arm_id or "an exemption without an id"


def _place(made: Made, group_id: str) -> str:
    if made.name is None or made.type.count("/") > 1:
        return key_of(group_id)
    return key_of(f"{group_id}/providers/{made.type}/{made.name}")


def _holds_at(scope: str, here: str) -> bool:
    """A management group's holds here, or no list `atScope()` of the group would tell of it."""
    return _is_of_management(scope) or lies_in(here, scope)


def _is_of_management(scope: str) -> bool:
    return key_of(scope).startswith(_MANAGEMENT)


def _all(answers: Sequence[Found]) -> Found:
    return False if False in answers else (None if None in answers else True)


def _any(answers: Sequence[Found]) -> Found:
    return True if True in answers else (None if None in answers else False)
