"""Policy exemptions: what frees a scope from an assigned policy, until it runs out."""

from __future__ import annotations

import copy
from typing import Any

from muster.simulator.arm import forms, paging
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.policy import ASSIGNMENTS, EXEMPTIONS, freed_scope
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.dates import instant
from muster.simulator.json_types import Json

TYPE = "Microsoft.Authorization/policyExemptions"
_CATEGORIES = {"waiver": "Waiver", "mitigated": "Mitigated"}
_VALIDATIONS = {"default": "Default", "donotvalidate": "DoNotValidate"}
_FORM: forms.Form = {
    "policyAssignmentId": str,
    "policyDefinitionReferenceIds": forms.TEXTS,
    "exemptionCategory": str,
    "expiresOn": str,
    "displayName": str,
    "description": str,
    "assignmentScopeValidation": str,
}
_TOLD = (
    *("policyAssignmentId", "policyDefinitionReferenceIds", "exemptionCategory", "expiresOn"),
    *("displayName", "description", "metadata", "assignmentScopeValidation"),
)
_FILTERS = frozenset({"", "atscope()", "atexactscope()"})


def body(arm_id: str, given: Json) -> Json:
    """The body of an exemption."""
    properties = {key: given[key] for key in _TOLD if given.get(key)}
    return {"properties": properties, "id": arm_id, "type": TYPE,
            "name": arm_id.rpartition("/")[2]}  # fmt: skip


def get(call: Call) -> Answer:
    """GET an exemption, also one that has run out: Azure keeps them."""
    found = call.world.table(EXEMPTIONS).get(call.target.path.lower())
    if found is None:
        message = f"The policy exemption '{call.target.name}' could not be found."
        raise AzureError(404, "PolicyExemptionNotFound", message)
    return Answer(200, copy.deepcopy(found))


def list_all(call: Call) -> Answer:
    """GET the exemptions that concern a scope: at it, above it and, without a filter, in it."""
    asked = call.query.get("$filter", "").replace(" ", "").lower()
    if asked not in _FILTERS:
        raise bad_request("InvalidFilterInQueryString", f"The filter '{asked}' is not served.")
    here, rows = call.target.scope.lower().rstrip("/") + "/", []
    for key, found in sorted(call.world.table(EXEMPTIONS).items()):
        scope = freed_scope(key) + "/"
        is_above = here.startswith(scope) if asked != "atexactscope()" else here == scope
        if is_above or (not asked and scope.startswith(here)):
            rows.append(copy.deepcopy(found))
    return paging.page(call, rows, top=True)


def put(call: Call) -> Answer:
    """PUT an exemption: 201, or 200 where it was there."""
    given = forms.without_nulls(call.properties())
    forms.check(_FORM, given)
    named = str(given.get("policyAssignmentId") or "")
    assignment = call.world.table(ASSIGNMENTS).get(named.lower())
    if assignment is None:
        raise AzureError(
            404, "PolicyAssignmentNotFound", f"The policy assignment '{named}' could not be found."
        )
    given["exemptionCategory"] = _one_of(_CATEGORIES, given, "exemptionCategory", None)
    validation = _one_of(_VALIDATIONS, given, "assignmentScopeValidation", "Default")
    given["assignmentScopeValidation"] = validation
    _demand_instant(given.get("expiresOn"))
    scope = call.target.scope.lower() + "/"
    inside = str(assignment["properties"]["scope"]).lower().rstrip("/") + "/"
    if validation == "Default" and not scope.startswith(inside):
        raise _invalid(f"its scope is not at or under that of the assignment '{named}'")
    arm_id, table = call.world.proper_id(call.target), call.world.table(EXEMPTIONS)
    status = 200 if arm_id.lower() in table else 201
    table[arm_id.lower()] = body(arm_id, copy.deepcopy(given))
    call.world.changed = True
    return Answer(status, copy.deepcopy(table[arm_id.lower()]))


def delete(call: Call) -> Answer:
    """DELETE an exemption: 200, or 204 if there is none."""
    found = call.world.table(EXEMPTIONS).pop(call.target.path.lower(), None)
    call.world.changed = True
    return Answer(204 if found is None else 200)


def _one_of(words: dict[str, str], given: Json, key: str, otherwise: str | None) -> str:
    told = str(given.get(key) or otherwise or "").lower()
    if told not in words:
        raise _invalid(f"'{key}' is '{given.get(key)}', not one of {', '.join(words.values())}")
    return words[told]


def _demand_instant(told: Any) -> None:
    try:
        instant(told or "2000-01-01T00:00:00Z")
    except ValueError as err:
        raise _invalid(f"'expiresOn' is '{told}', which is no instant") from err


def _invalid(why: str) -> AzureError:
    return bad_request("InvalidPolicyExemption", f"The policy exemption cannot be made: {why}.")


_NOTE = (
    "Without `resourceSelectors`, and only the filters atScope() and atExactScope(). Status, code "
    "and words of what is refused."
)
ROUTES: Routes = {
    (TYPE, "get"): Route(get, "specified", _NOTE),
    (TYPE, "list"): Route(list_all, "specified", _NOTE),
    (TYPE, "put"): Route(put, "specified", _NOTE),
    (TYPE, "delete"): Route(delete, "specified", _NOTE),
}
