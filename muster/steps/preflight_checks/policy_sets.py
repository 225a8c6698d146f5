"""Initiatives (policy sets): what an assigned one comes down to, definition by definition. Pure.

https://learn.microsoft.com/azure/governance/policy/concepts/initiative-definition-structure
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.policy_expressions import Unsolved
from muster.steps.preflight_checks.policy_reach import is_among, place_is_among
from muster.steps.preflight_checks.policy_rules import valued

SET = "/policysetdefinitions/"
_NOT_KNOWN = "[overridden where nobody can tell from here]"


@dataclass(frozen=True, slots=True)
class Assigned:
    """A definition as an assignment applies it; None: its rules cannot be read from here."""

    name: str  # among those of its set; "" for one that is assigned by itself
    parameters: Json
    definition: Json | None


def assigned_by(
    assignment: Json, definitions: Mapping[str, Json], location: str
) -> Iterator[Assigned]:
    """Every definition that an assignment applies: its own, or each of its set's.

    Args:
        assignment: The assignment's `properties`.
        definitions: Bodies of definitions and sets, by id, those that could be read.
        location: The region of what would be made: an effect may be another one there.
    """
    known = {key_of(arm_id): body for arm_id, body in definitions.items()}
    root_id = text_of(assignment.get("policyDefinitionId"))
    root = mapping(known.get(key_of(root_id), {}).get("properties"))
    if not root or SET not in key_of(root_id):
        changed = _overridden(root, assignment, "", location) if root else None
        yield Assigned("", mapping(assignment.get("parameters")), changed)
        return
    given = parameters_of(assignment, root)
    for member in members_of(root):
        arm_id = text_of(member.get("policyDefinitionId"))
        name = text_of(member.get("policyDefinitionReferenceId") or arm_id.rpartition("/")[2])
        body = mapping(known.get(key_of(arm_id), {}).get("properties"))
        parameters = _passed_on(member, given)
        if not body or parameters is None:
            yield Assigned(name, {}, None)
        else:
            yield Assigned(name, parameters, _overridden(body, assignment, name, location))


def members_of(definition_set: Json) -> list[Json]:
    """The rows of a set's `properties` that name its definitions."""
    return list(rows(definition_set.get("policyDefinitions")))


def parameters_of(assignment: Json, definition: Json) -> Mapping[str, Any]:
    """Values by parameter: as assigned, else as the definition or set has them by default."""
    told = {
        name: mapping(said)["defaultValue"]
        for name, said in mapping(definition.get("parameters")).items()
        if "defaultValue" in mapping(said)
    }
    return told | {
        name: mapping(said).get("value")
        for name, said in mapping(assignment.get("parameters")).items()
    }


def _passed_on(member: Json, given: Mapping[str, Any]) -> Json | None:
    """What a set hands to one of its definitions; None where it works a value out."""
    try:
        return {
            name: {"value": valued(mapping(said).get("value"), given)}
            for name, said in mapping(member.get("parameters")).items()
        }
    except Unsolved:
        return None


def _overridden(definition: Json, assignment: Json, name: str, location: str) -> Json:
    """A definition with the effect that the assignment puts in place of its own, if it does."""
    for one in rows(assignment.get("overrides")):
        if text_of(one.get("kind")).casefold() != "policyeffect":
            continue
        concerned = [
            _is_meant(selector, name, location) for selector in rows(one.get("selectors"))
        ]
        if False in concerned:
            continue
        effect = _NOT_KNOWN if None in concerned else one.get("value")
        rule = mapping(definition.get("policyRule"))
        then = {**mapping(rule.get("then")), "effect": effect}
        return {**definition, "policyRule": {**rule, "then": then}}
    return definition


def _is_meant(selector: Json, name: str, location: str) -> bool | None:
    """Whether a selector means a definition of a set; None where it asks for something else."""
    kind = text_of(selector.get("kind")).casefold()
    if kind == "resourcelocation":
        return place_is_among(location, selector)
    return is_among(name, selector) if kind == "policydefinitionreferenceid" else None
