"""What a row of the page is made of: short keys, bounded texts, and looking into foreign bodies.

All names and tags were written by clients: they may be of any length and hold anything. They are
cut here and escaped by the page, which puts text into nodes and never into markup.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2s
from typing import Any

from muster.simulator.arm.ids import name_of

LONGEST_TEXT = 160  # characters; ARM's own names end at 80 or before


def text(value: Any) -> str:
    """A value as text, cut to what fits a line or two."""
    told = value if isinstance(value, str) else "" if value is None else str(value)
    return told if len(told) <= LONGEST_TEXT else told[: LONGEST_TEXT - 1] + "…"


def name(arm_id: Any) -> str:
    """The last segment of an id; "" of what is none."""
    return text(name_of(arm_id)) if isinstance(arm_id, str) else ""


@lru_cache(maxsize=16_384)
def key(arm_id: str) -> str:
    """A short key for an ARM id, whatever its casing: twelve hexadecimal digits."""
    return blake2s(arm_id.rstrip("/").lower().encode(), digest_size=6).hexdigest()


def dig(body: Any, *path: str | int) -> Any:
    """What lies at a path in JSON; None where the way ends, for clients write what they like."""
    for step in path:
        if isinstance(step, str):
            body = body.get(step) if isinstance(body, dict) else None
        else:
            body = body[step] if isinstance(body, list) and len(body) > step else None
    return body


def rows(body: Any, *path: str | int) -> list[Any]:
    """The objects of a list at a path; none where there is no list."""
    found = dig(body, *path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
