"""Template expressions that policies are written with (`[concat('tags[', …)]`), solved. Pure.

Served is what the built-in policies use to name fields and values, as far as what they ask for is
known before a resource is there. All else raises `Unsolved`: it is never guessed.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#policy-functions
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z_]\w*)|(-?\d+)|([()\[\],.]))")
Json = Mapping[str, Any]


class Unsolved(Exception):
    """The rule asks something that is not known before the resource is there."""


def _no_field(name: str) -> Any:
    raise Unsolved(name)


@dataclass(frozen=True, slots=True)
class Around:
    """What an expression may ask for."""

    parameters: Json = field(default_factory=dict)
    field_of: Callable[[str], Any] = _no_field
    group: Json | None = None  # body of the resource group; None: it is not known


def solved(value: Any, around: Around) -> Any:
    """A value of a rule: a literal as it is, an expression worked out, a list one by one.

    Raises:
        Unsolved: What it asks for is not known, or not served.
    """
    if isinstance(value, list):
        return [solved(one, around) for one in value]
    if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
        return value
    if value.startswith("[["):  # how a text is written that begins so
        return value[1:]
    return _Reading(_tokens(value[1:-1]), around).whole()


def named(holder: Any, name: str) -> Any:
    """A property, whatever its casing: so does Azure read them. Raises Unsolved for none."""
    if isinstance(holder, Mapping):
        for key, value in holder.items():
            if str(key).casefold() == name.casefold():
                return value
    raise Unsolved(name)


def text(value: Any) -> str:
    """A text, raises Unsolved for anything else."""
    if not isinstance(value, str):
        raise Unsolved(str(value))
    return value


def _tokens(told: str) -> list[str]:
    found, at = [], 0
    while told[at:].strip():
        token = _TOKEN.match(told, at)
        if token is None:
            raise Unsolved(told)
        found.append(token[0].strip())
        at = token.end()
    return found


class _Reading:
    """One expression, token by token: a function, its arguments, then `.name` or `[at]`."""

    def __init__(self, tokens: Sequence[str], around: Around) -> None:
        self._left, self._around = list(tokens), around

    def whole(self) -> Any:
        value = self._value()
        if self._left:
            raise Unsolved(self._left[0])
        return value

    def _value(self) -> Any:
        token = self._take()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.lstrip("-").isdecimal():
            return int(token)
        self._take("(")
        value = self._called(token.casefold(), self._arguments())
        while self._left[:1] in (["."], ["["]):
            value = self._part_of(value)
        return value

    def _arguments(self) -> list[Any]:
        found: list[Any] = []
        while self._left[:1] != [")"]:
            if found:
                self._take(",")
            found.append(self._value())
        self._take(")")
        return found

    def _part_of(self, value: Any) -> Any:
        if self._take() == ".":
            return named(value, self._take())
        at = self._value()
        self._take("]")
        if isinstance(at, str):
            return named(value, at)
        return _at(value, at)

    def _take(self, wanted: str | None = None) -> str:
        if not self._left or wanted not in {None, self._left[0]}:
            raise Unsolved(wanted or "the end of an expression")
        return self._left.pop(0)

    def _called(self, name: str, given: list[Any]) -> Any:
        around = self._around
        if name == "parameters" and len(given) == 1:
            return named(around.parameters, text(given[0]))
        if name == "field" and len(given) == 1:
            return around.field_of(text(given[0]))
        if name == "resourcegroup" and not given and around.group is not None:
            return around.group
        function = _FUNCTIONS.get(name)
        if function is None:
            raise Unsolved(name)
        try:
            return function(*given)
        except TypeError as err:  # so many arguments, or such ones, it does not take
            raise Unsolved(name) from err


def _at(value: Any, at: int) -> Any:
    if not isinstance(value, list) or not 0 <= at < len(value):
        raise Unsolved(str(at))
    return value[at]


def _concat(*given: Any) -> Any:
    if given and all(isinstance(one, list) for one in given):
        return [part for one in given for part in one]
    return "".join(str(one) if _is_number(one) else text(one) for one in given)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _equals(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()  # in policies, unlike in templates
    if type(one) is not type(other):
        raise Unsolved("equals")
    return bool(one == other)


def _contains(holder: Any, wanted: Any) -> bool:
    if isinstance(holder, str):
        return text(wanted) in holder
    if isinstance(holder, list):
        return wanted in holder
    if isinstance(holder, Mapping):
        return any(str(key).casefold() == text(wanted).casefold() for key in holder)
    raise Unsolved("contains")


def _if(condition: Any, one: Any, other: Any) -> Any:
    if not isinstance(condition, bool):
        raise Unsolved("if")
    return one if condition else other


def _length(value: Any) -> int:
    if not isinstance(value, str | list | Mapping):
        raise Unsolved("length")
    return len(value)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": _concat,
    "contains": _contains,
    "createarray": lambda *given: list(given),
    "empty": lambda value: _length(value) == 0,
    "equals": _equals,
    "false": lambda: False,
    "first": lambda value: value[0] if isinstance(value, str) and value else _at(value, 0),
    "if": _if,
    "length": _length,
    "not": lambda value: not _if(value, True, False),  # noqa: FBT003 - it is a condition
    "replace": lambda told, old, new: text(told).replace(text(old), text(new)),
    "split": lambda told, at: text(told).split(text(at)),
    "startswith": lambda told, with_: text(told).lower().startswith(text(with_).lower()),
    "endswith": lambda told, with_: text(told).lower().endswith(text(with_).lower()),
    "tolower": lambda told: text(told).lower(),
    "toupper": lambda told: text(told).upper(),
    "true": lambda: True,
}
