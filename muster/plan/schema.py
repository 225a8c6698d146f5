"""The plan's JSON Schema, for editors: `recovery_plans/schema.json` comes from the model."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from muster.plan.checks import type_names
from muster.plan.durations import format_duration
from muster.plan.model import RecoveryPlan

SCHEMA_FILE = Path("recovery_plans") / "schema.json"
_ISO_SPAN = re.compile(r"-?P(T?[0-9])")  # pydantic writes defaults of spans so
_ONE_OF = {  # definition -> keys of which exactly one is written
    "Action": ("runbook", "run_command", "manual", "wait"),
    "Check": type_names,
    "DrillNetwork": ("create", "use"),
}


def plan_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a plan file as people write it.

    What takes more than one key to judge (circles, doubled VMs, scripts) is the loader's matter.
    """
    schema = RecoveryPlan.model_json_schema(by_alias=True, mode="validation")
    for definition in (schema, *schema["$defs"].values()):
        _without_null(definition)
    _as_people_write(schema)
    for name, kinds in _ONE_OF.items():
        definition = schema["$defs"][name]
        definition["oneOf"] = [{"required": [kind]} for kind in kinds]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Muster recovery plan",
        "description": "A recovery plan. In texts, ${NAME} is replaced from the environment.",
    }


def _without_null(definition: dict[str, Any]) -> None:
    """An optional key is left out, not written as null: better completion, shorter messages."""
    for key, value in definition.get("properties", {}).items():
        branches = value.get("anyOf", [])
        real = [branch for branch in branches if branch != {"type": "null"}]
        if real and len(real) < len(branches):
            rest = {name: one for name, one in value.items() if name != "anyOf"}
            if rest.get("default", ...) is None:
                del rest["default"]
            kept = real[0] if len(real) == 1 else {"anyOf": real}
            definition["properties"][key] = {**kept, **rest}


def _as_people_write(node: Any) -> None:
    """Permit `${NAME}` where a text of a certain form is wanted; defaults like 30m, not PT30M."""
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            node["pattern"] = rf"{node['pattern']}|\$\{{"
        if "default" in node:
            node["default"] = _default(node["default"])
        for value in node.values():
            _as_people_write(value)
    elif isinstance(node, list):
        for value in node:
            _as_people_write(value)


def _default(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _default(one) for key, one in value.items()}
    if isinstance(value, str) and _ISO_SPAN.match(value):
        return format_duration(TypeAdapter(timedelta).validate_python(value))
    return value


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema(path: Path = SCHEMA_FILE) -> None:
    """Write the schema file."""
    path.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    write_schema()
