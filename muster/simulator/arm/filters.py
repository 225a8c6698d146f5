"""`$filter` as ARM's lists take it: comparisons, `and`, `or`, brackets, `substringof`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from muster.simulator.arm.errors import bad_request

Fields = Callable[[str, str], list[str]]
"""(name in small letters, operator) -> the values a row has there; KeyError: no such field."""

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z][\w./]*)|(?P<sign>[(),])|(?P<bad>\S))"
)
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda one, other: one.casefold() == other.casefold(),
    "ne": lambda one, other: one.casefold() != other.casefold(),
    "ge": lambda one, other: _instant(one) >= _instant(other),
    "gt": lambda one, other: _instant(one) > _instant(other),
    "le": lambda one, other: _instant(one) <= _instant(other),
    "lt": lambda one, other: _instant(one) < _instant(other),
    "contains": lambda one, other: other.casefold() in one.casefold(),
}


_ORDERED = ("ge", "gt", "le", "lt")
MOST_BRACKETS = 50


class FilterError(ValueError):
    """The text is no filter."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field operator 'value'`."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A tree: `or` of `and`s of comparisons and trees. Without branches it lets all through."""

    branches: tuple[tuple[Comparison | Filter, ...], ...] = field(default=())

    def lets_through(self, fields: Fields) -> bool:
        """Whether a row, told by its `fields`, is wanted."""
        if not self.branches:
            return True
        return any(all(_holds(part, fields) for part in branch) for branch in self.branches)

    def comparisons(self) -> Iterator[Comparison]:
        """Every comparison in it, from left to right."""
        for branch in self.branches:
            for part in branch:
                yield from part.comparisons() if isinstance(part, Filter) else (part,)


def _holds(part: Comparison | Filter, fields: Fields) -> bool:
    if isinstance(part, Filter):
        return part.lets_through(fields)
    values = fields(part.field, part.operator)
    compare = _COMPARE[part.operator]
    if part.operator == "ne":
        return all(compare(value, part.value) for value in values)
    return any(compare(value, part.value) for value in values)


def parse(text: str) -> Filter:
    """A filter from the text of a query. Raises: FilterError."""
    tokens = list(_tokens(text))
    if not tokens:
        return Filter()
    if tokens.count("(") > MOST_BRACKETS:
        raise FilterError("there are too many brackets")
    found, rest = _either(tokens)
    if rest:
        raise FilterError(f"'{rest[0]}' was not expected")
    return found


def of_query(text: str, fields: frozenset[str]) -> Filter:
    """A filter that names only known fields, or ARM's refusal. Raises: AzureError."""
    refusal = bad_request(
        "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string."
    )
    try:
        found = parse(text)
    except FilterError as err:
        raise refusal from err
    for comparison in found.comparisons():
        if comparison.field not in fields:
            raise refusal
        if comparison.operator in _ORDERED:
            _instant(comparison.value)
    return found


def _tokens(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text.strip()):
        if found["bad"]:
            raise FilterError(f"'{found['bad']}' was not expected")
        yield found[0].strip()


def _either(tokens: list[str]) -> tuple[Filter, list[str]]:
    branches = []
    while True:
        branch, tokens = _both(tokens)
        branches.append(branch)
        if not tokens or tokens[0].lower() != "or":
            return Filter(tuple(branches)), tokens
        tokens = tokens[1:]


def _both(tokens: list[str]) -> tuple[tuple[Comparison | Filter, ...], list[str]]:
    parts = []
    while True:
        part, tokens = _one(tokens)
        parts.append(part)
        if not tokens or tokens[0].lower() != "and":
            return tuple(parts), tokens
        tokens = tokens[1:]


def _one(tokens: list[str]) -> tuple[Comparison | Filter, list[str]]:
    match tokens:
        case ["(", *rest]:
            found, rest = _either(rest)
            if not rest or rest[0] != ")":
                raise FilterError("a bracket is not closed")
            return found, rest[1:]
        case [word, "(", value, ",", name, ")", *rest] if word.lower() == "substringof":
            return Comparison(name.lower(), "contains", _text(value)), rest
        case [name, operator, value, *rest] if operator.lower() in _COMPARE:
            return Comparison(name.lower(), operator.lower(), _text(value)), rest
    raise FilterError("a comparison reads: name eq 'value'")


def _instant(text: str) -> float:
    """What comes before and after is told of instants only; without an offset they are UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as err:
        raise bad_request("BadRequest", f"'{text}' in the $filter is no instant.") from err
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _text(token: str) -> str:
    if not token.startswith("'"):
        raise FilterError(f"'{token}' is not in quotes")
    return token[1:-1].replace("''", "'")
