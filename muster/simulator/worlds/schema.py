"""The JSON Schema of a world file, worked out from the model; `world.schema.json` is what it says.

The file beside this module also carries the words of the reference: `python -m docs.generate`
writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from muster.simulator.identity.builtin_roles import BY_NAME
from muster.simulator.worlds.facts import SPAN
from muster.simulator.worlds.model import WorldFacts

SCHEMA_FILE = Path(__file__).with_name("world.schema.json")
ROOT = "WorldFacts"
"""Name of the whole file's definition, which stands at the top."""

ONLY_THE_LOADER = (
    "names: doubled ones, and references to what is not there: groups, networks, subnets, VMs, "
    "roles, identities",
    "place: subnets outside their network's ranges, ranges and subnets that overlap, a range's "
    "host bits, addresses outside their subnet, taken or kept by Azure, VMs, networks and vaults "
    "in regions that do not go together",
    "types of `resources` and what Azure would refuse of them, fields of a policy's `rule`, names "
    "of quotas, certificates that are none",
    "YAML: doubled keys, tags, size, depth, numbers of more than 18 digits, 5.0 for a whole one",
    "spans of more than ten years in days or hours",
)
"""What a schema cannot say, for people; the tests name each kind of it too."""

_ARM_ID = "^/subscriptions/"
_GROUP = "".join(f"[{c.lower()}{c.upper()}]" for c in "resourcegroups")
_SCOPE = rf"^$|{_ARM_ID}|^/{_GROUP}/[^/]"
_PATTERNS: Mapping[tuple[str, str], str] = {
    ("Assignment", "scope"): rf"{_SCOPE}|^/$",
    ("LockFacts", "scope"): _SCOPE,
    ("PolicyAssignmentFacts", "scope"): _SCOPE,
    ("PolicyAssignmentFacts", "not_scopes"): _SCOPE,
    ("PolicyAssignmentFacts", "exempt"): _SCOPE,
    ("OwnTestSettings", "network"): _ARM_ID,
    ("OwnTestSettings", "public_ip"): _ARM_ID,
    ("OwnTestSettings", "security_group"): _ARM_ID,
    ("IdentityFacts", "certificates"): (
        r"^[0-9A-Fa-f]{40}$|^[0-9A-Fa-f]{64}$|-----BEGIN CERTIFICATE-----"
    ),
}
"""What checks of a whole world ask of single texts: definition and key -> pattern."""


def world_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a world file as people write it.

    What takes more than one place to judge is the loader's matter: `ONLY_THE_LOADER`.
    """
    schema = WorldFacts.model_json_schema(by_alias=True, mode="validation")
    definitions = {ROOT: schema, **schema["$defs"]}
    for name, definition in definitions.items():
        for key, value in definition["properties"].items():
            _as_people_write(value)
            if (name, key) in _PATTERNS:
                _text_of(value)["pattern"] = _PATTERNS[name, key]
        definition.pop("title", None)
        definition.pop("description", None)  # those of the code are for programmers
    _only_these_names(definitions)
    definitions["IdentityFacts"]["oneOf"] = _ways_to_sign_in()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "World", **schema}


def _as_people_write(value: dict[str, Any]) -> None:
    """Without the model's own titles; defaults of spans like 40s, of other parts as theirs are."""
    value.pop("title", None)
    default = value.get("default")
    if default is None or isinstance(default, dict):
        value.pop("default", None)
    elif isinstance(default, float) and SPAN in str(value).replace("\\\\", "\\"):
        value["default"] = _span(default)


def _span(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _text_of(value: dict[str, Any]) -> dict[str, Any]:
    """The part of a key's schema that is about its text: itself, an item, or what is not null."""
    if "items" in value:
        return _text_of(value["items"])
    forms: list[dict[str, Any]] = value.get("anyOf", [value])
    return next(one for one in forms if one.get("type") == "string")


def _only_these_names(definitions: Mapping[str, dict[str, Any]]) -> None:
    """Names that the file makes up: subnets are named as VMs are, roles not as built-in ones."""
    for key in ("subnets", "security_groups"):
        definitions["NetworkFacts"]["properties"][key]["additionalProperties"] = False
    built_in = {"not": {"enum": sorted(BY_NAME)}}
    definitions[ROOT]["properties"]["roles"]["propertyNames"] = built_in


def _ways_to_sign_in() -> list[dict[str, Any]]:
    """Exactly one: an own secret or certificate, or being a managed identity."""
    return [
        {
            "anyOf": [
                {"required": ["secret"], "properties": {"secret": {"type": "string"}}},
                {"required": ["certificates"], "properties": {"certificates": {"minItems": 1}}},
            ]
        },
        {"required": ["managed"], "properties": {"managed": {"type": "object"}}},
    ]
