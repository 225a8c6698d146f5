"""Subscriptions, and what a caller may do at a scope."""

from __future__ import annotations

from muster.simulator.arm import paging
from muster.simulator.arm.errors import AzureError
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json


def demand_subscription(call: Call) -> str:
    """The name of the subscription a path lies in. Raises: ARM's 404."""
    known: dict[str, str] = call.world.state["subscriptions"]
    name = known.get(call.target.subscription.lower())
    if name is None:
        raise AzureError(
            404,
            "SubscriptionNotFound",
            f"The subscription '{call.target.subscription}' could not be found.",
        )
    return name


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
    ("Microsoft.Authorization/permissions", "list"): Route(permissions, "specified"),
}
