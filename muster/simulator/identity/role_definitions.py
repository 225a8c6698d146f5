"""Microsoft.Authorization/roleDefinitions as ARM resources: built-in ones and a tenant's own.

Bodies after the API's specification and `az role definition list`. Refusals: RoleDefinition-
DoesNotExist, RoleDefinitionWithSameNameExists (409 in azure-sdk-for-net's own tests) and
RoleDefinitionHasAssignments (azure-docs, role-based-access-control/custom-roles) are known by code
and words. That an action exists at all is not checked (Azure: InvalidActionOrNotAction).
"""

from __future__ import annotations

import re
from typing import Any

from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.identity import access
from muster.simulator.identity.definitions import TYPE, Definition
from muster.simulator.identity.role_assignments import GUID, scope_of
from muster.simulator.json_types import Json

_EQUALS = re.compile(r"(roleName|type)\s+eq\s+'([^']*)'", re.IGNORECASE)
_WHERE = re.compile(r"atScope(?:AndBelow)?\(\s*\)", re.IGNORECASE)


def get(call: Call) -> Answer:
    """GET …/roleDefinitions/{guid}, at any scope or at the tenant's root."""
    scope_of(call)
    found = access.definition(call.world, call.target.name)
    if found is None:
        raise _missing(call.target.name)
    return Answer(200, found.body(call.target.subscription))


def list_all(call: Call) -> Answer:
    """GET …/roleDefinitions: those that may be assigned here; `$filter` by name or type."""
    scope, subscription = scope_of(call), call.target.subscription
    text = call.query.get("$filter", "").strip()
    rows = [
        found.body(subscription)
        for found in access.definitions(call.world)
        if found.is_built_in or _assignable(found, scope)
    ]
    for term in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else []:
        equals = _EQUALS.fullmatch(term.strip())
        if equals:
            key = "roleName" if equals[1].lower() == "rolename" else "type"
            rows = [row for row in rows if row["properties"][key] == equals[2]]
        elif not _WHERE.fullmatch(term.strip()):
            raise bad_request(
                "InvalidFilterInQueryString",
                f"Invalid $filter '{text}' specified in the query string.",
            )
    return listed(rows)


def put(call: Call) -> Answer:
    """PUT …/roleDefinitions/{guid}: a custom role, made or replaced; 201 both times [SPEC]."""
    world, name, given = call.world, call.target.name.lower(), call.properties()
    scope_of(call)
    if not GUID.fullmatch(name):
        raise bad_request(
            "InvalidRoleDefinitionId",
            f"The role definition ID '{name}' is not valid. The role definition ID must be a "
            "GUID.",
        )
    before = access.definition(world, name)
    if before and before.is_built_in:
        raise bad_request("RoleDefinitionUpdateNotPermitted", _BUILT_IN)
    made = _made(call, name, given, before)
    if any(
        other.guid != name and other.role_name.lower() == made.role_name.lower()
        for other in access.definitions(world)
    ):
        raise AzureError(
            409,
            "RoleDefinitionWithSameNameExists",
            "A custom role with the same name already exists in this directory. Use a different "
            "name",
        )
    access.keep_definition(world, made)
    return Answer(201, made.body(call.target.subscription))


def delete(call: Call) -> Answer:
    """DELETE …/roleDefinitions/{guid}: 200 with what it was, 204 if there was none."""
    world, name = call.world, call.target.name.lower()
    scope_of(call)
    found = access.definition(world, name)
    if found is None:
        return Answer(204)
    if found.is_built_in:
        raise bad_request("RoleDefinitionUpdateNotPermitted", _BUILT_IN)
    if any(given["role"] == name for given in access.assignments(world)):
        raise bad_request(
            "RoleDefinitionHasAssignments",
            "There are existing role assignments referencing role.",
        )
    access.drop_definition(world, name)
    return Answer(200, found.body(call.target.subscription))


def _made(call: Call, name: str, given: Json, before: Definition | None) -> Definition:
    role_name = given.get("roleName")
    if not isinstance(role_name, str) or not role_name.strip():
        raise bad_request("RoleDefinitionNameNullOrEmpty", "The role name may not be empty.")
    scopes = _texts(given, "assignableScopes")
    if not scopes:
        raise bad_request(
            "MissingAssignableScopes", "A role definition needs at least one assignable scope."
        )
    permissions = given.get("permissions") or [{}]
    one = isinstance(permissions, list) and len(permissions) == 1
    if not one or not isinstance(permissions[0], dict):
        raise bad_request("InvalidRequestContent", "'permissions' has to hold one object.")
    lists = {
        python: _texts(permissions[0], key)
        for key, python in (
            ("actions", "actions"),
            ("notActions", "not_actions"),
            ("dataActions", "data_actions"),
            ("notDataActions", "not_data_actions"),
        )
    }
    return Definition(
        guid=name,
        role_name=role_name,
        description=str(given.get("description") or ""),
        assignable_scopes=scopes,
        created=before.created if before else call.world.now,
        created_by=before.created_by if before else call.caller.object_id,
        updated=call.world.now,
        **lists,
    )


def _texts(given: Json, key: str) -> tuple[str, ...]:
    found: Any = given.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise bad_request("InvalidRequestContent", f"'{key}' has to be a list of strings.")
    return tuple(found)


def _assignable(found: Definition, scope: str) -> bool:
    at = scope.rstrip("/").lower() + "/"
    return any(at.startswith(each.rstrip("/").lower() + "/") for each in found.assignable_scopes)


def _missing(name: str) -> AzureError:
    return AzureError(
        404,
        "RoleDefinitionDoesNotExist",
        f"The specified role definition with ID '{name.replace('-', '')}' does not exist.",
    )


_BUILT_IN = "A built-in role can be neither changed nor deleted."
_WORDS = "What is said of a built-in role, of missing scopes or of a bad id: inferred."
ROUTES: Routes = {
    (TYPE, "get"): Route(get, "specified"),
    (TYPE, "list"): Route(list_all, "specified", "Eleven built-in roles, not all of Azure's."),
    (TYPE, "put"): Route(put, "specified", _WORDS),
    (TYPE, "delete"): Route(delete, "specified", _WORDS),
}
