"""GET, PUT, PATCH, HEAD and lists of any known type of resource, as ARM does them."""

from __future__ import annotations

import copy

from muster.simulator.arm import forms, networks, paging, quota
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import (
    AzureError,
    bad_request,
    group_not_found,
    parent_not_found,
    resource_not_found,
)
from muster.simulator.arm.given import demand_name, location_of, tags_of
from muster.simulator.arm.ids import same
from muster.simulator.arm.shapes import table
from muster.simulator.arm.types import KINDS, Kind
from muster.simulator.arm.versions import no_such_verb, unknown_type
from muster.simulator.call import Answer, Call
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

TOP_LEVEL = ("sku", "kind", "zones", "identity", "plan", "extendedLocation")
"""Keys of a resource that are kept as they came, beside location, tags and properties."""


def get(call: Call) -> Answer:
    """GET a resource by its id."""
    return Answer(200, table.rendered(call.world, found(call)))


def head(call: Call) -> Answer:
    """HEAD: 204 if it exists."""
    found(call)
    return Answer(204)


def list_all(call: Call) -> Answer:
    """GET a type in a resource group, in a subscription, or under its parent."""
    target, world = call.target, call.world
    kind = kind_of(call)
    if kind.inline:
        return paging.page(call, children(table.rendered(world, _parent(call)), kind))
    if target.group:
        demand_group(call)
    if len(target.types) > 1:
        _parent(call)
    under = target.owner if len(target.types) > 1 else target.scope
    rows = [table.rendered(world, each) for each in world.of_type(target.type, under)]
    return paging.page(call, rows)


def put(call: Call) -> Answer:
    """PUT a resource: made or replaced."""
    kind, world, target = kind_of(call), call.world, call.target
    if not kind.writable:
        raise no_such_verb(call.method)
    if target.group:
        demand_group(call)
    if call.only_new:
        _demand_absent(call, kind)
    if kind.inline:
        return _put_child(call, kind)
    if len(target.types) > 1:
        _parent(call)
    before = world.resource(target.path)
    body = made(call, kind, before)
    if before is None and kind.type.startswith("Microsoft.Network/"):
        quota.demand_network_room(world, kind.type, str(body.get("location") or ""))
    table.adopt(world, body, before)
    world.put(body)
    return accepted(call, kind, body, new=before is None)


def patch(call: Call) -> Answer:
    """PATCH a resource: its tags, and outside Network its properties (one level deep) and sku."""
    kind, world, before = kind_of(call), call.world, found(call)
    if kind.inline or not kind.writable:
        raise no_such_verb(call.method)
    given = call.object()
    body = copy.deepcopy(before)
    if given.get("tags") is not None:
        body["tags"] = tags_of(given)
    if kind.style == "network":
        before["tags"] = body["tags"]
        world.changed = True
        return Answer(200, table.rendered(world, before))
    body["properties"] |= forms.without_nulls(call.properties())
    body |= {key: given[key] for key in TOP_LEVEL if given.get(key) is not None}
    table.adopt(world, body, before)
    body["properties"]["provisioningState"] = "Succeeded"
    world.put(body)
    return Answer(200, table.rendered(world, body))


# -- what happens later -----------------------------------------------------------------------


def settle(world: World, args: Json) -> None:
    """A PUT is through."""
    resource = world.resource(args["id"])
    if resource and resource["properties"].get("provisioningState") == "Updating":
        resource["properties"]["provisioningState"] = "Succeeded"


# -- parts ------------------------------------------------------------------------------------


def found(call: Call) -> Json:
    """The resource a path names, or ARM's 404."""
    kind_of(call)
    if call.target.group:
        demand_group(call)
    resource = find(call)
    if resource is None:
        raise resource_not_found(call.target)
    return resource


def _demand_absent(call: Call, kind: Kind) -> None:
    """`If-None-Match: *` of a PUT: 412 for what is there.

    ARM's contract with its providers ("ETags for Resources", azure-resource-manager-rpc,
    v1.0/Addendum.md) says 201 or 412, and that each provider sees to it itself. That Network,
    whose resources have etags, does is inferred; the others are taken not to look at it.
    """
    if kind.type.startswith("Microsoft.Network/") and find(call) is not None:
        raise AzureError(
            412,
            "PreconditionFailed",
            f"Precondition failed. The resource {call.target.path} exists already, and "
            "If-None-Match is '*'.",
        )


def demand_group(call: Call) -> Json:
    """The resource group a path lies in, or ARM's 404."""
    group = call.world.group(call.target)
    if group is None:
        raise group_not_found(call.target.group)
    return group


def kind_of(call: Call) -> Kind:
    """How the path's type answers. Raises: AzureError for one that is not known."""
    kind = KINDS.get(call.target.kind)
    if kind is None:
        raise unknown_type(call.target, call.api_version)
    return kind


def find(call: Call) -> Json | None:
    """The resource a path names, if it exists; a child is found inside its parent."""
    kind, world, target = KINDS[call.target.kind], call.world, call.target
    if not kind.inline:
        return world.resource(target.path)
    parent = world.resource(target.owner)
    if parent is None:
        return None
    # What is to be changed is found as it is kept, what is to be shown as it is shown.
    whole = parent if call.method == "DELETE" else table.rendered(world, parent)
    rows = children(whole, kind)
    return next((entry for entry in rows if same(entry["id"], target.path)), None)


def children(parent: Json, kind: Kind) -> list[Json]:
    """The children of one collection that live inside their parent."""
    rows: list[Json] = parent["properties"].get(kind.inline) or []
    return rows


def _parent(call: Call) -> Json:
    owner = call.target.owner
    parent = call.world.resource(owner)
    if parent is None:
        raise parent_not_found(call.target, owner)
    return parent


def made(call: Call, kind: Kind, before: Json | None) -> Json:
    """The body a PUT asks for, as it would be kept; nothing is changed yet."""
    given = call.object()
    demand_name(call)
    location = location_of(call, given) or (before or {}).get("location")
    if kind.located and not location and kind.style != "sync":
        raise bad_request(
            "LocationRequired", "The location property is required for this definition."
        )
    if before and location and not same(str(location), str(before.get("location") or location)):
        raise AzureError(
            409,
            "InvalidResourceLocation",
            f"The resource '{call.target.name}' already exists in location "
            f"'{before.get('location')}' in resource group '{call.target.group}'. A resource with "
            f"the same name cannot be created in location '{location}'. Please select a new "
            "resource name.",
        )
    body: Json = {
        "name": before["name"] if before else call.target.name,
        "id": before["id"] if before else call.world.proper_id(call.target),
        "etag": call.world.etag(),
        "type": kind.type,
        "tags": tags_of(given),
        "properties": forms.without_nulls(call.properties()),
        "_created": (before or {}).get("_created", call.world.now),
    }
    body |= {key: given[key] for key in TOP_LEVEL if given.get(key) is not None}
    if location:
        body["location"] = location
    return body


def accepted(call: Call, kind: Kind, body: Json, *, new: bool) -> Answer:
    """The answer to a PUT of a body that is stored already, and what happens after it."""
    if kind.style == "sync":
        body["properties"]["provisioningState"] = "Succeeded"
        return Answer(201 if new else 200, table.rendered(call.world, body))
    body["properties"]["provisioningState"] = "Updating"
    body["properties"].setdefault("resourceGuid", call.world.guid("resource", body["id"]))
    takes = call.world.takes(kind.put_takes, body["id"])
    operation = arm_operations.begin(call.world, takes)
    call.world.later(takes, "resource_settled", id=body["id"], operation=operation)
    status = 202 if kind.style == "accepted" else 201 if new else 200
    shown = table.rendered(call.world, body)
    return Answer(status, shown, arm_operations.headers(call, operation))


def _put_child(call: Call, kind: Kind) -> Answer:
    world, parent = call.world, _parent(call)
    demand_name(call)
    siblings = children(parent, kind)
    given = forms.without_nulls(call.object()) | {"name": call.target.name}
    table.check({"type": kind.type, "properties": call.properties()})
    child = networks.child(world, parent, kind.inline, given)
    rest = [entry for entry in siblings if not same(entry["name"], child["name"])]
    draft = copy.deepcopy(parent)
    draft["properties"][kind.inline] = [*rest, child]
    table.adopt(world, draft, parent)
    world.put(draft)
    operation = arm_operations.begin(world, world.takes(kind.put_takes, parent["id"]))
    new = len(rest) == len(siblings)
    draft["etag"] = world.etag()
    rows = table.rendered(world, draft)["properties"][kind.inline]
    shown: Json = next(entry for entry in rows if same(entry["name"], child["name"]))
    shown["properties"]["provisioningState"] = "Updating"
    return Answer(201 if new else 200, shown, arm_operations.headers(call, operation))


EFFECTS: dict[str, Effect] = {"resource_settled": settle}
