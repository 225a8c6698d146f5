"""What is judged by name, told apart where two bear one name: neither may hide the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from muster.gateway.ids import key_of, last_of

One = TypeVar("One")


def by_name(found: Iterable[tuple[str, One]]) -> Mapping[str, One]:
    """Things by the last part of their id; those that share it, by the whole id.

    Names are Azure's: `Keep` and `keep` are one. A name is one within its parent only, so locks
    of two scopes, accounts of two groups and zones of two groups may well bear the same.
    """
    rows = list({key_of(arm_id): (arm_id, one) for arm_id, one in found}.values())
    bearers = Counter(last_of(arm_id).casefold() for arm_id, _ in rows)
    return {
        arm_id if bearers[last_of(arm_id).casefold()] > 1 else last_of(arm_id): one
        for arm_id, one in rows
    }
