"""Resource groups: made, changed, listed, and deleted with everything in them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from muster.simulator.arm import deletion, filters, leaving, paging
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import AzureError, bad_request, group_not_found
from muster.simulator.arm.given import location_of, tags_of
from muster.simulator.arm.ids import same
from muster.simulator.arm.listing import passes
from muster.simulator.arm.resources import demand_group
from muster.simulator.arm.shapes.table import VAULT, shape_of
from muster.simulator.arm.subscriptions import demand_subscription
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

GROUP = "Microsoft.Resources/resourceGroups"
FIELDS = frozenset({"name", "location", "tagname", "tagvalue"})
_NAME = re.compile(r"[\w.()-]{0,89}[\w()-]")


def get_group(call: Call) -> Answer:
    """GET a resource group."""
    return Answer(200, _shown(demand_group(call)))


def head_group(call: Call) -> Answer:
    """HEAD a resource group: 204 if it exists."""
    demand_group(call)
    return Answer(204)


def list_groups(call: Call) -> Answer:
    """GET all resource groups of a subscription, with `$filter` by tag, and `$top`."""
    demand_subscription(call)
    wanted = filters.of_query(call.query.get("$filter", ""), FIELDS)
    under = f"/subscriptions/{call.target.subscription}"
    groups = [group for group in call.world.of_type(GROUP, under) if passes(wanted, group)]
    return paging.page(call, [_shown(group) for group in groups], top=True)


def put_group(call: Call) -> Answer:
    """PUT a resource group; at once."""
    demand_subscription(call)
    given, before = call.object(), call.world.group(call.target)
    location = location_of(call, given)
    if not location:
        raise bad_request(
            "LocationRequired", "The location property is required for this definition."
        )
    if not _NAME.fullmatch(call.target.group):
        raise bad_request(
            "InvalidResourceGroup",
            f"The provided resource group name '{call.target.group}' has these invalid "
            "characters or is too long, or it ends with a full stop.",
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
        tags_of(given),
        call.world.now,
    )
    if before:
        group |= {key: before[key] for key in ("id", "name", "_created")}
    return Answer(200 if before else 201, _shown(call.world.put(group)))


def patch_group(call: Call) -> Answer:
    """PATCH a resource group: its tags."""
    group, given = demand_group(call), call.object()
    if "tags" in given:
        group["tags"] = tags_of(given)
        call.world.changed = True
    return Answer(200, _shown(group))


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
    takes = call.world.takes("group_delete", group["id"])
    operation = leaving.begin(call.world, group["id"], takes, "group_gone")
    url = (
        f"{call.endpoint}/subscriptions/{call.target.subscription}/operationresults/{operation}"
        f"?api-version={call.api_version}"
    )
    return Answer(202, None, {"Location": url, "Retry-After": call.retry_after(15.0)})


def group_gone(world: World, args: Json) -> None:
    """A resource group's DELETE is through: all in it goes, what used it elsewhere stays.

    What cannot be deleted stays with its group, and the DELETE has failed.
    """
    if not leaving.is_through(world, args):
        return None
    group_id, blocked = str(args["id"]), {}
    for vm in list(world.of_type("Microsoft.Compute/virtualMachines", group_id)):
        deletion.detach(world, vm["id"])
    for vault in list(world.of_type(VAULT, group_id)):
        try:
            shape_of(VAULT).demand_unused(world, vault)
        except AzureError as reason:
            blocked[vault["id"].lower()] = reason
        else:
            shape_of(VAULT).gone(world, vault)
    if blocked:
        return _stays(world, group_id, args["operation"], blocked)
    return world.remove(group_id)


def _stays(world: World, group_id: str, operation: str, blocked: Mapping[str, AzureError]) -> None:
    """Azure deletes what it can and rolls the group's state back; form of the error: public."""
    under = group_id.lower() + "/"
    for key in [key for key in world.resources if key.startswith(under)]:
        if key in world.resources and not any((key + "/").startswith(k + "/") for k in blocked):
            world.remove(key)
    group = world.resources[group_id.lower()]
    group["properties"]["provisioningState"] = "Succeeded"
    named = ",".join(world.resources[key]["id"].partition("/providers/")[2] for key in blocked)
    message = (
        f"Deletion of resource group '{group['name']}' failed as resources with identifiers "
        f"'{named}' could not be deleted. The provisioning state of the resource group will be "
        f"rolled back. The tracking Id is '{operation}'. Please check audit logs for more details."
    )
    details = [
        {"target": world.resources[key]["id"], "message": json.dumps(reason.body())}
        for key, reason in blocked.items()
    ]
    error = {"code": "ResourceGroupDeletionBlocked", "message": message, "details": details}
    arm_operations.finish(world, operation, error, status=409)


def _shown(group: Json) -> Json:
    return {key: value for key, value in group.items() if key != "_created"}


EFFECTS: dict[str, Effect] = {"group_gone": group_gone}
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
ROUTES: Routes = {
    (_GROUPS, "list"): Route(list_groups, "specified"),
    (_GROUPS, "get"): Route(get_group, "specified"),
    (_GROUPS, "head"): Route(head_group, "specified"),
    (_GROUPS, "put"): Route(put_group, "specified"),
    (_GROUPS, "patch"): Route(patch_group, "specified"),
    (_GROUPS, "delete"): Route(delete_group, "specified", "How long it takes: inferred."),
}
