"""ARM's own lists of resources, of a group or a subscription, with `$filter` and `$expand`."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm import filters, paging
from muster.simulator.arm.ids import name_of
from muster.simulator.arm.resources import demand_group
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.regions import as_location, display

FIELDS = frozenset({"resourcetype", "name", "location", "resourcegroup", "tagname", "tagvalue"})
_SHOWN = ("id", "name", "type", "location", "tags", "sku", "kind", "managedBy", "zones")


def list_resources(call: Call) -> Answer:
    """GET …/resources: top-level resources without their properties, in order of their ids."""
    if call.target.group:
        demand_group(call)
    wanted = filters.of_query(call.query.get("$filter", ""), FIELDS)
    under = call.target.path.rpartition("/")[0].lower() + "/"
    expand = call.query.get("$expand", "").lower()
    rows = [
        _row(body, expand)
        for key, body in sorted(call.world.resources.items())
        if key.startswith(under)
        and "/providers/" in key
        and _top_level(body)
        and passes(wanted, body)
    ]
    return paging.page(call, rows, top=True)


def passes(wanted: filters.Filter, body: Json) -> bool:
    """Whether a resource is wanted. A tag's name and value have to belong together."""
    tags: dict[str, str] = body.get("tags") or {}
    names = [c.value.lower() for c in wanted.comparisons() if c.field == "tagname"]
    if names:
        tags = {key: value for key, value in tags.items() if key.lower() in names}

    def fields(name: str, _: str) -> list[str]:
        match name:
            case "resourcetype":
                return [body["type"]]
            case "resourcegroup":
                return [name_of(body["id"].lower().partition("/providers/")[0])]
            case "location":
                place = str(body.get("location") or "")
                return [as_location(place), display(place)]
            case "tagname":
                return list(tags)
            case "tagvalue":
                return [str(value) for value in tags.values()]
            case _:
                return [body["name"]]

    return wanted.lets_through(fields)


def _top_level(body: Json) -> bool:
    """Children (and locks) are not in ARM's list of resources."""
    return body["type"].count("/") == 1 and not body["type"].startswith("Microsoft.Authorization/")


def _row(body: Json, expand: str) -> Json:
    row: Json = {key: body[key] for key in _SHOWN if key in body}
    if "createdtime" in expand:
        row["createdTime"] = dates.ticks(body["_created"])
    if "provisioningstate" in expand:
        row["provisioningState"] = body["properties"].get("provisioningState", "Succeeded")
    return row


_SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
ROUTES: Routes = {
    (f"{_SUBSCRIPTIONS}/resources", "list"): Route(list_resources, "specified"),
    (f"{_SUBSCRIPTIONS}/resourceGroups/resources", "list"): Route(list_resources, "specified"),
}
