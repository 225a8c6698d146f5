"""Subscriptions, resource groups, lists of all that is in them, and what a caller may do there."""

from __future__ import annotations

import re

from muster.simulator import dates
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import AzureError, bad_request, group_not_found
from muster.simulator.arm.ids import same
from muster.simulator.arm.resources import demand_group
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.durations import GROUP_DELETE
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

GROUP = "Microsoft.Resources/resourceGroups"
_TYPE_FILTER = re.compile(r"\s*resourceType\s+eq\s+'([^']+)'\s*", re.IGNORECASE)
_NAME_FILTER = re.compile(r"\s*name\s+eq\s+'([^']+)'\s*", re.IGNORECASE)


def get_subscription(call: Call) -> Answer:
    """GET /subscriptions/{id}."""
    known: dict[str, str] = call.world.state["subscriptions"]
    name = known.get(call.target.subscription.lower())
    if name is None:
        raise AzureError(
            404,
            "SubscriptionNotFound",
            f"The subscription '{call.target.subscription}' could not be found.",
        )
    return Answer(200, _subscription(call, call.target.subscription.lower(), name))


def list_subscriptions(call: Call) -> Answer:
    """GET /subscriptions: those the caller has any role in."""
    known: dict[str, str] = call.world.state["subscriptions"]
    return listed(
        [
            _subscription(call, key, name)
            for key, name in known.items()
            if any(
                grant.scope.lower().startswith(f"/subscriptions/{key}")
                for grant in call.caller.grants
            )
        ]
    )


def _subscription(call: Call, key: str, name: str) -> Json:
    return {
        "id": f"/subscriptions/{key}",
        "authorizationSource": "RoleBased",
        "subscriptionId": key,
        "tenantId": call.world.state["tenant"],
        "displayName": name,
        "state": "Enabled",
    }


def get_group(call: Call) -> Answer:
    """GET a resource group."""
    return Answer(200, _shown(demand_group(call)))


def head_group(call: Call) -> Answer:
    """HEAD a resource group: 204 if it exists."""
    demand_group(call)
    return Answer(204)


def list_groups(call: Call) -> Answer:
    """GET all resource groups of a subscription."""
    under = f"/subscriptions/{call.target.subscription}"
    return listed([_shown(group) for group in call.world.of_type(GROUP, under)])


def put_group(call: Call) -> Answer:
    """PUT a resource group; at once."""
    given, before = call.object(), call.world.group(call.target)
    location = str(given.get("location") or "").lower().replace(" ", "")
    if not location:
        raise bad_request(
            "LocationRequired", "The location property is required for this definition."
        )
    if before and not same(before["location"], location):
        raise AzureError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location "
            f"'{location}'. The Resource group already exists in location "
            f"'{before['location']}'.",
        )
    group = made_group(
        call.target.subscription.lower(),
        call.target.group,
        location,
        given.get("tags") or {},
        call.world.now,
    )
    if before:
        group |= {key: before[key] for key in ("id", "name", "_created")}
    return Answer(200 if before else 201, _shown(call.world.put(group)))


def made_group(
    subscription: str, name: str, location: str, tags: dict[str, str], created: float
) -> Json:
    """The body of a resource group."""
    return {
        "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
        "name": name,
        "type": GROUP,
        "location": location,
        "tags": tags,
        "properties": {"provisioningState": "Succeeded"},
        "_created": created,
    }


def delete_group(call: Call) -> Answer:
    """DELETE a resource group with everything in it: 202, then gone."""
    group = call.world.group(call.target)
    if group is None:
        raise group_not_found(call.target.group)
    group["properties"]["provisioningState"] = "Deleting"
    operation = arm_operations.begin(call.world, GROUP_DELETE)
    call.world.later(GROUP_DELETE, "group_gone", id=group["id"])
    url = (
        f"{call.endpoint}/subscriptions/{call.target.subscription}/operationresults/{operation}"
        f"?api-version={call.api_version}"
    )
    return Answer(202, None, {"Location": url, "Retry-After": call.retry_after(15.0)})


def group_gone(world: World, args: Json) -> None:
    """A resource group's DELETE is through."""
    world.remove(args["id"])


def list_resources(call: Call) -> Answer:
    """GET …/resources of a group or subscription, with `$filter`, `$expand` and `$top`.

    As ARM's list does, it leaves properties out. One page holds all that `$top` allows.
    """
    if call.target.group:
        demand_group(call)
    wanted = _filter(call.query.get("$filter", ""))
    under = call.target.path.rpartition("/")[0].lower() + "/"
    expand = call.query.get("$expand", "").lower()
    rows = [
        _row(body, expand)
        for key, body in sorted(call.world.resources.items())
        if key.startswith(under)
        and "/providers/" in key
        and _top_level(body)
        and all(same(body[field], value) for field, value in wanted.items())
    ]
    top = call.query.get("$top", "")
    return listed(rows[: int(top)] if top.isdigit() else rows)


def permissions(call: Call) -> Answer:
    """GET {scope}/providers/Microsoft.Authorization/permissions: the caller's own."""
    return listed(call.caller.permissions(call.target.scope))


def _filter(text: str) -> dict[str, str]:
    if not text.strip():
        return {}
    if found := _TYPE_FILTER.fullmatch(text):
        return {"type": found[1]}
    if found := _NAME_FILTER.fullmatch(text):
        return {"name": found[1]}
    raise bad_request(
        "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string."
    )


def _top_level(body: Json) -> bool:
    """Children (and locks) are not in ARM's list of resources."""
    return body["type"].count("/") == 1 and not body["type"].startswith("Microsoft.Authorization/")


def _row(body: Json, expand: str) -> Json:
    row: Json = {
        key: body[key]
        for key in ("id", "name", "type", "location", "tags", "sku", "kind", "managedBy", "zones")
        if key in body
    }
    if "createdtime" in expand:
        row["createdTime"] = dates.ticks(body["_created"])
    if "provisioningstate" in expand:
        row["provisioningState"] = body["properties"].get("provisioningState", "Succeeded")
    return row


def _shown(group: Json) -> Json:
    return {key: value for key, value in group.items() if key != "_created"}


EFFECTS: dict[str, Effect] = {"group_gone": group_gone}
_SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
_GROUPS = f"{_SUBSCRIPTIONS}/resourceGroups"
ROUTES: Routes = {
    (_SUBSCRIPTIONS, "list"): Route(list_subscriptions, "specified"),
    (_SUBSCRIPTIONS, "get"): Route(get_subscription, "specified"),
    (_GROUPS, "list"): Route(list_groups, "specified"),
    (_GROUPS, "get"): Route(get_group, "specified"),
    (_GROUPS, "head"): Route(head_group, "specified"),
    (_GROUPS, "put"): Route(put_group, "specified"),
    (_GROUPS, "delete"): Route(delete_group, "specified", "How long it takes: inferred."),
    (f"{_SUBSCRIPTIONS}/resources", "list"): Route(list_resources, "specified"),
    (f"{_GROUPS}/resources", "list"): Route(list_resources, "specified"),
    ("Microsoft.Authorization/permissions", "list"): Route(permissions, "specified"),
}
