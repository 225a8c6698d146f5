"""Spans as people write them: `45m`, `4h`, `1h30m`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_PATTERN = re.compile(r"(?:([0-9]{1,4})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,7})s)?")
_LONGEST = timedelta(days=366)


def parse_duration(value: Any) -> timedelta:
    """Read a span.

    Raises:
        PydanticCustomError: PLAN-020 (not a span), PLAN-021 (negative), PLAN-022 (over a year).
    """
    if isinstance(value, timedelta):
        span = value
    elif isinstance(value, str) and value.startswith("-"):
        raise PydanticCustomError(
            "PLAN-021", "a duration cannot be negative: '{text}'", {"text": value[:40]}
        )
    elif isinstance(value, str) and value and (found := _PATTERN.fullmatch(value)):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    else:
        raise PydanticCustomError(
            "PLAN-020",
            "'{text}' is not a duration",
            {"text": str(value)[:40]},
        )
    if span < timedelta():
        raise PydanticCustomError(
            "PLAN-021", "a duration cannot be negative: '{text}'", {"text": str(value)[:40]}
        )
    if span > _LONGEST:
        raise PydanticCustomError(
            "PLAN-022", "'{text}' is longer than a year", {"text": str(value)[:40]}
        )
    return span


def format_duration(span: timedelta) -> str:
    """Write a span the way a plan does: the largest units first, nothing that is zero."""
    left = int(span.total_seconds())
    if left == 0:
        return "0s"
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$",
            "minLength": 2,
            "examples": ["45m", "4h", "1h30m"],
        }
    ),
]
"""A span of time.

A plan's canonical form writes it by its largest units, so 60m and 1h are the same plan.
"""
