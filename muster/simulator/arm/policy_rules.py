"""The `if` of an Azure Policy: is it one, and does it hold for a resource.

Served: allOf, anyOf, not; a field with equals, notEquals, in, notIn, like, notLike, contains,
notContains, exists, containsKey, notContainsKey; `[parameters('name')]`. Refused: count, value,
match, comparisons of numbers, other functions, arrays in aliases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from muster.simulator.json_types import Json

_PARAMETER = re.compile(r"\[parameters\('([^']+)'\)\]")
_TAG = re.compile(r"tags(?:\.|\[)'?(?P<name>[^'\]]+)'?\]?", re.IGNORECASE)
_TOP = ("type", "name", "location", "kind", "id", "tags")
_ALIASES = {
    "microsoft.compute/virtualmachines/sku.name": ("properties", "hardwareProfile", "vmSize"),
    "microsoft.compute/virtualmachines/osdisk.managed": ("properties", "storageProfile"),
}
_GROUPS = ("allOf", "anyOf", "not")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One comparison that was made, as a refusal tells it."""

    field: str
    operator: str
    value: Any
    wanted: Any
    holds: bool

    def told(self) -> Json:
        told: Json = {
            "result": str(self.holds),
            "expressionKind": "Field",
            "expression": self.field,
            "path": self.field.rpartition("/")[2],
            "targetValue": self.wanted,
            "operator": self.operator[0].upper() + self.operator[1:],
        }
        return told if self.value is None else told | {"expressionValue": self.value}


def mistakes_in(rule: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, str]]:
    """What this simulator cannot evaluate in a rule: (place in it, sentence)."""
    if not isinstance(rule, dict) or not rule:
        yield at, "a rule is a mapping with 'field', 'allOf', 'anyOf' or 'not'"
        return
    for word in _GROUPS:
        if word in rule:
            yield from _mistakes_in_group(rule, word, at)
            return
    field = rule.get("field")
    if not isinstance(field, str) or not _names_something(field):
        yield (*at, "field"), f"'{field}' is no field a rule can ask for here"
    operators = [key for key in rule if key != "field"]
    if len(operators) != 1 or operators[0] not in _OPERATORS:
        known = ", ".join(_OPERATORS)
        yield at, f"a field is compared with one of {known}"
    elif operators[0] in ("in", "notIn") and not _is_list_or_parameter(rule[operators[0]]):
        yield (*at, operators[0]), "a list is expected"


def _mistakes_in_group(
    rule: Json, word: str, at: tuple[str | int, ...]
) -> Iterator[tuple[Any, str]]:
    if len(rule) != 1:
        yield at, f"'{word}' stands alone in its mapping"
    inside = rule[word]
    if word == "not":
        yield from mistakes_in(inside, (*at, word))
    elif not isinstance(inside, list) or not inside:
        yield (*at, word), "a list of rules is expected"
    else:
        for n, part in enumerate(inside):
            yield from mistakes_in(part, (*at, word, n))


def evaluate(rule: Json, resource: Json, parameters: Mapping[str, Any]) -> list[Evaluated] | None:
    """The comparisons that made a rule hold for a resource, or None if it does not hold."""
    made: list[Evaluated] = []
    return made if _holds(rule, resource, parameters, made) else None


def _holds(
    rule: Json, resource: Json, parameters: Mapping[str, Any], made: list[Evaluated]
) -> bool:
    if "not" in rule:
        return not _holds(rule["not"], resource, parameters, made)
    if "allOf" in rule:
        return all(_holds(part, resource, parameters, made) for part in rule["allOf"])
    if "anyOf" in rule:
        return any(_holds(part, resource, parameters, made) for part in rule["anyOf"])
    operator = next(key for key in rule if key != "field")
    wanted = resolved(rule[operator], parameters)
    value = _value(rule["field"], resource)
    holds = _OPERATORS[operator](value, wanted)
    made.append(Evaluated(rule["field"], operator, value, wanted, holds))
    return holds


def resolved(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A value of a rule, its parameters put in."""
    if isinstance(value, str) and (found := _PARAMETER.fullmatch(value)):
        return parameters.get(found[1])
    return [resolved(each, parameters) for each in value] if isinstance(value, list) else value


def _names_something(field: str) -> bool:
    lowered = field.lower()
    if lowered in _TOP or _TAG.fullmatch(field):
        return True
    return "/" in field and "[" not in field


def _value(field: str, resource: Json) -> Any:
    lowered = field.lower()
    if lowered in _TOP:
        return resource.get(lowered)
    if tag := _TAG.fullmatch(field):
        tags = resource.get("tags") or {}
        return next((v for k, v in tags.items() if k.lower() == tag["name"].lower()), None)
    if lowered in _ALIASES:
        return _inside(resource, _ALIASES[lowered])
    kind = str(resource.get("type") or "").lower()
    if not lowered.startswith(kind + "/"):
        return None
    path = tuple(field[len(kind) + 1 :].replace("/", ".").split("."))
    return _inside(resource if path[0] == "sku" else resource.get("properties"), path)


def _inside(node: Any, path: tuple[str, ...]) -> Any:
    for word in path:
        if not isinstance(node, dict):
            return None
        node = next((v for k, v in node.items() if k.lower() == word.lower()), None)
    return node


def _is_list_or_parameter(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, str) and bool(_PARAMETER.match(value)))


def _same(value: Any, wanted: Any) -> bool:
    return value is not None and str(value).casefold() == str(wanted).casefold()


def _among(value: Any, wanted: Any) -> bool:
    return any(_same(value, each) for each in wanted or ())


def _like(value: Any, wanted: Any) -> bool:
    """`*` is any text, and the one wildcard there is: `?` and `[` are themselves."""
    pattern = ".*".join(map(re.escape, str(wanted).casefold().split("*")))
    return value is not None and bool(re.fullmatch(pattern, str(value).casefold(), re.DOTALL))


def _contains(value: Any, wanted: Any) -> bool:
    return value is not None and str(wanted).casefold() in str(value).casefold()


def _has_key(value: Any, wanted: Any) -> bool:
    return isinstance(value, dict) and any(_same(key, wanted) for key in value)


def _exists(value: Any, wanted: Any) -> bool:
    return (value is not None) == (str(wanted).lower() == "true")


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": _same,
    "notEquals": lambda value, wanted: not _same(value, wanted),
    "in": _among,
    "notIn": lambda value, wanted: not _among(value, wanted),
    "like": _like,
    "notLike": lambda value, wanted: not _like(value, wanted),
    "contains": _contains,
    "notContains": lambda value, wanted: not _contains(value, wanted),
    "containsKey": _has_key,
    "notContainsKey": lambda value, wanted: not _has_key(value, wanted),
    "exists": _exists,
}
