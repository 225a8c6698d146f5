"""Raw JSON, the simulator's wire and storage format."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

_UNCHANGING = frozenset({str, int, float, bool, type(None)})


def copied(value: Any) -> Any:
    """A copy that shares no object or list with its original: `copy.deepcopy` of JSON.

    That keeps account of every value it met, which takes five times as long. What stands in two
    places of the original stands in each by itself in the copy, as it would on the wire.
    """
    kind = type(value)
    if kind is dict:
        return {key: copied(each) for key, each in value.items()}
    if kind is list:
        return [copied(each) for each in value]
    return value if kind in _UNCHANGING else copy.deepcopy(value)
