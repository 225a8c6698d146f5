"""Microsoft.Authorization/roleAssignments as ARM resources, at any scope.

Bodies after the API's specification (authorization 2022-04-01) and its examples; refusals in the
words people quote from Azure: RoleAssignmentExists, RoleAssignmentUpdateNotPermitted (azure-docs,
role-based-access-control/troubleshooting; several threads), PrincipalNotFound, and
RoleDefinitionDoesNotExist (az CLI's own tests and threads).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.resources import demand_group
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.identity import access
from muster.simulator.identity.access import ASSIGNMENT
from muster.simulator.json_types import Json
from muster.simulator.world import World

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WHOSE = re.compile(
    r"(principalId\s+eq\s+|assignedTo\()\s*'?([0-9a-f-]{36})'?\s*(\)?)", re.IGNORECASE
)
_DEFINITION = re.compile(r".*/roleDefinitions/([0-9a-f-]{36})", re.IGNORECASE)


def get(call: Call) -> Answer:
    """GET …/roleAssignments/{guid}."""
    scope = scope_of(call)
    kept = access.assignment(call.world, scope, call.target.name)
    if kept is None:
        raise AzureError(
            404,
            "RoleAssignmentNotFound",
            f"The role assignment '{call.target.name}' is not found.",
        )
    return Answer(200, _shown(call.world, kept))


def list_all(call: Call) -> Answer:
    """GET …/roleAssignments: at, above and below the scope; `$filter` narrows it."""
    scope, wanted = scope_of(call), _wanted(call.query.get("$filter", ""))
    found = [
        kept
        for kept in access.assignments(call.world)
        if (_holds(kept["scope"], scope) or _holds(scope, kept["scope"])) and wanted(kept, scope)
    ]
    return listed([_shown(call.world, kept) for kept in found])


def put(call: Call) -> Answer:
    """PUT …/roleAssignments/{guid}: 201; again, the same, 200."""
    world, scope, given = call.world, scope_of(call), call.properties()
    _demand_guid(call.target.name)
    role, principal = _role(world, given), _principal(world, given)
    before = access.assignment(world, scope, call.target.name)
    if before and (before["role"], before["principal"]) != (role, principal):
        raise bad_request(
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    for kept in access.assignments(world):
        same = (kept["role"], kept["principal"]) == (role, principal)
        if kept is not before and same and kept["scope"].lower() == scope.lower():
            raise AzureError(409, "RoleAssignmentExists", "The role assignment already exists.")
    if before is None:
        kept = access.assign(
            world, scope, call.target.name, role, principal, call.caller.object_id
        )
    else:
        kept = before
    kept |= {
        "updated": world.now,
        "principal_type": given.get("principalType") or "ServicePrincipal",
        "description": given.get("description"),
        "condition": given.get("condition"),
        "condition_version": given.get("conditionVersion"),
    }
    world.changed = True
    return Answer(200 if before else 201, _shown(world, kept))


def delete(call: Call) -> Answer:
    """DELETE …/roleAssignments/{guid}: 200 with what it was, 204 if there was none."""
    scope = scope_of(call)
    kept = access.assignment(call.world, scope, call.target.name)
    if kept is None:
        return Answer(204)
    access.take_away(call.world, scope, call.target.name)
    return Answer(200, _shown(call.world, kept))


def list_denied(call: Call) -> Answer:
    """GET …/denyAssignments: none."""
    scope_of(call)
    return listed([])


def scope_of(call: Call) -> str:
    """The scope a path names. Raises: AzureError where its resource group does not exist."""
    if call.target.group:
        demand_group(call)
    return call.target.scope or "/"


def _demand_guid(name: str) -> None:
    if not GUID.fullmatch(name):
        raise bad_request(
            "InvalidRoleAssignmentId",
            f"The role assignment ID '{name}' is not valid. The role assignment ID must be a "
            "GUID.",
        )


def _role(world: World, given: Json) -> str:
    """The GUID of the role that is to be given."""
    asked = str(given.get("roleDefinitionId") or "")
    found = _DEFINITION.fullmatch(asked)
    if found is None:
        raise bad_request(
            "InvalidRoleDefinitionId", f"The role definition ID '{asked}' is not valid."
        )
    if access.definition(world, found[1]) is None:
        raise bad_request(
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{found[1].replace('-', '')}' does not exist.",
        )
    return found[1].lower()


def _principal(world: World, given: Json) -> str:
    """The object id that gets it; an unknown one passes if its type is told, as in Azure."""
    principal = str(given.get("principalId") or "").lower()
    if not GUID.fullmatch(principal):
        raise bad_request("InvalidPrincipalId", f"The principal ID '{principal}' is not valid.")
    known = world.state.get("principals", [])
    if principal not in known and not given.get("principalType"):
        raise bad_request(
            "PrincipalNotFound",
            f"Principal {principal.replace('-', '')} does not exist in the directory "
            f"{world.state['tenant']}. Check that you have the correct principal ID. If you are "
            "creating this principal and then immediately assigning a role, this error might be "
            "related to a replication delay. In this case, set the role assignment principalType "
            "property to a value, such as ServicePrincipal, User, or Group.  See "
            "https://aka.ms/docs-principaltype",
        )
    return principal


def _holds(above: str, below: str) -> bool:
    """Whether a scope is another one, or lies above it."""
    above, below = above.rstrip("/").lower(), below.rstrip("/").lower()
    return below == above or below.startswith(above + "/")


def _wanted(text: str) -> Callable[[Json, str], bool]:
    """What a `$filter` lets through: atScope(), principalId eq …, assignedTo(…), with `and`."""
    at_scope, principals = False, []
    for term in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text.strip() else []:
        whose = _WHOSE.fullmatch(term.strip())
        if whose and whose[1].endswith("(") == bool(whose[3]):
            principals.append(whose[2].lower())
        elif re.fullmatch(r"atScope\(\s*\)", term.strip(), re.IGNORECASE):
            at_scope = True
        else:
            raise bad_request(
                "InvalidFilterInQueryString",
                f"Invalid $filter '{text}' specified in the query string.",
            )

    def wanted(kept: Json, scope: str) -> bool:
        is_ours = all(kept["principal"] == principal for principal in principals)
        return is_ours and (not at_scope or _holds(kept["scope"], scope))

    return wanted


def _shown(world: World, kept: Json) -> Json:
    scope = kept["scope"]
    parts = scope.strip("/").split("/")
    subscription = parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else ""
    role = access.definition(world, kept["role"])
    return {
        "id": f"{scope.rstrip('/')}/providers/{ASSIGNMENT}/{kept['name']}",
        "type": ASSIGNMENT,
        "name": kept["name"],
        "properties": {
            "roleDefinitionId": role.arm_id(subscription) if role else kept["role"],
            "principalId": kept["principal"],
            "principalType": kept["principal_type"],
            "scope": scope,
            "condition": kept["condition"],
            "conditionVersion": kept["condition_version"],
            "createdOn": dates.ticks(kept["created"]),
            "updatedOn": dates.ticks(kept["updated"]),
            "createdBy": kept["by"],
            "updatedBy": kept["by"],
            "delegatedManagedIdentityResourceId": None,
            "description": kept["description"],
        },
    }


_WORDS = "Words of refusals for bad ids; a filter that is not read is refused: inferred."
_DENY = "Always empty: deny assignments are not modelled."
ROUTES: Routes = {
    (ASSIGNMENT, "get"): Route(get, "specified"),
    (ASSIGNMENT, "list"): Route(list_all, "specified", _WORDS),
    (ASSIGNMENT, "put"): Route(put, "specified", _WORDS),
    (ASSIGNMENT, "delete"): Route(delete, "specified"),
    ("Microsoft.Authorization/denyAssignments", "list"): Route(list_denied, "specified", _DENY),
}
