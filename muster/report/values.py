"""Reading what events carry without trusting its shape: a report must come out of any journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from muster.journal.events import instant_text

_FIRST_REAL_YEAR = 2000  # Azure writes years 1 and 1753 where there is no instant


def text(value: Any) -> str | None:
    """A string that says something, else None."""
    if value is None or isinstance(value, Mapping | list | tuple | bool):
        return None
    return str(value) or None


def number(value: Any) -> float | None:
    """A number that is one, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if value == value and abs(value) != float("inf") else None


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping, empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list; what is no list, or no mapping in it, is left out."""
    return [entry for entry in value if isinstance(entry, Mapping)] if _is_list(value) else []


def texts(value: Any) -> list[str]:
    """The strings of a list."""
    return [said for entry in value if (said := text(entry))] if _is_list(value) else []


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def instant(value: Any) -> datetime | None:
    """An aware instant in UTC; None for nothing, nonsense and Azure's sentinel dates."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware if aware.year >= _FIRST_REAL_YEAR else None


def iso(value: datetime | None) -> str | None:
    """An instant as the record writes it."""
    return None if value is None else instant_text(value)


def seconds(span: timedelta | None) -> float | None:
    """A span as the record writes it: seconds, to the millisecond."""
    return None if span is None else round(span.total_seconds(), 3)


def seqs(*groups: int | Iterable[int | None] | None) -> list[int]:
    """Sequence numbers of events, each once, in order; None is left out."""
    found: set[int] = set()
    for group in groups:
        members = [group] if group is None or isinstance(group, int) else group
        found.update(seq for seq in members if seq is not None)
    return sorted(found)


def find_key(value: Any, key: str) -> list[Any]:
    """Every value under a key, at any depth of a JSON value; keys compare without case."""
    found: list[Any] = []
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if str(name).casefold() == key.casefold():
                found.append(inner)
            found += find_key(inner, key)
    elif _is_list(value):
        for inner in value:
            found += find_key(inner, key)
    return found


def last_segment(arm_id: str | None) -> str | None:
    """The name at the end of an ARM id."""
    return arm_id.rstrip("/").rpartition("/")[2] if arm_id else None
