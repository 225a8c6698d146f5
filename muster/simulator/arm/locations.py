"""Azure's regions: names, the names people read, and the list of a subscription."""

from __future__ import annotations

from muster.simulator.arm.subscriptions import demand_subscription
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

REGIONS = {
    "australiacentral": "Australia Central",
    "australiacentral2": "Australia Central 2",
    "australiaeast": "Australia East",
    "australiasoutheast": "Australia Southeast",
    "austriaeast": "Austria East",
    "belgiumcentral": "Belgium Central",
    "brazilsouth": "Brazil South",
    "brazilsoutheast": "Brazil Southeast",
    "canadacentral": "Canada Central",
    "canadaeast": "Canada East",
    "centralindia": "Central India",
    "centralus": "Central US",
    "chilecentral": "Chile Central",
    "denmarkeast": "Denmark East",
    "eastasia": "East Asia",
    "eastus": "East US",
    "eastus2": "East US 2",
    "francecentral": "France Central",
    "francesouth": "France South",
    "germanynorth": "Germany North",
    "germanywestcentral": "Germany West Central",
    "indonesiacentral": "Indonesia Central",
    "israelcentral": "Israel Central",
    "israelnorthwest": "Israel Northwest",
    "italynorth": "Italy North",
    "japaneast": "Japan East",
    "japanwest": "Japan West",
    "jioindiacentral": "Jio India Central",
    "jioindiawest": "Jio India West",
    "koreacentral": "Korea Central",
    "koreasouth": "Korea South",
    "malaysiawest": "Malaysia West",
    "mexicocentral": "Mexico Central",
    "newzealandnorth": "New Zealand North",
    "northcentralus": "North Central US",
    "northeurope": "North Europe",
    "norwayeast": "Norway East",
    "norwaywest": "Norway West",
    "polandcentral": "Poland Central",
    "qatarcentral": "Qatar Central",
    "southafricanorth": "South Africa North",
    "southafricawest": "South Africa West",
    "southcentralus": "South Central US",
    "southeastasia": "Southeast Asia",
    "southindia": "South India",
    "spaincentral": "Spain Central",
    "swedencentral": "Sweden Central",
    "swedensouth": "Sweden South",
    "switzerlandnorth": "Switzerland North",
    "switzerlandwest": "Switzerland West",
    "uaecentral": "UAE Central",
    "uaenorth": "UAE North",
    "uksouth": "UK South",
    "ukwest": "UK West",
    "westcentralus": "West Central US",
    "westeurope": "West Europe",
    "westindia": "West India",
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
}
"""Name -> display name: Azure's public regions, also those of restricted access
[DOC:regions-list]."""


def plain(location: str) -> str:
    """`West US 2` and `westus2` are the same place; Azure answers with the second."""
    return location.lower().replace(" ", "")


def known(world: World) -> list[str]:
    """Every location there is: Azure's, and those a world's groups stand in."""
    own = {plain(str(body.get("location") or "")) for body in world.resources.values()}
    return sorted({*REGIONS, *own} - {"", "global"})


def display(location: str) -> str:
    """The name people read; a place of the world's own has none besides its name."""
    return REGIONS.get(plain(location), location)


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
