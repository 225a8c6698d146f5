"""What a client asks before it knows anything: endpoints, tenants, subscriptions that are none."""

from __future__ import annotations

from typing import Any

import pytest

from .asked import GROUP
from .conftest import SUBSCRIPTION, VAULT, Azure
from .still_world import EPOCH, StillWorld

NOBODYS = "/subscriptions/00000000-1111-4222-8333-444444444444"


async def bare(azure: Azure, path: str) -> Any:
    async with azure.http.get(azure.endpoint + path) as got:
        return got.status, await got.json()


@pytest.mark.parametrize(
    ("version", "where"), [("2022-09-01", ()), ("2019-05-01", (0,)), ("2015-01-01", ())]
)
async def test_endpoints_are_told_without_a_sign_in(
    azure: Azure, version: str, where: tuple[int, ...]
) -> None:
    status, told = await bare(azure, f"/metadata/endpoints?api-version={version}")
    for step in where:
        told = told[step]
    assert status == 200
    assert told["authentication"]["loginEndpoint"] == azure.endpoint + "/"
    assert azure.endpoint in told["authentication"]["audiences"]


async def test_endpoints_want_a_version(azure: Azure) -> None:
    status, told = await bare(azure, "/metadata/endpoints")
    assert (status, told["error"]["code"]) == (400, "MissingApiVersionParameter")


async def test_whoever_signed_in_may_list_the_tenants(azure: Azure) -> None:
    rows = (await azure.get("/tenants"))["value"]
    assert [row["tenantId"] for row in rows] == [azure.settings["AZURE_TENANT_ID"]]
    assert (await bare(azure, "/tenants?api-version=2022-12-01"))[0] == 401


@pytest.mark.parametrize("below", ["", "/resourceGroups", VAULT.removeprefix(SUBSCRIPTION)])
@pytest.mark.parametrize("name", ["drill", "operator"])
async def test_a_subscription_that_is_not_there_is_not_found(
    azure: Azure, below: str, name: str
) -> None:
    token = await azure.as_(name)
    status, told, _ = await azure.ask("GET", NOBODYS + below, token=token)
    assert (status, told["error"]["code"]) == (404, "SubscriptionNotFound")
    status, told, _ = await azure.ask("GET", f"/subscriptions/abc{below}", token=token)
    assert (status, told["error"]["code"]) == (400, "InvalidSubscriptionId")
    assert told["error"]["message"] == (
        "The provided subscription identifier 'abc' is malformed or invalid."
    )


def test_below_a_group_that_is_not_there_it_is_the_group_that_is_missing() -> None:
    world, path = StillWorld(), VAULT.replace("rg-dr", "rg-none")
    for asked in (path, f"{path}/replicationFabrics"):
        answer = world.ask("GET", asked)
        assert (answer.body or {})["error"]["code"] == "ResourceGroupNotFound"
    other = world.ask("GET", f"{VAULT}x/replicationFabrics")
    assert (other.body or {})["error"]["code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    "path",
    [
        "replicationvCenters",
        "replicationLogicalNetworks",
        "replicationUsages",
        "usages",
        "backupJobs",
        "replicationFabrics/asr-a2a-default-eastus/replicationLogicalNetworks",
    ],
)
def test_what_azure_has_and_the_simulator_has_not_is_said_to_be_so(path: str) -> None:
    answer = StillWorld().ask("GET", f"{VAULT}/{path}")
    assert (answer.status, (answer.body or {})["error"]["code"]) == (501, "NotImplemented")


def test_a_version_that_is_a_day_off_is_taken_for_a_slip() -> None:
    world = StillWorld()
    for version, status in (("2025-08-01", 200), ("2025-08-02", 400), ("2025-07-02", 200)):
        answer = world.ask("GET", f"{VAULT}/replicationFabrics", **{"api-version": version})
        assert answer.status == status


def test_a_version_of_tomorrow_is_served_tomorrow() -> None:
    world = StillWorld()
    world.clock.at[0] = EPOCH
    world.world.advance()
    path = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/drill"  # EPOCH: 2027-01-15
    assert world.ask("GET", path, **{"api-version": "2027-01-15"}).status == 200
    assert world.ask("GET", path, **{"api-version": "2027-01-16"}).status == 400
    world.pass_by(24 * 3600)
    assert world.ask("GET", path, **{"api-version": "2027-01-16"}).status == 200
