"""The asynchronous operations of Network, Compute and the rest (Site Recovery has its own)."""

from __future__ import annotations

import uuid

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.durations import ARM_RETRY_AFTER
from muster.simulator.json_types import Json
from muster.simulator.world import World


def begin(world: World, ends_in: float | None) -> str:
    """Note an operation that began now; None: `finish` will say when it ends."""
    operation = str(uuid.uuid4())
    ends = None if ends_in is None else world.now + ends_in
    world.table("operations")[operation] = {
        "started": world.now,
        "ends": ends,
        "error": None,
        "result": None,
    }
    world.changed = True
    return operation


def finish(
    world: World,
    operation: str,
    error: Json | None = None,
    result: Json | None = None,
    *,
    status: int = 400,
) -> None:
    """End an operation now; `result`, or `error` with its status, is what its Location answers."""
    ended = {"ends": world.now, "error": error, "result": result, "refused": status}
    world.table("operations")[operation] |= ended
    world.changed = True


def headers(
    call: Call, operation: str, *, location: bool = False, place: str = ""
) -> dict[str, str]:
    """Where a client can ask how the operation stands; `place`: of what the call acts on."""
    target = call.target
    resource = call.world.resource(target.path) or call.world.group(target) or {}
    place = place or str(resource.get("location") or "global")
    base = (
        f"{call.endpoint}/subscriptions/{target.subscription}/providers/{target.namespace}"
        f"/locations/{place}"
    )
    query = f"?api-version={call.api_version}"
    found = {
        "Azure-AsyncOperation": f"{base}/operations/{operation}{query}",
        "Retry-After": call.retry_after(ARM_RETRY_AFTER),
    }
    if location:
        found["Location"] = f"{base}/operationResults/{operation}{query}"
    return found


def get_status(call: Call) -> Answer:
    """GET …/locations/{location}/operations/{operation}: always 200 while it is known."""
    record = _known(call)
    body: Json = {
        "name": call.target.name,
        "startTime": dates.offset(record["started"]),
        "status": _status(call, record),
    }
    if body["status"] != "InProgress":
        body["endTime"] = dates.offset(record["ends"])
    if record["error"] and body["status"] == "Failed":
        body["error"] = record["error"]
    if body["status"] == "Succeeded" and record.get("result") is not None:
        body["properties"] = {"output": record["result"]}
    waiting = {"Retry-After": call.retry_after(ARM_RETRY_AFTER)}
    return Answer(200, body, waiting if body["status"] == "InProgress" else {})


def get_result(call: Call) -> Answer:
    """GET the `Location`: 202 while it runs, then the result, or 204 as for a DELETE."""
    record = _known(call)
    status = _status(call, record)
    if status == "InProgress":
        waiting = {"Retry-After": call.retry_after(ARM_RETRY_AFTER)}
        return Answer(
            202,
            None,
            waiting
            | {"Location": call.endpoint + call.target.path + f"?api-version={call.api_version}"},
        )
    if status == "Failed":
        error = record["error"]
        raise AzureError(
            record.get("refused", 400), error["code"], error["message"], error.get("details")
        )
    result = record.get("result")
    return Answer(204) if result is None else Answer(200, result)


def _known(call: Call) -> Json:
    record = call.world.table("operations").get(call.target.name)
    if record is None:
        raise AzureError(404, "NotFound", f"Operation {call.target.name} was not found.")
    return record


def _status(call: Call, record: Json) -> str:
    if record["ends"] is None or record["ends"] > call.world.now:
        return "InProgress"
    return "Failed" if record["error"] else "Succeeded"


_NAMESPACES = ("Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage", "Microsoft.KeyVault")
ROUTES: Routes = {
    ("Microsoft.Resources/subscriptions/operationresults", "get"): Route(get_result, "specified"),
    **{
        (f"{namespace}/locations/{word}", "get"): Route(handler, "specified")
        for namespace in _NAMESPACES
        for word, handler in (("operations", get_status), ("operationResults", get_result))
    },
}
