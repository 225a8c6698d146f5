"""Pydantic's errors in our words: line, stable code, hint. What a variable gave is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from muster.plan.codes import CODES
from muster.plan.findings import Findings
from muster.plan.forms import form_of
from muster.plan.lines import Mapping, Node, Place, Scalar, locate
from muster.plan.lines import Sequence as ListNode

_BY_TYPE = {
    "missing": "PLAN-060",
    "extra_forbidden": "PLAN-061",
    "string_pattern_mismatch": "PLAN-063",
    "literal_error": "PLAN-065",
    "enum": "PLAN-065",
    **dict.fromkeys(
        (
            "string_too_short",
            "string_too_long",
            "too_short",
            "too_long",
            "greater_than",
            "greater_than_equal",
            "less_than",
            "less_than_equal",
        ),
        "PLAN-064",
    ),
}
_WRONG_TYPE = "PLAN-062"  # every other error of pydantic is about a type
_WANTED = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}


class _Error(NamedTuple):
    place: Place
    type: str
    loc: tuple[str | int, ...]
    message: str
    context: dict[str, Any]


def note_faults(error: ValidationError, root: Mapping, findings: Findings) -> None:
    """Note every error of a validation at its place in the file."""
    errors = [
        _Error(locate(root, one["loc"]), one["type"], one["loc"], one["msg"], one.get("ctx", {}))
        for one in error.errors(include_url=False, include_input=False)
    ]
    for one in errors:
        node = one.place.node
        if isinstance(node, Scalar) and not node.known:
            continue  # a variable is not set, or an alias was refused: already noted
        if not _is_noise(one, errors):
            _note(one, findings)


def _is_noise(one: _Error, errors: Sequence[_Error]) -> bool:
    """What another error says already: a list counts only its valid items, and a union (a word or
    a list, as `egress`) also reports the branch that was not meant.
    """
    if one.type == "too_short" and any(
        other.loc[:-1][: len(one.loc)] == one.loc for other in errors
    ):
        return True
    if not one.place.skipped or one.type in ("missing", "extra_forbidden"):
        return False
    if one.type == "literal_error":
        return isinstance(one.place.node, ListNode)
    is_scalar = isinstance(one.place.node, Scalar)
    return is_scalar and any(
        other.type == "literal_error" and other.place.path == one.place.path for other in errors
    )


def _note(one: _Error, findings: Findings) -> None:
    place, path = one.place, one.place.path
    code = one.type if one.type in CODES else _BY_TYPE.get(one.type, _WRONG_TYPE)
    if isinstance(place.node, Scalar) and place.node.masked:
        message = f"`{path}`: {CODES[code].title} comes out of {place.node.shown}"
        findings.problem(place.line, code, message)
    elif one.type == "missing":
        key = str(one.loc[-1])
        findings.problem(place.line, code, f"`{_joined(path, key)}` is missing")
    elif one.type == "extra_forbidden":
        key = str(one.loc[-1])
        close = findings.suggestion(key, _keys_at(one.loc[:-1]))
        findings.problem(place.key_line, code, f"unknown key `{path}`{close}")
    elif one.type in CODES:
        findings.problem(place.line, code, f"`{path}`: {one.message}" if path else one.message)
    else:
        findings.problem(place.line, code, f"`{path}` {_should(one)}")


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _should(one: _Error) -> str:
    if wanted := _WANTED.get(one.type):
        return f"should be {wanted}, found {_found(one.place.node)}"
    if one.type == "string_pattern_mismatch" and (form := form_of(one.place.path, _shown(one))):
        return form
    words = one.message.replace("Input should", "should").replace("String should", "should")
    words = words.replace("Tuple should", "should").replace("Value should", "should")
    return words[0].lower() + words[1:]


def _shown(one: _Error) -> str:
    node = one.place.node
    return node.shown if isinstance(node, Scalar) else ""


def _found(node: Node) -> str:
    match node:
        case Mapping():
            return "a mapping"
        case ListNode():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return f"the truth value {node.shown}"
        case Scalar(value=int() | float()):
            return f"the number {node.shown[:40]}"
        case _:
            return "a text"


def _keys_at(loc: Sequence[str | int]) -> list[str]:
    """Keys that the model has at a path, from its schema; none if the path leads elsewhere."""
    schema = _schema()
    at: dict[str, Any] = schema
    for part in loc:
        at = _mapping_of(at, schema)
        at = (
            at.get("items", {})
            if isinstance(part, int)
            else at.get("properties", {}).get(part, {})
        )
    return list(_mapping_of(at, schema).get("properties", {}))


@cache
def _schema() -> dict[str, Any]:
    from muster.plan.model import RecoveryPlan  # late: only for a plan with an unknown key

    return RecoveryPlan.model_json_schema()


def _mapping_of(at: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Follow references, and of alternatives take the one that has parts."""
    while "$ref" in at:
        at = schema["$defs"][at["$ref"].rpartition("/")[2]]
    for branch in at.get("anyOf", ()):
        inner = _mapping_of(branch, schema)
        if "properties" in inner or "items" in inner:
            return inner
    return at
