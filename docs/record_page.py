"""docs/reference/record.md: every field of record.json, from its published schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.tables import generated, table
from docs.words import words

SCHEMA = Path(__file__).parents[1] / "muster" / "report" / "record.schema.json"
Schema = Mapping[str, Any]


def record_page() -> str:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    said = words("record")
    lines = [*generated("record.json", "record"), ""]
    rows = (
        (f"`{key}`", _type(value), said[key], ", ".join(f"`{k}`" for k in _inside(schema, value)))
        for key, value in schema["properties"].items()
    )
    lines += table(("field", "type", "what it says", "holds"), rows)
    for name, definition in schema["$defs"].items():
        if definition.get("type") == "object":
            about = [definition["description"], ""] if "description" in definition else []
            lines += ["", f"## {name}", "", *about, *_fields(schema, definition)]
    return "\n".join(lines) + "\n"


def _fields(schema: Schema, definition: Schema) -> Iterator[str]:
    rows = (
        (
            f"`{key}`",
            _type(value),
            ", ".join(f"`{k}`" for k in _inside(schema, value)) or value.get("description", ""),
        )
        for key, value in definition["properties"].items()
    )
    return table(("field", "type", "holds"), rows)


def _type(value: Schema) -> str:
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return name if name in ("instant", "evidence") else f"[{name}](#{name})"
    if "oneOf" in value:
        return " or ".join(_type(one) for one in value["oneOf"])
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join("null" if one is None else f"`{one}`" for one in value["enum"])
    kind = value.get("type", "any")
    if kind == "array":
        return f"list of {_type(value['items'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _inside(schema: Schema, value: Schema) -> list[str]:
    """Keys of an object that has no section of its own, or of the objects of a list."""
    if "oneOf" in value:
        return [key for one in value["oneOf"] for key in _inside(schema, one)]
    if value.get("type") == "array":
        return _inside(schema, value["items"])
    return list(value.get("properties", ()))
