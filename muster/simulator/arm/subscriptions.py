"""Subscriptions, and what a caller may do at a scope."""

from __future__ import annotations

import re

from muster.simulator.arm import paging
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.ids import Target
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.world import World

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def demand_known(world: World, target: Target) -> None:
    """Refuse a path below a subscription that is not there. Comes before any permission.

    Raises: AzureError 404 (azure-cli #30164), or 400 for an id that is none (from memory).
    """
    asked = target.subscription
    if not asked or asked.lower() in world.state["subscriptions"]:
        return
    if not _GUID.fullmatch(asked):
        raise bad_request(
            "InvalidSubscriptionId",
            f"The provided subscription identifier '{asked}' is malformed or invalid.",
        )
    raise AzureError(
        404, "SubscriptionNotFound", f"The subscription '{asked}' could not be found."
    )


def list_tenants(call: Call) -> Answer:
    """GET /tenants: the caller's own, which is the one there is."""
    tenant = call.world.state["tenant"]
    told = {"id": f"/tenants/{tenant}", "tenantId": tenant, "tenantCategory": "Home"}
    return paging.page(call, [told])


def demand_subscription(call: Call) -> str:
    """The name of the subscription a path lies in. Raises: ARM's 404 (from memory), or a 400."""
    if not call.target.subscription:
        raise AzureError(
            404,
            "MissingSubscription",
            "The request did not have a subscription or a valid tenant level resource provider.",
        )
    demand_known(call.world, call.target)
    return str(call.world.state["subscriptions"][call.target.subscription.lower()])


def get_subscription(call: Call) -> Answer:
    """GET /subscriptions/{id}."""
    name = demand_subscription(call)
    return Answer(200, _subscription(call, call.target.subscription.lower(), name))


def list_subscriptions(call: Call) -> Answer:
    """GET /subscriptions: those the caller has any role in."""
    known: dict[str, str] = call.world.state["subscriptions"]
    return paging.page(
        call,
        [
            _subscription(call, key, name)
            for key, name in known.items()
            if any(
                grant.scope.lower().startswith(f"/subscriptions/{key}")
                for grant in call.caller.grants
            )
        ],
    )


def permissions(call: Call) -> Answer:
    """GET {scope}/providers/Microsoft.Authorization/permissions: the caller's own."""
    return listed(call.caller.permissions(call.target.scope))


def _subscription(call: Call, key: str, name: str) -> Json:
    return {
        "id": f"/subscriptions/{key}",
        "authorizationSource": "RoleBased",
        "subscriptionId": key,
        "tenantId": call.world.state["tenant"],
        "displayName": name,
        "state": "Enabled",
    }


_SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
ROUTES: Routes = {
    (_SUBSCRIPTIONS, "list"): Route(list_subscriptions, "specified"),
    (_SUBSCRIPTIONS, "get"): Route(get_subscription, "specified"),
    ("Microsoft.Resources/tenants", "list"): Route(
        list_tenants, "specified", "Names and domains of the tenant are left out."
    ),
    ("Microsoft.Authorization/permissions", "list"): Route(permissions, "specified"),
}
