"""What the words of a policy's conditions compare: `equals`, `like`, `match` and others. Pure.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#conditions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from muster.steps.preflight_checks.policy_expressions import Unsolved

ANY, DIGIT, LETTER, ONE = "*", "#", "?", "."


def like(value: str, pattern: str) -> bool:
    """Whether a text fits a pattern with one `*` at most, whatever the casing of both.

    Raises:
        Unsolved: There are more of them, of which Azure says that there should not be.
    """
    told, wanted = value.lower(), pattern.lower()
    if wanted.count(ANY) > 1:
        raise Unsolved(pattern)
    begin, star, end = wanted.partition(ANY)
    if not star:
        return told == wanted
    return len(told) >= len(begin) + len(end) and told.startswith(begin) and told.endswith(end)


def match(value: str, pattern: str) -> bool:
    """Whether a text fits a pattern, sign by sign: `#` digit, `?` letter, `.` any, else itself.

    Raises:
        Unsolved: It hangs on what counts as a digit or a letter outside of ASCII.
    """
    if len(value) != len(pattern):
        return False
    pairs = list(zip(value, pattern, strict=True))
    if not all(one == sign for one, sign in pairs if sign not in {DIGIT, LETTER, ONE}):
        return False
    asked = [(one, sign) for one, sign in pairs if sign in {DIGIT, LETTER}]
    if all(one.isdigit() if sign == DIGIT else one.isalpha() for one, sign in asked):
        if all(one.isascii() for one, _ in asked):
            return True
        raise Unsolved(pattern)
    return False


def _text(value: Any) -> str:
    """A value as it is compared; what is not there is as an empty text."""
    if isinstance(value, Mapping | list):
        raise Unsolved(str(value))
    return "" if value is None else str(value)


def _wanted(value: Any) -> str:
    """What a condition compares with; null, a list or an object says nothing."""
    if value is None or isinstance(value, Mapping | list):
        raise Unsolved(str(value))
    return str(value)


def _equal(value: Any, wanted: Any) -> bool:
    return _text(value).casefold() == _wanted(wanted).casefold()


def _in(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, list):
        raise Unsolved(str(wanted))
    return any(_equal(value, one) for one in wanted)


def _contains(value: Any, wanted: Any) -> bool:
    return _wanted(wanted).casefold() in _text(value).casefold()


def _has_key(value: Any, wanted: Any) -> bool:
    if not isinstance(value, Mapping):
        raise Unsolved(str(value))
    return any(_equal(key, wanted) for key in value)


def _exists(value: Any, wanted: Any) -> bool:
    asked = _wanted(wanted).casefold()
    if asked not in {"true", "false"} or value == {}:  # no tags: an object, or none at all?
        raise Unsolved(str(wanted))
    return (value is not None) == (asked == "true")


Compare = Callable[[Any, Any], bool]
_POSITIVE: Mapping[str, Compare] = {
    "equals": _equal,
    "in": _in,
    "like": lambda value, wanted: like(_text(value), _wanted(wanted)),
    "match": lambda value, wanted: match(_text(value), _wanted(wanted)),
    "matchInsensitively": lambda value, wanted: match(
        _text(value).lower(), _wanted(wanted).lower()
    ),
    "contains": _contains,
    "containsKey": _has_key,
}


def _not(compare: Compare) -> Compare:
    return lambda value, wanted: not compare(value, wanted)


OPERATORS: Mapping[str, Compare] = {
    **_POSITIVE,
    **{f"not{word[0].upper()}{word[1:]}": _not(one) for word, one in _POSITIVE.items()},
    "exists": _exists,
}
