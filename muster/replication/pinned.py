"""What is wanted as JSON and back: a run pins it, whoever goes on with the run reads it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from muster.replication.wanted import Wanted

_WANTED: TypeAdapter[Wanted] = TypeAdapter(Wanted)


def to_data(wanted: Wanted) -> dict[str, Any]:
    """JSON values; spans as ISO 8601."""
    found: dict[str, Any] = _WANTED.dump_python(wanted, mode="json")
    return found


def from_data(data: Mapping[str, Any]) -> Wanted:
    """The same again; raises pydantic's ValidationError for what `to_data` did not write."""
    return _WANTED.validate_python(data)
