"""What Microsoft documents, as data: each row with its source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

UNCERTAIN = "UNCERTAIN"


@cache
def table(name: str) -> Mapping[str, Any]:
    """A table by its name: `support`, `outbound`, `systems`."""
    path = Path(__file__).with_name(f"{name}.yaml")
    read: Mapping[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return read


def source_of(name: str, rests: str) -> str:
    """What the short word in a row's `rests` stands for; UNCERTAIN stands for itself."""
    sources: Mapping[str, str] = table(name)["sources"]
    return sources.get(rests, rests)
