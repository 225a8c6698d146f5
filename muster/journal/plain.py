"""Values as a journal can hold them: JSON that RFC 8785 carries there and back unchanged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from muster.errors import JournalError
from muster.journal.events import instant_text

LARGEST = 2**53 - 1
"""Beyond it a JSON number is not exact (RFC 8785 §3.2.2.3, RFC 7493 §2.2)."""


def plain(value: object, place: str = "data") -> Any:
    """The value in JSON's own types.

    Instants become ISO 8601 UTC, spans seconds, enums their value, sets sorted lists, whole
    numbers beyond 2^53 text (Azure sends some), lone surrogates U+FFFD.

    Raises:
        JournalError: JRN-006, with the place: not a number, a number too large, an instant without
            a zone, or a type of no kind.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value, place)
        case Mapping():
            return {_key(key, place): plain(item, f"{place}.{key}") for key, item in value.items()}
        case list() | tuple():
            return [plain(item, f"{place}[{n}]") for n, item in enumerate(value)]
        case set() | frozenset():
            return sorted((plain(item, place) for item in value), key=str)
        case _:
            return _scalar(value, place)


def _scalar(value: object, place: str) -> str | int | float:
    match value:
        case str() | UUID() | PurePath():
            return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case int():
            return int(value) if abs(value) <= LARGEST else str(int(value))
        case float():
            return _number(value, place)
        case timedelta():
            return _number(value.total_seconds(), place)
        case datetime():
            return _instant(value, place)
        case _:
            raise _refused(f"{place} is a {type(value).__name__}, which JSON cannot hold")


def _key(key: object, place: str) -> str:
    text = plain(key, place)
    if isinstance(text, str):
        return text
    raise _refused(f"{place} has a key {key!r} that is no text")


def _number(value: float, place: str) -> int | float:
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise _refused(f"{place} is {value}, a number that canonical JSON cannot carry")
    return int(value) if value.is_integer() else value


def _instant(value: datetime, place: str) -> str:
    if value.tzinfo is None:
        raise _refused(f"{place} is {value}, an instant without a time zone")
    return instant_text(value)


def _refused(message: str) -> JournalError:
    return JournalError(
        message, code="JRN-006", hint="Please report this: an event must be made of JSON values."
    )
