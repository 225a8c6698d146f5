"""Networks and network mappings: made, changed, removed, refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from .conftest import VAULT, Azure
from .test_site_recovery import instant
from .vault_setup import (
    EAST,
    NETWORK_MAPPINGS,
    NEW,
    VNET,
    VNET_ASR,
    WEST,
    become_operator,
    capital,
    done,
    networks,
    two_fabrics,
)

NET = f"{NETWORK_MAPPINGS}/net"


async def test_a_network_mapping_tells_ids_in_small_letters(azure: Azure) -> None:
    await become_operator(azure)
    await two_fabrics(azure)
    job = await done(azure, "PUT", NET, networks())
    body = await azure.get(NET)
    assert body == {
        "id": capital(NET),
        "name": "net",
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationNetworks"
        "/replicationNetworkMappings",
        "properties": {
            "state": "Paired",
            "primaryNetworkFriendlyName": "vnet",
            "primaryNetworkId": VNET.lower(),
            "primaryFabricFriendlyName": "East US",
            "recoveryNetworkFriendlyName": "vnet-asr",
            "recoveryNetworkId": VNET_ASR.lower(),
            "recoveryFabricArmId": capital(WEST),
            "recoveryFabricFriendlyName": "West US 2",
            "fabricSpecificSettings": {
                "instanceType": "AzureToAzure",
                "primaryFabricLocation": "eastus",
                "recoveryFabricLocation": "westus2",
            },
        },
    }
    took = instant(job["endTime"]) - instant(job["startTime"])
    assert timedelta(seconds=2) < took < timedelta(seconds=5)
    assert (job["scenarioName"], job["friendlyName"]) == ("NetworkPairing", "Map Networks")
    # The one job whose target is named, not numbered.
    assert (job["targetInstanceType"], job["targetObjectId"]) == ("Network", "vnet")
    assert [(task["friendlyName"], task["state"]) for task in job["tasks"]] == [
        ("Map network", "Succeeded"),
        ("Attach network (0)", "Other"),
    ]
    group = job["tasks"][1]
    assert (group["taskType"], group["customDetails"]) == ("GroupTaskDetails", None)
    assert group["groupTaskCustomDetails"]["childTasks"] == []
    affected = job["customDetails"]["affectedObjectDetails"]
    assert affected["recoveryNetworkId"] == VNET_ASR.lower()
    for path in (NETWORK_MAPPINGS, f"{NEW}/replicationNetworkMappings"):
        assert (await azure.get(path))["value"] == [body]


async def test_the_network_of_an_azure_fabric_has_one_name(azure: Azure) -> None:
    await become_operator(azure)
    await two_fabrics(azure)
    body = await azure.get(f"{EAST}/replicationNetworks/azureNetwork")
    assert (body["name"], body["properties"]["fabricType"]) == ("azureNetwork", "Azure")
    assert (await azure.get(f"{EAST}/replicationNetworks"))["value"] == [body]
    assert len((await azure.get(f"{NEW}/replicationNetworks"))["value"]) == 2
    for path in (
        f"{EAST}/replicationNetworks/vnet",
        f"{EAST}/replicationNetworks/vnet/replicationNetworkMappings",
    ):
        assert (await azure.ask("GET", path))[0] == 404, path


async def test_a_network_mapping_is_changed_and_removed(azure: Azure) -> None:
    await become_operator(azure)
    await two_fabrics(azure)
    await done(azure, "PUT", NET, networks())
    drill = VNET_ASR.replace("vnet-asr", "drill")
    job = await done(azure, "PATCH", NET, {"properties": {"recoveryNetworkId": drill}})
    assert job["state"] == "Succeeded"
    told = (await azure.get(NET))["properties"]
    assert told["recoveryNetworkId"] == drill.lower()
    assert told["primaryNetworkId"] == VNET.lower()
    job = await done(azure, "DELETE", NET)
    assert (job["scenarioName"], job["friendlyName"]) == ("NetworkUnPairing", "Remove map")
    assert (await azure.ask("GET", NET))[0] == 404
    assert (await azure.ask("DELETE", NET))[0] == 204


async def test_what_a_network_cannot_be_mapped_to(azure: Azure) -> None:
    await become_operator(azure)
    await two_fabrics(azure)
    await done(azure, "PUT", NET, networks())
    drill = VNET_ASR.replace("vnet-asr", "drill")
    for path, body, says in (
        (f"{NET}2", networks(other="nowhere"), "fabric 'nowhere' was not found"),
        (f"{NET}2", networks(primary=f"{VNET}x"), "was not found"),
        (f"{NET}2", networks(recovery=VNET), "cannot be mapped"),
        (f"{NET}2", networks(primary=VNET_ASR), "cannot be mapped"),
        (f"{NET}2", networks(recovery=drill), "is mapped already"),
        (NET, networks(recovery=drill), "exists already"),
    ):
        job = await done(azure, "PUT", path, body)
        assert job["state"] == "Failed", says
        assert says in job["errors"][0]["serviceErrorDetails"]["message"]
    assert len((await azure.get(NETWORK_MAPPINGS))["value"]) == 1
    assert (await done(azure, "PUT", NET, networks()))["state"] == "Succeeded"


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"recoveryFabricName": None}, "'recoveryFabricName' is missing"),
        ({"recoveryNetworkId": None}, "'recoveryNetworkId' is missing"),
        ({"fabricSpecificDetails": None}, "'fabricSpecificDetails' is missing"),
        ({"fabricSpecificDetails": {"instanceType": "VmmToAzure"}}, "has to be 'AzureToAzure'"),
        ({"fabricSpecificDetails": {"instanceType": "AzureToAzure"}}, "'primaryNetworkId'"),
    ],
)
async def test_bad_network_mappings_are_answered_at_once(
    azure: Azure, properties: Any, says: str
) -> None:
    await become_operator(azure)
    fabric = f"{VAULT}/replicationFabrics/asr-a2a-default-eastus"
    path = f"{fabric}/replicationNetworks/azureNetwork/replicationNetworkMappings/bad"
    body = {"properties": networks()["properties"] | properties}
    status, told, _ = await azure.ask("PUT", path, body)
    assert (status, told["error"]["code"]) == (400, "BadRequest")
    assert says in told["error"]["message"]
