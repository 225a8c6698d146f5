"""Whether a policy's rule would deny a resource: yes, no, or nobody can tell from here. Pure.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from muster.gateway.parse import mapping, texts
from muster.steps.preflight_checks.policy_expressions import Around, Unsolved, solved
from muster.steps.preflight_checks.policy_words import OPERATORS

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
    tags: Mapping[str, str] | None = field(default_factory=dict)  # None: nobody knows
    is_removed: bool = False  # the operation, or its cleanup, removes it again
    or_tags: Mapping[str, str] | None = None  # what it bears if not `tags`: told either way


def holds(
    rule: Any, made: Made, parameters: Mapping[str, Any], group: Mapping[str, Any] | None = None
) -> bool | None:
    """Whether the `if` of a rule holds for a resource; None where nobody can tell.

    Args:
        rule: The `if`, in Azure's words.
        made: The resource that would be made.
        parameters: Values by parameter.
        group: Body of the resource group that it is made in; None: it is not known.
    """
    around = Around(parameters, lambda name: _field(name, made), group)
    return _holds(rule, made, around)


def _holds(rule: Any, made: Made, around: Around) -> bool | None:
    told = mapping(rule)
    if "not" in told:
        return _opposite(_holds(told["not"], made, around))
    if "allOf" in told:
        return _all([_holds(one, made, around) for one in _some(told["allOf"])])
    if "anyOf" in told:
        inner = _all([_opposite(_holds(one, made, around)) for one in _some(told["anyOf"])])
        return _opposite(inner)
    try:
        return _compared(told, made, around)
    except Unsolved:
        return None


def _some(told: Any) -> list[Any]:
    """The conditions of a group: Azure takes no empty one, so of that nobody can tell anything."""
    return told if isinstance(told, list) and told else [None]


def valued(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A value of a rule that asks for no resource: parameters, and functions of them.

    Raises:
        Unsolved: It is worked out by what is not known here.
    """
    return solved(value, Around(parameters))


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


def _compared(condition: Mapping[str, Any], made: Made, around: Around) -> bool:
    is_place = False
    if "field" in condition:
        name = str(solved(condition["field"], around))
        value, is_place = _field(name, made), name.casefold() == "location"
    elif "value" in condition:
        value = solved(condition["value"], around)
    else:
        raise Unsolved(str(sorted(condition)))
    for word, compare in OPERATORS.items():
        if word in condition:
            wanted = solved(condition[word], around)
            return compare(value, _places(wanted) if is_place else wanted)
    raise Unsolved(str(sorted(condition)))


def _places(wanted: Any) -> Any:
    """Names of regions as a resource has its own: `West US 2` is `westus2` in a condition, too."""
    if isinstance(wanted, list):
        return [_places(one) for one in wanted]
    return wanted.replace(" ", "").casefold() if isinstance(wanted, str) else wanted


def _field(name: str, made: Made) -> Any:
    """What a field of the resource is; None: it has none."""
    asked = name.casefold()
    if asked in {"name", "fullname"} and made.name is None:
        raise Unsolved(name)
    known = {"type": made.type, "name": made.name, "fullname": made.name,
             "location": _places(made.location)}  # fmt: skip
    if asked in known:
        return known[asked]
    tag = _TAG.fullmatch(name)
    if (tag is None and asked != "tags") or made.tags is None:
        raise Unsolved(name)
    if tag is None:
        return made.tags
    wanted = tag["name"].casefold()
    return next((said for key, said in made.tags.items() if key.casefold() == wanted), None)
