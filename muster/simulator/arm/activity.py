"""The Activity Log: every write, delete and action that came in, who asked, what came of it.

Azure tells an act in several events (begun, accepted, ended); here it is one, as it was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.simulator import dates
from muster.simulator.arm import filters, paging
from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.ids import Target, parse
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.identity.roles import Identity, action_of
from muster.simulator.json_types import Json
from muster.simulator.world import World

KEPT = 1_000  # of the newest; Azure keeps 90 days
FIELDS = frozenset(
    {
        "eventtimestamp", "resourcegroupname", "resourceuri", "resourceid", "resourceprovider",
        "resourcetype", "correlationid", "caller", "status", "levels", "eventchannels",
    }
)  # fmt: skip
_VERBS = {"PUT": "put", "PATCH": "patch", "DELETE": "delete", "POST": "post"}
_REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "NoContent", 400: "BadRequest",
            401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict"}  # fmt: skip


def note(
    world: World,
    caller: Identity | None,
    method: str,
    path: str,
    answer: Answer,
    headers: Mapping[str, str],
) -> None:
    """Keep an act. Reads are none, and neither is a request of nobody known."""
    verb, target = _VERBS.get(method), parse(path)
    if verb is None or caller is None or not target.subscription:
        return
    error = answer.body.get("error") if answer.body and answer.status >= 400 else None
    kept: list[Json] = world.state.setdefault("activity", [])
    world.state["serial"] += 1
    kept.append(
        {
            "n": world.state["serial"],
            "at": world.now,
            "caller": caller.object_id,
            "client": caller.client_id,
            "path": target.path if target.is_resource else target.path.rpartition("/")[0],
            "method": method,
            "operation": action_of(verb, target.type),
            "status": answer.status,
            "code": (error or {}).get("code"),
            "correlation": headers.get("x-ms-correlation-request-id", ""),
            "request": headers.get("x-ms-client-request-id", ""),
        }
    )
    del kept[:-KEPT]
    world.changed = True


def list_events(call: Call) -> Answer:
    """GET …/eventtypes/management/values: newest first; `$filter` has to say since when."""
    text = call.query.get("$filter", "")
    wanted = filters.of_query(text, FIELDS)
    asked = list(wanted.comparisons())
    if not any(c.field == "eventtimestamp" and c.operator in ("ge", "gt") for c in asked):
        raise bad_request(
            "BadRequest", "The $filter has to hold a start: eventTimestamp ge '<instant>'."
        )
    mine = f"/subscriptions/{call.target.subscription}/".lower()
    kept: list[Json] = call.world.state.get("activity", [])
    rows = [
        _shown(call.world, event)
        for event in reversed(kept)
        if f"{event['path']}/".lower().startswith(mine) and wanted.lets_through(_fields(event))
    ]
    if words := {word.strip().lower() for word in call.query.get("$select", "").split(",")} - {""}:
        rows = [{k: v for k, v in row.items() if k.lower() in words} for row in rows]
    return paging.page(call, rows)


def _fields(event: Json) -> filters.Fields:
    target: Target = parse(event["path"])

    def fields(name: str, _: str) -> list[str]:
        told: dict[str, Any] = {
            "eventtimestamp": dates.ticks(event["at"]),
            "resourcegroupname": target.group,
            "resourceuri": event["path"],
            "resourceid": event["path"],
            "resourceprovider": target.namespace,
            "resourcetype": target.type,
            "correlationid": event["correlation"],
            "caller": event["caller"],
            "status": _status(event),
        }
        return [told[name]] if name in told else []

    return fields


def _status(event: Json) -> str:
    if event["status"] >= 400:
        return "Failed"
    return "Accepted" if event["status"] == 202 else "Succeeded"


def _shown(world: World, event: Json) -> Json:
    target, at = parse(event["path"]), dates.ticks(event["at"])
    guid = world.guid("activity", event["n"])
    return _outcome(event) | {
        "authorization": {"action": event["operation"], "scope": event["path"]},
        "caller": event["caller"],
        "channels": "Operation",
        "claims": {"appid": event["client"]},
        "correlationId": event["correlation"],
        "description": "",
        "eventDataId": guid,
        "eventName": _named("EndRequest", "End request"),
        "category": _named("Administrative"),
        "httpRequest": {"clientRequestId": event["request"], "method": event["method"]},
        "id": f"{event['path']}/events/{guid}/ticks/{int(event['at'] * 10_000_000)}",
        "resourceGroupName": target.group,
        "resourceProviderName": _named(target.namespace),
        "resourceId": event["path"],
        "resourceType": _named(target.type),
        "operationId": event["correlation"],
        "operationName": _named(event["operation"]),
        "eventTimestamp": at,
        "submissionTimestamp": at,
        "subscriptionId": target.subscription,
        "tenantId": world.state["tenant"],
    }


def _outcome(event: Json) -> Json:
    reason = _REASONS.get(event["status"], str(event["status"]))
    properties: Json = {
        "statusCode": reason,
        "serviceRequestId": None,
        "eventCategory": "Administrative",
        "entity": event["path"],
        "message": event["operation"],
    }
    if event["code"]:
        properties["statusMessage"] = event["code"]
    return {
        "level": "Error" if event["status"] >= 400 else "Informational",
        "properties": properties,
        "status": _named(_status(event)),
        "subStatus": _named(reason, f"{reason} (HTTP Status Code: {event['status']})"),
    }


def _named(value: str, localized: str = "") -> Json:
    return {"value": value, "localizedValue": localized or value}


ROUTES: Routes = {
    ("Microsoft.Insights/eventtypes/values", "list"): Route(
        list_events, "specified", "One event an act instead of several; no claims, no delay."
    ),
}
