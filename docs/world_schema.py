"""The world file's schema: the model's, with the words of the reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from docs.simulator_page import PARTS
from docs.words import words
from muster.simulator.worlds.schema import ONLY_THE_LOADER, ROOT, SCHEMA_FILE, world_schema

ABOUT = (
    "The simulated Azure that plans are rehearsed in. `muster simulate` judges more than this: "
)


def described() -> dict[str, Any]:
    """The schema with a description of every key."""
    schema = world_schema()
    for name, said in meanings().items():
        definition = schema if name == ROOT else schema["$defs"][name]
        for key, value in definition["properties"].items():
            value["description"] = said[key]
    about = ABOUT + "; ".join(ONLY_THE_LOADER) + "."
    return {"$schema": schema.pop("$schema"), "title": schema.pop("title"), "description": about,
            **schema}  # fmt: skip


def meanings() -> Mapping[str, Mapping[str, str]]:
    """Definition -> key -> what it means."""
    tables = words("simulator")
    shown = {
        model.__name__: {key: meaning for key, (meaning, _) in tables[part].items()}
        for part, _, model in PARTS
    }
    return {**shown, **words("world")}


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(described(), indent=2, ensure_ascii=False) + "\n"


def write_schema() -> None:
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
