"""Azure's regions: names, the names people read, and the list of a subscription."""

from __future__ import annotations

from muster.simulator.arm.subscriptions import demand_subscription
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.regions import PUBLIC, as_location, display
from muster.simulator.world import World


def known(world: World) -> list[str]:
    """Every location there is: Azure's, and those a world's groups stand in."""
    own = {as_location(str(body.get("location") or "")) for body in world.resources.values()}
    return sorted({*PUBLIC, *own} - {"", "global"})


def list_locations(call: Call) -> Answer:
    """GET /subscriptions/{s}/locations; it has no nextLink."""
    demand_subscription(call)
    scope = f"/subscriptions/{call.target.subscription.lower()}/locations"
    rows = [_row(scope, name) for name in known(call.world)]
    return Answer(200, {"value": rows})


def _row(scope: str, name: str) -> Json:
    shown = display(name)
    return {
        "id": f"{scope}/{name}",
        "name": name,
        "type": "Region",
        "displayName": shown,
        "regionalDisplayName": shown,
        "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
    }


ROUTES: Routes = {
    ("Microsoft.Resources/subscriptions/locations", "list"): Route(
        list_locations, "specified", "Coordinates, zones and pairs are left out."
    ),
}
