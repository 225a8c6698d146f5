"""GET, PUT, DELETE, HEAD and lists of any known type of resource, as ARM does them."""

from __future__ import annotations

import copy

from muster.simulator.arm import addresses, networks
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import (
    AzureError,
    bad_request,
    group_not_found,
    not_implemented,
    parent_not_found,
    resource_not_found,
)
from muster.simulator.arm.ids import same
from muster.simulator.arm.types import KINDS, Kind
from muster.simulator.call import Answer, Call, listed
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World


def get(call: Call) -> Answer:
    """GET a resource by its id."""
    return Answer(200, networks.rendered(call.world, found(call)))


def head(call: Call) -> Answer:
    """HEAD: 204 if it exists."""
    found(call)
    return Answer(204)


def list_all(call: Call) -> Answer:
    """GET a type in a resource group, in a subscription, or under its parent."""
    target, world = call.target, call.world
    kind = kind_of(call)
    if kind.inline:
        parent = _parent(call)
        entries = networks.rendered(world, parent)["properties"][kind.inline]
        return listed(entries)
    if target.group:
        demand_group(call)
    if len(target.types) > 1:
        _parent(call)
    under = target.owner if len(target.types) > 1 else target.scope
    return listed([networks.rendered(world, each) for each in world.of_type(target.type, under)])


def put(call: Call) -> Answer:
    """PUT a resource: made or replaced."""
    kind, world, target = kind_of(call), call.world, call.target
    if not kind.writable:
        raise not_implemented(f"PUT of {target.type}")
    if target.group:
        demand_group(call)
    if kind.inline:
        return _put_child(call, kind)
    if len(target.types) > 1:
        _parent(call)
    before = world.resource(target.path)
    body = _made(call, kind, before)
    if kind.type.startswith("Microsoft.Network/"):
        networks.adopt(world, body, before)
    if same(kind.type, networks.NIC):
        addresses.adopt_nic(world, body)
    world.put(body)
    return _accepted(call, kind, body, new=before is None)


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
        raise AzureError(
            404,
            "InvalidResourceType",
            f"The resource type '{call.target.type}' could "
            f"not be found in the namespace '{call.target.namespace}' for api version "
            f"'{call.api_version}'.",
        )
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
    whole = parent if call.method == "DELETE" else networks.rendered(world, parent)
    children: list[Json] = whole["properties"][kind.inline]
    return next((entry for entry in children if same(entry["id"], target.path)), None)


def _named(entries: list[Json], name: str) -> Json:
    return next(entry for entry in entries if same(entry["name"], name))


def _parent(call: Call) -> Json:
    owner = call.target.owner
    parent = call.world.resource(owner)
    if parent is None:
        raise parent_not_found(call.target, owner)
    return parent


def _made(call: Call, kind: Kind, before: Json | None) -> Json:
    given = call.object()
    location = given.get("location") or (before or {}).get("location")
    if kind.located and not location and kind.style != "sync":
        raise bad_request(
            "LocationRequired", "The location property is required for this definition."
        )
    if before and not same(str(location), str(before.get("location"))):
        raise AzureError(
            409,
            "InvalidResourceLocation",
            f"The resource '{call.target.name}' already "
            f"exists in location '{before.get('location')}'.",
        )
    body: Json = {
        "name": before["name"] if before else call.target.name,
        "id": before["id"] if before else call.world.proper_id(call.target),
        "etag": call.world.etag(),
        "type": kind.type,
        "tags": given.get("tags") or {},
        "properties": copy.deepcopy(call.properties()),
        "_created": (before or {}).get("_created", call.world.now),
    }
    body |= {key: given[key] for key in ("sku", "kind", "zones", "identity") if key in given}
    if location:
        body["location"] = str(location).lower().replace(" ", "")
    return body


def _accepted(call: Call, kind: Kind, body: Json, *, new: bool) -> Answer:
    if kind.style == "sync":
        body["properties"]["provisioningState"] = "Succeeded"
        return Answer(201 if new else 200, networks.rendered(call.world, body))
    body["properties"]["provisioningState"] = "Updating"
    body["properties"].setdefault("resourceGuid", call.world.guid("resource", body["id"]))
    operation = arm_operations.begin(call.world, kind.put_takes)
    call.world.later(kind.put_takes, "resource_settled", id=body["id"])
    status = 202 if kind.style == "accepted" else 201 if new else 200
    shown = networks.rendered(call.world, body)
    return Answer(status, shown, arm_operations.headers(call, operation))


def _put_child(call: Call, kind: Kind) -> Answer:
    world, parent = call.world, _parent(call)
    children = parent["properties"][kind.inline]
    given = call.object() | {"name": call.target.name}
    made = networks.child(world, parent, kind.inline, given)
    rest = [entry for entry in children if not same(entry["name"], made["name"])]
    draft = copy.deepcopy(parent)
    draft["properties"][kind.inline] = [*rest, made]
    if same(parent["type"], networks.NETWORK):
        networks.check_ranges(draft)
        networks.check_references(world, draft)
    parent["properties"][kind.inline] = [*rest, made]
    parent["etag"] = world.etag()
    operation = arm_operations.begin(world, kind.put_takes)
    new = len(rest) == len(children)
    shown = _named(networks.rendered(world, parent)["properties"][kind.inline], made["name"])
    shown["properties"]["provisioningState"] = "Updating"
    return Answer(201 if new else 200, shown, arm_operations.headers(call, operation))


EFFECTS: dict[str, Effect] = {"resource_settled": settle}
