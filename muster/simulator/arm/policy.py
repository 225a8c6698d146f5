"""Policies that deny: asked before every PUT and PATCH, and by services that write for others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from muster.simulator.arm import policy_rules
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import name_of
from muster.simulator.arm.types import KINDS
from muster.simulator.call import Call
from muster.simulator.dates import instant
from muster.simulator.json_types import Json
from muster.simulator.regions import as_location
from muster.simulator.world import World

DEFINITIONS, ASSIGNMENTS = "policy_definitions", "policy_assignments"
EXEMPTIONS = "policy_exemptions"
"""Tables of the world: ARM bodies by lower-cased id."""
_EXEMPTION = "/providers/microsoft.authorization/policyexemptions/"
_GROUP = "microsoft.resources/subscriptions/resourcegroups"


def demand_allowed(world: World, body: Json) -> None:
    """Refuse a resource that an assigned policy denies.

    `body` is the whole resource as it would be: id, type, name, location, tags, sku, properties.
    Services that write in a group of the customer ask this too: Azure judges what Site Recovery
    makes as it judges everybody's.

    Raises: AzureError 403 RequestDisallowedByPolicy, its body as in public refusals.
    """
    broken = list(_broken(world, body))
    if not broken:
        return
    named = [
        {
            "policyAssignment": {"name": _name(assignment), "id": assignment["id"]},
            "policyDefinition": {"name": _name(definition), "id": definition["id"]},
        }
        for assignment, definition, _ in broken
    ]
    raise AzureError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{body['name']}' was disallowed by policy. Policy identifiers: "
        f"'{json.dumps(named, separators=(',', ':'))}'.",
        target=body["name"],
        additionalInfo=[
            {"type": "PolicyViolation", "info": _info(assignment, definition, made)}
            for assignment, definition, made in broken
        ],
    )


def demand_write_allowed(call: Call) -> None:
    """`demand_allowed` for a request; what a PATCH leaves out is as it was."""
    if not call.world.table(ASSIGNMENTS) or not isinstance(call.body, dict):
        return
    target, given = call.target, call.body
    if not target.is_resource or target.namespace == "Microsoft.Authorization":
        return
    before = call.world.resource(target.path) or {}
    kept = before if call.method == "PATCH" else {}
    body: Json = {"id": target.path, "name": target.name, "type": target.type}
    for key in ("location", "tags", "sku", "kind"):
        body[key] = given.get(key) or kept.get(key)
    body["location"] = as_location(str(body["location"] or before.get("location") or "")) or None
    properties = given.get("properties")
    kept_properties = kept.get("properties") or {}
    body["properties"] = kept_properties | (properties if isinstance(properties, dict) else {})
    if not isinstance(body["tags"], dict):
        body["tags"] = {}
    demand_allowed(call.world, body)


def _broken(world: World, body: Json) -> Iterator[tuple[Json, Json, list[Any]]]:
    for assignment in world.table(ASSIGNMENTS).values():
        definition = world.table(DEFINITIONS).get(
            str(assignment["properties"]["policyDefinitionId"]).lower()
        )
        if definition is None or not _concerns(assignment, definition, body):
            continue
        if _is_exempt(world, assignment, body):
            continue
        rule = definition["properties"]["policyRule"]
        parameters = parameters_of(assignment, definition)
        effect = policy_rules.resolved(rule["then"]["effect"], parameters)
        if str(effect).lower() != "deny":
            continue
        made = policy_rules.evaluate(rule["if"], body, parameters)
        if made is not None:
            yield assignment, definition, made


def _concerns(assignment: Json, definition: Json, body: Json) -> bool:
    """Whether a resource lies where a policy is assigned, and is of those it judges.

    Mode `Indexed` judges only what has a location and tags: neither groups nor children.
    """
    properties, path = assignment["properties"], body["id"].lower() + "/"
    if properties.get("enforcementMode") == "DoNotEnforce":
        return False
    if not path.startswith(properties["scope"].lower().rstrip("/") + "/"):
        return False
    if any(path.startswith(str(s).lower().rstrip("/") + "/") for s in properties["notScopes"]):
        return False
    kind = body["type"].lower()
    if str(definition["properties"].get("mode")).lower() != "indexed":
        return True
    return kind != _GROUP and (kind not in KINDS or KINDS[kind].located)


def freed_scope(exemption_id: str) -> str:
    """What an exemption frees: its id without its own end, in small letters."""
    lowered = exemption_id.lower()
    return lowered[: lowered.rindex(_EXEMPTION)]


def _is_exempt(world: World, assignment: Json, body: Json) -> bool:
    """Whether an exemption that has not run out frees a resource from an assignment.

    One that names definitions of a set frees nothing: sets are not modelled.
    """
    path = body["id"].lower() + "/"
    for arm_id, exemption in world.table(EXEMPTIONS).items():
        told = exemption["properties"]
        is_about = str(told["policyAssignmentId"]).lower() == assignment["id"].lower()
        is_here = path.startswith(freed_scope(arm_id) + "/")
        ends = told.get("expiresOn")
        if (
            is_about and is_here and not told.get("policyDefinitionReferenceIds")
            and (ends is None or world.now < instant(ends))
        ):  # fmt: skip
            return True
    return False


def parameters_of(assignment: Json, definition: Json) -> Json:
    """The values of a policy's parameters: those assigned, else the defaults."""
    defaults = {
        name: facts.get("defaultValue")
        for name, facts in (definition["properties"].get("parameters") or {}).items()
    }
    given = assignment["properties"].get("parameters") or {}
    return defaults | {name: facts.get("value") for name, facts in given.items()}


def _info(assignment: Json, definition: Json, made: list[Any]) -> Json:
    properties = assignment["properties"]
    return {
        "evaluationDetails": {"evaluatedExpressions": [each.told() for each in made]},
        "policyDefinitionId": definition["id"],
        "policyDefinitionName": _name(definition),
        "policyDefinitionDisplayName": definition["properties"]["displayName"],
        "policyDefinitionEffect": "deny",
        "policyAssignmentId": assignment["id"],
        "policyAssignmentName": _name(assignment),
        "policyAssignmentDisplayName": properties["displayName"],
        "policyAssignmentScope": properties["scope"],
        "policyAssignmentParameters": properties["parameters"],
    }


def _name(body: Json) -> str:
    return name_of(body["id"])
