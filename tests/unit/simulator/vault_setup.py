"""For the tests of a vault's set-up: one who may do all, and bodies of what is made."""

from __future__ import annotations

from typing import Any

from azure.identity.aio import ClientSecretCredential

from .conftest import SUBSCRIPTION, Azure

VAULTS = f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.RecoveryServices/vaults"
NEW = f"{VAULTS}/fresh"
WEST, EAST = f"{NEW}/replicationFabrics/west", f"{NEW}/replicationFabrics/east"
SOURCE = f"{EAST}/replicationProtectionContainers/source"
TARGET = f"{WEST}/replicationProtectionContainers/target"
POLICY = f"{NEW}/replicationPolicies/daily"
MAPPINGS = "replicationProtectionContainerMappings"
NETWORK_MAPPINGS = f"{EAST}/replicationNetworks/azureNetwork/replicationNetworkMappings"
NETWORKS = "Microsoft.Network/virtualNetworks"
VNET = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/{NETWORKS}/vnet"
VNET_ASR = f"{SUBSCRIPTION}/resourceGroups/rg-asr/providers/{NETWORKS}/vnet-asr"


def capital(path: str) -> str:
    """An id as Site Recovery tells it."""
    return path.replace("/subscriptions/", "/Subscriptions/")


async def become_operator(azure: Azure) -> None:
    """Bare requests of this test come from the identity that may do everything."""
    azure.token = await azure.as_("operator")


async def operator(azure: Azure, kind: Any) -> Any:
    """A client of the SDK for that identity."""
    credential = ClientSecretCredential(
        azure.settings["AZURE_TENANT_ID"],
        "bbbbbbbb-0000-4000-8000-000000000001",
        "simulator-only-operator",
        authority=azure.endpoint,
        disable_instance_discovery=True,
        connection_verify=azure.ca,
    )
    await azure.stack.enter_async_context(credential)
    return await azure.stack.enter_async_context(
        kind(
            credential,
            azure.settings["MUSTER_SUBSCRIPTION"],
            base_url=azure.endpoint,
            connection_verify=azure.ca,
            polling_interval=0.05,
        )
    )


async def done(azure: Azure, method: str, path: str, body: Any = None) -> Any:
    """Send a write of Site Recovery and follow it to its end; answers the job."""
    status, told, headers = await azure.ask(method, path, body)
    assert (status, told) == (202, ""), told
    return await ended(azure, headers)


async def ended(azure: Azure, headers: Any) -> Any:
    """The job of a write that was accepted, when it is over."""
    url = headers["Azure-AsyncOperation"]
    await azure.until(url, lambda body: body["status"] != "InProgress")
    job = url.partition("?")[0].rpartition("/")[2]
    vault = url.partition("/replicationOperationStatus/")[0].removeprefix(azure.endpoint)
    return (await azure.get(f"{vault}/replicationJobs/{job}"))["properties"]


async def new_vault(azure: Azure, path: str = NEW, **more: Any) -> Any:
    """Make a vault and wait for it; answers its body."""
    body = {"location": "westus2", "sku": {"name": "Standard"}, "properties": {}} | more
    status, told, headers = await azure.ask("PUT", path, body)
    assert status == 201, told
    await azure.until(headers["Azure-AsyncOperation"], lambda body: body["status"] != "InProgress")
    return await azure.get(path)


def fabric(location: str = "eastus") -> Any:
    return {"properties": {"customDetails": {"instanceType": "Azure", "location": location}}}


def policy(**terms: Any) -> Any:
    given = {"instanceType": "A2A", "multiVmSyncStatus": "Enable"} | terms
    return {"properties": {"providerSpecificInput": given}}


def mapping(target: str = TARGET, by: str = POLICY, **more: Any) -> Any:
    return {
        "properties": {
            "policyId": by,
            "targetProtectionContainerId": target,
            "providerSpecificInput": {"instanceType": "A2A", "agentAutoUpdateStatus": "Disabled"}
            | more,
        }
    }


def networks(primary: str = VNET, recovery: str = VNET_ASR, other: str = "west") -> Any:
    return {
        "properties": {
            "recoveryFabricName": other,
            "recoveryNetworkId": recovery,
            "fabricSpecificDetails": {
                "instanceType": "AzureToAzure",
                "primaryNetworkId": primary,
            },
        }
    }


A2A_CONTAINER = {"properties": {"providerSpecificInput": [{"instanceType": "A2A"}]}}


async def two_fabrics(azure: Azure) -> None:
    """A new vault with a fabric in each of two regions."""
    await new_vault(azure)
    await done(azure, "PUT", EAST, fabric("eastus"))
    await done(azure, "PUT", WEST, fabric("westus2"))


async def paired(azure: Azure) -> None:
    """Containers, a policy and the mapping from source to target besides."""
    await two_fabrics(azure)
    await done(azure, "PUT", SOURCE, A2A_CONTAINER)
    await done(azure, "PUT", TARGET, A2A_CONTAINER)
    await done(azure, "PUT", POLICY, policy())
    await done(azure, "PUT", f"{SOURCE}/{MAPPINGS}/there", mapping())
