"""Looking at the raw text of a world file, whatever it holds: what has the wrong type is left out.

The model reports wrong types; the checks between parts only look at what can be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Any

from muster.simulator.worlds.lines import Loc

Mistake = tuple[Loc, str]
Raw = dict[str, Any]


def entries(raw: Any, key: str) -> list[tuple[int, Raw]]:
    """The mappings of a list, with their places; anything else is for the model to report."""
    values = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(values, list):
        return []
    return [(n, value) for n, value in enumerate(values) if isinstance(value, dict)]


def named(raw: Raw, key: str) -> dict[str, Raw]:
    """The mappings of a list by their names."""
    return {
        value["name"]: value
        for _, value in entries(raw, key)
        if isinstance(value.get("name"), str)
    }


def names(raw: Raw, key: str) -> set[Any]:
    return set(named(raw, key))


def doubled(
    found: list[tuple[int, Raw]], above: Loc, key: str, *, within: str = ""
) -> Iterator[Mistake]:
    """Entries whose `key` another has already (in the same `within`); case does not matter."""
    seen: set[tuple[str, str]] = set()
    for n, entry in found:
        name = entry.get(key)
        if not isinstance(name, str):
            continue
        place = (str(entry.get(within)) if within else "", name.lower())
        if place in seen:
            yield (*above, n, key), f"'{name}' is there twice"
        seen.add(place)


def lacks(value: Any, known: set[Any]) -> bool:
    """Whether a value is a name that nothing has."""
    return isinstance(value, str) and value not in known


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_dict(value: Any) -> Raw:
    return value if isinstance(value, dict) else {}


def as_range(value: Any) -> IPv4Network | None:
    try:
        return IPv4Network(value) if isinstance(value, str) else None
    except (AddressValueError, NetmaskValueError, ValueError, TypeError):
        return None


def as_address(value: Any) -> IPv4Address | None:
    try:
        return IPv4Address(value) if isinstance(value, str) else None
    except (AddressValueError, ValueError, TypeError):
        return None
