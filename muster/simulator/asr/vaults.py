"""Recovery Services vaults themselves: made, changed, listed and deleted (FACTS 3, [CLI-V])."""

from __future__ import annotations

import base64
import copy
from typing import Any
from urllib.parse import quote

from muster.simulator import dates, durations
from muster.simulator.arm import deletion, forms
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm import resources as arm_resources
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.given import tags_of
from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import names, setup
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

_SKUS = ("Standard", "RS0")
_ECHOED = ("monitoringSettings", "restoreSettings", "redundancySettings", "securitySettings")


def new_body(world: World, arm_id: str, location: str, given: Json) -> Json:
    """A vault's body while it is being made; a world file's vaults are made of the same."""
    properties = given.get("properties") or {}
    body: Json = {
        "location": location,
        "name": name_of(arm_id),
        "etag": _etag(world),
        "properties": {
            "provisioningState": "Provisioning",
            "privateEndpointStateForBackup": "None",
            "privateEndpointStateForSiteRecovery": "None",
            "encryption": properties.get("encryption"),
            **{key: copy.deepcopy(properties[key]) for key in _ECHOED if key in properties},
        },
        "id": arm_id,
        "type": setup.BASE,
        "sku": copy.deepcopy(given.get("sku")) or {"name": "Standard"},
        "_created": world.now,
    }
    return body | _owned(world, arm_id, given)


def put(call: Call) -> Answer:
    """PUT a vault: 201 with a body and no Location, Provisioning for some seconds [CLI-V]."""
    world, given = call.world, _given(call)
    arm_resources.demand_group(call)
    names.demand_vault_name(call)
    location = _location(given)
    before = world.resource(call.target.path)
    if before is not None and not same(before["location"], location):
        raise _elsewhere(call, before)
    _demand_sku(given)
    arm_id = before["id"] if before else world.proper_id(call.target)
    body = new_body(world, arm_id, location, given)
    if before is not None:
        # A vault that is there is not made again: only what was sent changes (inferred).
        body = _changed(world, before, given)
    world.put(body)
    takes = world.takes("vault_create", arm_id)
    operation = arm_operations.begin(world, takes)
    world.later(takes, "vault_made", id=arm_id, operation=operation)
    return Answer(200 if before else 201, shown(body), _where(call, arm_id, operation))


def patch(call: Call) -> Answer:
    """PATCH tags, identity, sku and settings: at once."""
    before = arm_resources.found(call)
    body = _changed(call.world, before, _given(call))
    return Answer(200, shown(call.world.put(body)))


def get(call: Call) -> Answer:
    """GET a vault."""
    return Answer(200, shown(arm_resources.found(call)))


def list_vaults(call: Call) -> Answer:
    """GET the vaults of a group or a subscription."""
    if call.target.group:
        arm_resources.demand_group(call)
    return listed([shown(each) for each in call.world.of_type(setup.BASE, call.target.scope)])


def shown(vault: Json) -> Json:
    """A vault as GET answers it."""
    return {key: value for key, value in vault.items() if not key.startswith("_")}


# -- how a vault's own operations stand -----------------------------------------------------------


def get_status(call: Call) -> Answer:
    """GET {V}/operationStatus/{base64}: percentComplete stays 0.0 [CLI-V]."""
    record = call.world.table("operations").get(_operation(call.target.name))
    if record is None:
        raise AzureError(404, "ResourceNotFound", f"Operation {call.target.name} was not found.")
    ended = record["ends"] is not None and record["ends"] <= call.world.now
    vault = call.world.resource(call.target.owner)
    base = vault["id"] if vault else call.target.owner
    body: Json = {
        "id": f"{base}/operationStatus/{call.target.name}",
        "name": call.target.name,
        "status": "Succeeded" if ended else "InProgress",
        "percentComplete": 0.0,
    }
    waiting = {"Retry-After": call.retry_after(durations.VAULT_RETRY_AFTER)}
    return Answer(200, body, {} if ended else waiting)


def _where(call: Call, arm_id: str, operation: str) -> dict[str, str]:
    """A number, a semicolon and a GUID, in base64 [CLI-V]; no Location."""
    token = base64.b64encode(f"2047;{operation}".encode()).decode()
    return {
        "Azure-AsyncOperation": f"{call.endpoint}{arm_id}/operationStatus/{token}"
        f"?api-version={call.api_version}",
        "Retry-After": call.retry_after(durations.VAULT_RETRY_AFTER),
    }


def _operation(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode().rpartition(";")[2]
    except ValueError:
        return ""


# -- what happens later -----------------------------------------------------------------------


def made(world: World, args: Json) -> None:
    """A vault is there: usable, with a new etag."""
    vault = world.resource(args["id"])
    if vault is not None and vault["properties"]["provisioningState"] == "Provisioning":
        vault["properties"]["provisioningState"] = "Succeeded"
        vault["etag"] = _etag(world)
        world.changed = True


# -- parts ------------------------------------------------------------------------------------


def _given(call: Call) -> Json:
    """The body of a PUT or PATCH, whose parts have the types they should. Raises: AzureError."""
    given, properties = call.object(), call.properties()
    forms.check({key: {} for key in _ECHOED} | {"encryption": {}}, properties)
    forms.check({"type": str}, given.get("identity"), "identity")
    tags_of(given)
    return given


def _location(given: Json) -> str:
    location = str(given.get("location") or "").lower().replace(" ", "")
    if not location:
        raise bad_request(
            "LocationRequired", "The location property is required for this definition."
        )
    return location


def _demand_sku(given: Json) -> None:
    sku: Any = given.get("sku")
    if sku is not None and (not isinstance(sku, dict) or sku.get("name") not in _SKUS):
        raise bad_request("InvalidSku", "The sku of a vault has to be 'Standard' or 'RS0'.")


def _elsewhere(call: Call, before: Json) -> AzureError:
    return AzureError(
        409,
        "InvalidResourceLocation",
        f"The resource '{call.target.name}' already exists in location '{before['location']}' in "
        f"resource group '{call.target.group}'. A resource with the same name cannot be created "
        "in another location. Please select a new resource name.",
    )


def _changed(world: World, before: Json, given: Json) -> Json:
    body = copy.deepcopy(before)
    properties = given.get("properties") or {}
    body["properties"] |= {
        key: copy.deepcopy(properties[key]) for key in _ECHOED if key in properties
    }
    if isinstance(given.get("sku"), dict):
        body["sku"] = copy.deepcopy(given["sku"])
    body["etag"] = _etag(world)
    return body | _owned(world, body["id"], given)


def _owned(world: World, arm_id: str, given: Json) -> Json:
    """Tags and identity: told where they were sent."""
    told: Json = {}
    if isinstance(given.get("tags"), dict):
        told["tags"] = dict(given["tags"])
    identity: Any = given.get("identity")
    if isinstance(identity, dict):
        told["identity"] = {"type": identity.get("type") or "None"}
        if "SystemAssigned" in told["identity"]["type"]:
            told["identity"] |= {
                "principalId": world.guid("principal", arm_id),
                "tenantId": world.state["tenant"],
            }
    return told


def _etag(world: World) -> str:
    return f"W/\"datetime'{quote(dates.ticks(world.now))}'\""


_PUT = (
    "Duration: by two etags of the recording. What a PUT of a vault that is there does: inferred."
)
_PATCH = "That it is done when answered, and what it takes: inferred."
_DELETE = (
    "Code and status are those of public reports; the words for replicated items, the duration "
    "and that left set-up goes along: inferred."
)
_LOCATIONS = "Microsoft.RecoveryServices/locations"
OWN = frozenset(
    f"{setup.BASE}/{word}".lower() for word in ("operationStatus", "extendedInformation")
)
"""Kinds below a vault that the vault's own provider answers: ids in ARM's casing."""
EFFECTS: dict[str, Effect] = {"vault_made": made}
ROUTES: Routes = {
    (setup.BASE, "put"): Route(put, "recorded", _PUT),
    (setup.BASE, "patch"): Route(patch, "specified", _PATCH),
    (setup.BASE, "get"): Route(get, "recorded"),
    (setup.BASE, "list"): Route(list_vaults, "recorded", "Its elements are recorded."),
    (setup.BASE, "delete"): Route(deletion.delete, "specified", _DELETE),
    (f"{setup.BASE}/operationStatus", "get"): Route(get_status, "recorded"),
    (f"{_LOCATIONS}/operations", "get"): Route(arm_operations.get_status, "specified"),
    (f"{_LOCATIONS}/operationResults", "get"): Route(arm_operations.get_result, "specified"),
}
