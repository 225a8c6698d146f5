"""Readings that say so where Azure did not tell a value: what is absent is never the good one.

Every reading raises `NotRead` for a value that is not there, is null, is of another type, or
cannot be (a negative number, an instant yet to come). Site Recovery writes every key of its
bodies, with null where there is nothing (as recorded: tests/conformance); `maybe` is for those:
the key has to be there, its value may be null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeVar

from muster.gateway.parse import instant
from muster.gateway.values import Json
from muster.steps.preflight_checks.facts import NotRead

CLOCKS_APART = timedelta(minutes=5)
"""How far in the future an instant of Azure's may seem to be: its services' clocks and ours
differ, and a check of its own holds ours against Azure's."""
NEVER = "9999-"
"""How Azure writes the end of what does not end."""

T = TypeVar("T")


def known(value: T | None, what: str) -> T:
    """A value that Azure told.

    Raises:
        NotRead: It is None or an empty text.
    """
    if value is None or value == "":
        raise NotRead(f"Azure does not tell {what}")
    return value


def text(holder: Json, key: str) -> str:
    """A text that is not empty; raises NotRead."""
    value = _at(holder, key)
    if not isinstance(value, str) or not value.strip():
        raise _garbled(key, value)
    return value


def maybe(holder: Json, key: str) -> str | None:
    """A text; None for null, "" and the text "None". Raises NotRead where the key is not there."""
    value = _at(holder, key)
    if value is None or value == "" or str(value).casefold() == "none":
        return None
    if not isinstance(value, str):
        raise _garbled(key, value)
    return value


def flag(holder: Json, key: str) -> bool:
    """True or false, and nothing that only counts as one; raises NotRead."""
    value = _at(holder, key)
    if not isinstance(value, bool):
        raise _garbled(key, value)
    return value


def count(holder: Json, key: str) -> int:
    """A whole number, not negative, also written as a text; raises NotRead."""
    value = _at(holder, key)
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    is_whole = not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    )
    if not is_whole or value < 0:
        raise _garbled(key, value)
    return int(value)


def part(holder: Json, key: str) -> Json:
    """An object; raises NotRead."""
    value = _at(holder, key)
    if not isinstance(value, Mapping):
        raise _garbled(key, value)
    return value


def listed(holder: Json, key: str) -> list[Json]:
    """A list of objects, perhaps of none; raises NotRead."""
    value = _at(holder, key)
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise _garbled(key, value)
    return value


def some(holder: Json, key: str) -> list[Json]:
    """A list of objects, of one at least; raises NotRead."""
    return known(listed(holder, key) or None, f"anything in `{key}`")


def listed_or_none(holder: Json, key: str) -> list[Json]:
    """As `listed`, of a key that Azure leaves out where there is nothing: none is none."""
    return listed(holder, key) if holder.get(key) is not None else []


def texts_of(holder: Json, key: str) -> list[str]:
    """A list of texts, perhaps of none; raises NotRead."""
    value = _at(holder, key)
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise _garbled(key, value)
    return value


def end(holder: Json, key: str) -> datetime | None:
    """When something ends; None where Azure says that it never does (the year 9999)."""
    value = text(holder, key)
    if value.startswith(NEVER):
        return None
    found = instant(value)
    if found is None:
        raise _garbled(key, value)
    return found


def age(at: datetime | None, now: datetime, what: str) -> timedelta:
    """How long ago something was; within `CLOCKS_APART` in the future it counts as now.

    Raises:
        NotRead: It is not told, or lies further ahead: it cannot have been yet.
    """
    told = known(at, what)
    if told - now > CLOCKS_APART:
        raise NotRead(f"{what} is told as {told:%Y-%m-%d %H:%M}, which is yet to come")
    return max(timedelta(), now - told)


def span(value: timedelta | None, what: str) -> timedelta:
    """A span that is not negative; raises NotRead."""
    told = known(value, what)
    if told < timedelta():
        raise NotRead(f"{what} is told as {told.total_seconds():g} s, which cannot be")
    return told


def network(value: str) -> IPv4Network | IPv6Network:
    """A range of addresses, or one address as a range of one; raises NotRead."""
    try:
        return ip_network(value, strict=False)
    except ValueError as err:
        raise NotRead(f"{value!r} is no address nor range") from err


def overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    """Whether two ranges have an address in common; of different versions, they have none."""
    return one.version == other.version and one.overlaps(other)


def _at(holder: Json, key: str) -> Any:
    if key not in holder:
        raise NotRead(f"Azure does not tell `{key}`")
    return holder[key]


def _garbled(key: str, value: object) -> NotRead:
    if value is None or value in ("", [], {}):
        return NotRead(f"Azure tells no `{key}`")
    return NotRead(f"`{key}` is told as {str(value)[:60]!r}, which says nothing")
