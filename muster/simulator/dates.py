"""Instants as the different parts of Azure write them (FACTS 1.7, 1.10, 12)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

NO_SCENARIO = "1753-01-01T01:01:01Z"  # "never" in currentScenario
NO_TASK = "0001-01-01T00:00:00"  # "never" in tasks; really without a Z
NO_EXPIRY = "9999-12-31T23:59:59.9999999"


def ticks(seconds: float) -> str:
    """Up to seven fraction digits, trailing zeros dropped, as .NET and Site Recovery write."""
    fraction = f"{int(seconds * 10_000_000) % 10_000_000:07d}".rstrip("0")
    return f"{_calendar(seconds)}.{fraction}Z" if fraction else f"{_calendar(seconds)}Z"


def whole(seconds: float) -> str:
    """Whole seconds, as a job's endTime."""
    return f"{_calendar(seconds)}Z"


def operation_start(seconds: float) -> str:
    """Always seven fraction digits [CLI]; jobs drop zeros at the end."""
    return f"{_calendar(seconds)}.{int(seconds * 10_000_000) % 10_000_000:07d}Z"


def operation_end(seconds: float) -> str:
    """Whole seconds with seven zeros: an operation's endTime can lie before its startTime."""
    return f"{_calendar(seconds)}.0000000Z"


def offset(seconds: float) -> str:
    """With an offset in place of the Z, as Compute [CLI] and Automation [SPEC] write."""
    return f"{ticks(seconds)[:-1]}+00:00"


def http_date(seconds: float) -> str:
    """The form of the `Date` header."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def instant(text: str) -> float:
    """Seconds since 1970 of a written instant, with up to seven fraction digits.

    Without an offset it is UTC. Raises: ValueError.
    """
    head, dot, rest = text.strip().replace("Z", "+00:00").partition(".")
    digits = re.match(r"\d*", rest)
    fraction = digits[0] if digits else ""
    found = datetime.fromisoformat(head + rest[len(fraction) :])
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.timestamp() + (float(f"0.{fraction}") if dot and fraction else 0.0)


def _calendar(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S")
