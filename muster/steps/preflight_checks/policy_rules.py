"""Whether a policy's rule would deny a resource: yes, no, or nobody can tell from here. Pure.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from muster.gateway.parse import mapping, rows, texts

_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]")
_TAG = re.compile(r"tags(?:\.|\[\s*'?)(?P<name>[^'\]]+)'?\s*\]?", re.IGNORECASE)
EFFECTS = frozenset(
    {
        *("deny", "audit", "auditifnotexists", "deployifnotexists", "append", "modify"),
        *("disabled", "manual", "mutate", "denyaction", "addtonetworkgroup"),
    }
)
"""https://learn.microsoft.com/azure/governance/policy/concepts/effect-basics"""


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that would be made, as far as a rule may ask and we know."""

    type: str
    name: str | None  # None: Azure chooses it
    location: str
    tags: Mapping[str, str] = field(default_factory=dict)
    is_removed: bool = False  # the operation, or its cleanup, removes it again


class Unsolved(Exception):
    """The rule asks something that is not known before the resource is there."""


def holds(rule: Any, made: Made, parameters: Mapping[str, Any]) -> bool | None:
    """Whether the `if` of a rule holds for a resource; None where nobody can tell."""
    told = mapping(rule)
    if "not" in told:
        inner = holds(told["not"], made, parameters)
        return None if inner is None else not inner
    if "allOf" in told:
        return _all([holds(one, made, parameters) for one in rows(told["allOf"])])
    if "anyOf" in told:
        inner = _all([_opposite(holds(one, made, parameters)) for one in rows(told["anyOf"])])
        return _opposite(inner)
    try:
        return _compared(told, made, parameters)
    except Unsolved:
        return None


def valued(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A value of a rule, a parameter's in its place.

    Raises:
        Unsolved: It is worked out by a function of Azure's.
    """
    if not isinstance(value, str) or not value.startswith("["):
        return value
    named = _PARAMETER.fullmatch(value)
    if named is None or named[1] not in parameters:
        raise Unsolved(value)
    return parameters[named[1]]


def effect_of(policy_rule: Any, parameters: Mapping[str, Any]) -> str | None:
    """The effect of a rule in small letters; None where nobody can tell."""
    effect = mapping(mapping(policy_rule).get("then")).get("effect")
    try:
        told = str(valued(effect, parameters)).casefold()
    except Unsolved:
        return None
    return told if told in EFFECTS else None


def keeps(policy_rule: Any) -> bool:
    """Whether a rule of the effect `denyAction` keeps what it holds for from being deleted.

    Deleting is the one action that Azure lets it deny; a rule that names none is taken for one.
    https://learn.microsoft.com/azure/governance/policy/concepts/effect-deny-action
    """
    details = mapping(mapping(mapping(policy_rule).get("then")).get("details"))
    named = [one.casefold() for one in texts(details.get("actionNames"))]
    return not named or "delete" in named


def _all(found: Sequence[bool | None]) -> bool | None:
    if False in found:
        return False
    return None if None in found else True


def _opposite(found: bool | None) -> bool | None:  # noqa: FBT001 - it is what it is about
    return None if found is None else not found


def _compared(condition: Mapping[str, Any], made: Made, parameters: Mapping[str, Any]) -> bool:
    value = _field(str(condition.get("field") or ""), made)
    for word, compare in _OPERATORS.items():
        if word in condition:
            return compare(value, _heeded(valued(condition[word], parameters)))
    raise Unsolved(str(sorted(condition)))


def _heeded(wanted: Any) -> Any:
    """What a condition compares with; null or an object says nothing."""
    if wanted is None or isinstance(wanted, Mapping):
        raise Unsolved(str(wanted))
    return wanted


def _field(name: str, made: Made) -> str | None:
    """What a field of the resource is; None: it has none."""
    if name.casefold() in {"name", "fullname"} and made.name is None:
        raise Unsolved(name)
    known = {"type": made.type, "name": made.name, "fullname": made.name,
             "location": made.location}  # fmt: skip
    if name.casefold() in known:
        return known[name.casefold()]
    if tag := _TAG.fullmatch(name):
        wanted = tag["name"].casefold()
        return next((said for key, said in made.tags.items() if key.casefold() == wanted), None)
    raise Unsolved(name)


def _equal(value: str | None, wanted: Any) -> bool:
    return (value or "").casefold() == str(wanted).casefold()


def _in(value: str | None, wanted: Any) -> bool:
    return any(_equal(value, one) for one in (wanted if isinstance(wanted, list) else []))


def _like(value: str | None, wanted: Any) -> bool:
    return fnmatchcase((value or "").casefold(), str(wanted).casefold())


def _contains(value: str | None, wanted: Any) -> bool:
    return str(wanted).casefold() in (value or "").casefold()


def _exists(value: str | None, wanted: Any) -> bool:
    if str(wanted).casefold() not in {"true", "false"}:
        raise Unsolved(str(wanted))
    return (value is not None) == (str(wanted).casefold() == "true")


_OPERATORS: Mapping[str, Callable[[str | None, Any], bool]] = {
    "equals": _equal,
    "notEquals": lambda value, wanted: not _equal(value, wanted),
    "in": _in,
    "notIn": lambda value, wanted: not _in(value, wanted),
    "like": _like,
    "notLike": lambda value, wanted: not _like(value, wanted),
    "contains": _contains,
    "notContains": lambda value, wanted: not _contains(value, wanted),
    "exists": _exists,
}
