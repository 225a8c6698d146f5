"""Small readings of Azure's JSON: instants with sentinels, texts that say "None", spans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from muster.gateway.values import Json, Resource

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?\s*(Z|z|[+-]\d\d:?\d\d)?"
)
_FIRST_REAL_YEAR, _LAST_REAL_YEAR = 1971, 9998  # Azure says "never" with 0001, 1601, 1753 and 9999


def instant(text: object) -> datetime | None:
    """An instant as Azure writes it, aware and in UTC; None for a sentinel or no instant at all.

    Takes up to 7 fraction digits (cut to microseconds), dropped zeros, a missing Z (read as UTC)
    and offsets.
    """
    if isinstance(text, datetime):
        text = text.isoformat()
    found = _INSTANT.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None or not _FIRST_REAL_YEAR <= int(found[1]) <= _LAST_REAL_YEAR:
        return None
    micros = int((found[7] or "0")[:6].ljust(6, "0"))
    parts = [int(found[at]) for at in range(1, 7)]
    try:
        read = datetime(*parts, micros, tzinfo=_zone(found[8]))  # type: ignore[misc, arg-type]
    except ValueError:
        return None  # a 13th month: as good as no instant
    return read.astimezone(UTC)


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def text_or_none(value: object) -> str | None:
    """A text; None for null, for "" and for the text "None" that Azure writes instead."""
    text = text_of(value)
    return None if text.casefold() in {"", "none"} else text


def text_of(value: object) -> str:
    """A text; "" for null, and for an object or a list, which are no text."""
    return "" if value is None or isinstance(value, Mapping | list | tuple) else str(value)


def seconds(value: object) -> timedelta | None:
    """A span from a number of seconds; None for what is no number, true and false among it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return timedelta(seconds=float(value))


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one: Azure sends null for many."""
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; none for null."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list; none for null."""
    return tuple(str(part) for part in value) if isinstance(value, list | tuple) else ()


def ids(values: Iterable[object]) -> tuple[str, ...]:
    """The ids among values that may be null."""
    return tuple(told for value in values if (told := text_of(value)))


def id_at(parent: Json, key: str) -> str | None:
    """The id of what an object refers to under a key."""
    return text_or_none(mapping(parent.get(key)).get("id"))


def parse_resource(raw: Json) -> Resource:
    """Any ARM resource; `tags` and `properties` are empty where Azure sends null."""
    return Resource(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        type=text_of(raw.get("type")),
        location=text_or_none(raw.get("location")),
        tags={str(key): str(value) for key, value in mapping(raw.get("tags")).items()},
        properties=mapping(raw.get("properties")),
        raw=raw,
    )
