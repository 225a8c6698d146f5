"""Words that no code holds: meanings, examples, levels of evidence; one YAML file per page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@cache
def words(page: str) -> Any:
    """The words of one page, as plain values."""
    path = Path(__file__).with_name(f"{page}.yaml")
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
