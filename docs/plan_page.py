"""docs/reference/plan.md: every key of a plan, from the schema that editors complete from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from docs.tables import generated, table
from docs.words import words
from muster.plan.schema import plan_schema

Schema = Mapping[str, Any]

_NAME = "A name, or a full ARM id."


@cache
def _schema() -> Schema:
    return plan_schema()


def plan_page() -> str:
    schema = _schema()
    lines = generated("Recovery plans", "plan")
    for name, section in words("plan").items():
        definition = definition_of(schema, name)
        lines += ["", f"## {section['title']}", "", *_about(name, definition)]
        lines += _rows(definition, section["keys"])
    return "\n".join(lines) + "\n"


def definition_of(schema: Schema, name: str) -> Schema:
    """A definition of the schema; `plan` is the file itself."""
    return schema if name == "plan" else schema["$defs"][name]


def _about(name: str, definition: Schema) -> list[str]:
    text = definition.get("description", "")
    return [text, ""] if text and name != "plan" else []


def _rows(definition: Schema, said: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    required = set(definition.get("required", ()))
    rows = []
    for key, value in definition["properties"].items():
        meaning = said[key]["meaning"] or str(value.get("description", ""))
        default = "required" if key in required else _default(value)
        rows.append((f"`{key}`", _type(value), default, meaning, f"`{said[key]['example']}`"))
    return table(("key", "type", "default", "meaning", "example"), rows)


def _default(value: Schema) -> str:
    if "default" not in value:
        return "optional"
    default = value["default"]
    if isinstance(default, dict):
        return "as below"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if default not in ([], "") else "none"


def _type(value: Schema) -> str:
    if "$ref" in value:
        return _linked(value["$ref"].rpartition("/")[2])
    if "anyOf" in value:
        return " or ".join(_type(one) for one in value["anyOf"])
    if "enum" in value:
        return ", ".join(
            dict.fromkeys(f"`{one}`" for one in value["enum"])
        )  # "1" and 1 read alike
    match value.get("type"):
        case "array":
            return f"list of {_type(value['items'])}"
        case "integer":
            return f"{value['minimum']} to {value['maximum']}"
        case "boolean":
            return "`true`, `false`"
        case "object":
            return "texts by name"
        case _:
            return _text(value)


def _text(value: Schema) -> str:
    if "1h30m" in value.get("examples", ()):
        return "duration"
    return "name or ARM id" if value.get("description") == _NAME else "text"


def _linked(name: str) -> str:
    sections = words("plan")
    if name in sections:
        return f"[{name}](#{anchor(sections[name]['title'])})"
    return ", ".join(f"`{one}`" for one in _schema()["$defs"][name]["enum"])


def anchor(heading: str) -> str:
    """The anchor that a heading gets on GitHub."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " _-")
    return kept.replace(" ", "-")
