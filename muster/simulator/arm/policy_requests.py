"""Policy definitions and their assignments: asked for, listed, made and taken away."""

from __future__ import annotations

import copy

from muster.simulator.arm import forms, paging, policy_rules
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.policy import ASSIGNMENTS, DEFINITIONS
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json

DEFINITION = "Microsoft.Authorization/policyDefinitions"
ASSIGNMENT = "Microsoft.Authorization/policyAssignments"
_DEFINITION: forms.Form = {
    "policyRule": {"then": {"effect": str}},
    "mode": str,
    "parameters": {...: {}},
    "displayName": str,
    "description": str,
}
_ASSIGNMENT: forms.Form = {
    "policyDefinitionId": str,
    "notScopes": forms.TEXTS,
    "parameters": {...: {}},
    "enforcementMode": str,
    "displayName": str,
    "description": str,
}
_MODES = {"all": "All", "indexed": "Indexed"}


def definition_body(arm_id: str, mode: str, rule: Json, given: Json) -> Json:
    """The body of a policy definition."""
    name = arm_id.rpartition("/")[2]
    properties: Json = {
        "displayName": str(given.get("displayName") or name),
        "policyType": "Custom",
        "mode": mode,
        "parameters": given.get("parameters") or {},
        "policyRule": rule,
    }
    if given.get("description"):
        properties["description"] = given["description"]
    return {"properties": properties, "id": arm_id, "type": DEFINITION, "name": name}


def assignment_body(arm_id: str, scope: str, definition_id: str, given: Json) -> Json:
    """The body of a policy assignment."""
    name = arm_id.rpartition("/")[2]
    properties: Json = {
        "displayName": str(given.get("displayName") or name),
        "policyDefinitionId": definition_id,
        "scope": scope,
        "notScopes": list(given.get("notScopes") or []),
        "parameters": given.get("parameters") or {},
        "enforcementMode": str(given.get("enforcementMode") or "Default"),
    }
    if given.get("description"):
        properties["description"] = given["description"]
    return {"properties": properties, "id": arm_id, "type": ASSIGNMENT, "name": name}


def get_definition(call: Call) -> Answer:
    """GET a policy definition."""
    return Answer(200, _found(call, DEFINITIONS, "PolicyDefinitionNotFound", "definition"))


def list_definitions(call: Call) -> Answer:
    """GET the policy definitions of a subscription: the custom ones, no other is modelled."""
    under = f"{call.target.scope.lower()}/providers/"
    rows = [
        copy.deepcopy(body)
        for key, body in sorted(call.world.table(DEFINITIONS).items())
        if key.startswith(under)
    ]
    return paging.page(call, rows, top=True)


def put_definition(call: Call) -> Answer:
    """PUT a policy definition: 201, made or changed."""
    given = call.properties()
    forms.check(_DEFINITION, given)
    rule: Json = given.get("policyRule") or {}
    problems = [sentence for _, sentence in policy_rules.mistakes_in(rule.get("if"))]
    if not (rule.get("then") or {}).get("effect"):
        problems.append("it needs 'then' with an 'effect'")
    mode = _MODES.get((given.get("mode") or "All").lower())
    if mode is None:
        problems.append(f"the mode '{given.get('mode')}' is not served")
    if problems:
        raise bad_request(
            "InvalidPolicyRule",
            f"Failed to parse policy rule of '{call.target.name}': {'; '.join(problems)}.",
        )
    arm_id = call.world.proper_id(call.target)
    body = definition_body(arm_id, str(mode), copy.deepcopy(rule), forms.without_nulls(given))
    call.world.table(DEFINITIONS)[arm_id.lower()] = body
    call.world.changed = True
    return Answer(201, copy.deepcopy(body))


def get_assignment(call: Call) -> Answer:
    """GET a policy assignment."""
    return Answer(200, _found(call, ASSIGNMENTS, "PolicyAssignmentNotFound", "assignment"))


def list_assignments(call: Call) -> Answer:
    """GET the assignments that concern a scope: at it, above it and, without atScope(), in it."""
    here = call.target.scope.lower() + "/"
    only_above = "atscope()" in call.query.get("$filter", "").replace(" ", "").lower()
    rows = []
    for _, body in sorted(call.world.table(ASSIGNMENTS).items()):
        scope = body["properties"]["scope"].lower() + "/"
        if here.startswith(scope) or (scope.startswith(here) and not only_above):
            rows.append(copy.deepcopy(body))
    return paging.page(call, rows, top=True)


def put_assignment(call: Call) -> Answer:
    """PUT a policy assignment: 201, made or changed."""
    given = forms.without_nulls(call.properties())
    forms.check(_ASSIGNMENT, given)
    named = str(given.get("policyDefinitionId") or "")
    if named.lower() not in call.world.table(DEFINITIONS):
        raise AzureError(
            404, "PolicyDefinitionNotFound", f"The policy definition '{named}' could not be found."
        )
    arm_id = call.world.proper_id(call.target)
    body = assignment_body(arm_id, call.target.scope, named, given)
    call.world.table(ASSIGNMENTS)[arm_id.lower()] = body
    call.world.changed = True
    return Answer(201, copy.deepcopy(body))


def delete_definition(call: Call) -> Answer:
    """DELETE a policy definition: 200, or 204 if there is none; refused while it is assigned."""
    asked = call.target.path.lower()
    for assignment in call.world.table(ASSIGNMENTS).values():
        if str(assignment["properties"]["policyDefinitionId"]).lower() == asked:
            raise bad_request(
                "InvalidDeletePolicyDefinitionRequest",
                f"The policy definition '{call.target.name}' is assigned by "
                f"'{assignment['id']}' and cannot be deleted.",
            )
    return _delete(call, DEFINITIONS)


def delete_assignment(call: Call) -> Answer:
    """DELETE a policy assignment: 200 with it, or 204 if there is none.

    Exemptions from it stay, and free from nothing: that Azure keeps them is inferred.
    """
    return _delete(call, ASSIGNMENTS)


def _delete(call: Call, table: str) -> Answer:
    body = call.world.table(table).pop(call.target.path.lower(), None)
    call.world.changed = True
    return Answer(204) if body is None else Answer(200, body)


def _found(call: Call, table: str, code: str, what: str) -> Json:
    body = call.world.table(table).get(call.target.path.lower())
    if body is None:
        message = f"The policy {what} '{call.target.name}' could not be found."
        raise AzureError(404, code, message)
    return copy.deepcopy(body)


_NOTE = (
    "Custom definitions only, of the fields and operators named in `policy_rules`; effects other "
    "than deny change nothing. Status, code and words of what is refused."
)
ROUTES: Routes = {
    (DEFINITION, "get"): Route(get_definition, "specified", _NOTE),
    (DEFINITION, "list"): Route(list_definitions, "specified", _NOTE),
    (DEFINITION, "put"): Route(put_definition, "specified", _NOTE),
    (DEFINITION, "delete"): Route(delete_definition, "specified", _NOTE),
    (ASSIGNMENT, "get"): Route(get_assignment, "specified", _NOTE),
    (ASSIGNMENT, "list"): Route(list_assignments, "specified", _NOTE),
    (ASSIGNMENT, "put"): Route(put_assignment, "specified", _NOTE),
    (ASSIGNMENT, "delete"): Route(delete_assignment, "specified", _NOTE),
}
