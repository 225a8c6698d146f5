"""Usages counted from the world, and what a quota refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.compute.aio import ComputeManagementClient

from muster.simulator.compute.sizes import size_of

from .asked import COMPUTE, LOCATIONS, NETWORK, nic, operator, vm, world_with
from .conftest import SUBSCRIPTION, Azure, running

TIGHT = """
quotas:
  - location: westus2
    limits: {cores: 10, standardDSv5Family: 4, PublicIPAddresses: 1, virtualMachines: 3}
"""
OVER = (409, "OperationNotAllowed")


async def test_the_client_reads_what_is_in_use(azure: Azure) -> None:
    client = await azure.client(ComputeManagementClient)
    found = {each.name.value: each async for each in client.usage.list("eastus")}
    assert found["virtualMachines"].current_value == 4
    assert found["cores"].current_value == 8 + 3 * 2  # Sql1, and three of the default size
    assert found["cores"].name.localized_value == "Total Regional vCPUs"
    assert found["standardESv5Family"].current_value == 8
    assert found["standardDSv5Family"].current_value == 6
    assert found["standardDSv5Family"].name.localized_value == "Standard DSv5 Family vCPUs"
    there = {each.name.value: each async for each in client.usage.list("westus2")}
    assert there["cores"].current_value == 0
    path = f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westus2/usages"
    rows = {row["name"]["value"]: row for row in (await azure.get(path))["value"]}
    assert rows["VirtualNetworks"]["currentValue"] == 2
    assert rows["VirtualNetworks"]["unit"] == "Count"


async def test_a_quota_of_the_world_refuses_what_is_too_much(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, TIGHT)) as azure:
        admin = await operator(azure)
        for n in range(4):
            await admin.put(f"{NETWORK}/networkInterfaces/n{n}", nic())

        def machine(n: int, size: str) -> dict[str, Any]:
            made = vm(f"{NETWORK}/networkInterfaces/n{n}", hardwareProfile={"vmSize": size})
            made["properties"]["storageProfile"]["osDisk"]["name"] = f"os{n}"
            return made

        path = f"{COMPUTE}/virtualMachines/m"
        status, told, _ = await admin.ask("PUT", f"{path}0", machine(0, "Standard_D8s_v5"))
        assert (status, told["error"]["code"]) == OVER
        assert told["error"]["message"].startswith(
            "Operation could not be completed as it results in exceeding approved "
            "standardDSv5Family Cores quota. Additional details - Deployment Model: Resource "
            "Manager, Location: westus2, Current Limit: 4, Current Usage: 0, Additional Required: "
            "8, (Minimum) New Limit Required: 8."
        )
        assert (await azure.ask("GET", f"{path}0"))[0] == 404
        await admin.put(f"{path}0", machine(0, "Standard_D4s_v5"))
        status, told, _ = await admin.ask("PUT", f"{path}1", machine(1, "Standard_E8s_v5"))
        assert (status, told["error"]["code"]) == OVER
        assert "approved Total Regional Cores quota" in told["error"]["message"]
        assert "Current Usage: 4, Additional Required: 8" in told["error"]["message"]
        await admin.put(f"{path}1", machine(1, "Standard_E2s_v5"))
        await admin.put(f"{path}2", machine(2, "Standard_B1s"))
        assert await admin.refused("PUT", f"{path}3", machine(3, "Standard_B1s")) == OVER
        # A resize needs only what it takes more.
        bigger = {"properties": {"hardwareProfile": {"vmSize": "Standard_D8s_v5"}}}
        assert await admin.refused("PATCH", f"{path}0", bigger) == OVER
        smaller = {"properties": {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}}}
        assert (await admin.ask("PATCH", f"{path}0", smaller))[0] == 200

        ip = f"{NETWORK}/publicIPAddresses/ip"
        await admin.put(f"{ip}1", {"location": "westus2", "sku": {"name": "Standard"}})
        refused = await admin.refused("PUT", f"{ip}2", {"location": "westus2"})
        assert refused == (400, "PublicIPCountLimitReached")


@pytest.mark.parametrize(
    ("name", "cores", "family"),
    [
        ("Standard_D2s_v5", 2, "standardDSv5Family"),
        ("Standard_D4as_v5", 4, "standardDASv5Family"),
        ("Standard_E8s_v5", 8, "standardESv5Family"),
        ("Standard_DS3_v2", 4, "standardDSv2Family"),
        ("Standard_D1", 1, "standardDFamily"),
        ("Standard_F16s_v2", 16, "standardFSv2Family"),
        ("Standard_B2ms", 2, "standardBSFamily"),
        ("Standard_M64s", 64, "standardMSFamily"),
        ("standard_e4-2ds_v4", 4, "standardEDSv4Family"),
    ],
)
def test_a_size_tells_its_cores_and_its_quota(name: str, cores: int, family: str) -> None:
    size = size_of(name)
    assert size is not None
    assert (size.cores, size.family) == (cores, family)


@pytest.mark.parametrize("name", ["", "Large", "Standard_", "Standard_D", "D2s_v5 "])
def test_what_is_no_size_is_none(name: str) -> None:
    assert size_of(name) is None


async def test_sizes_are_told_for_a_location_and_for_a_vm(azure: Azure) -> None:
    client = await azure.client(ComputeManagementClient)
    found = {each.name: each async for each in client.virtual_machine_sizes.list("westus2")}
    assert (found["Standard_E8s_v5"].number_of_cores, found["Standard_E8s_v5"].memory_in_mb) == (
        8,
        65536,
    )
    listed = [
        each.name async for each in client.virtual_machines.list_available_sizes("rg-app", "web1")
    ]
    assert "Standard_D2s_v5" in listed
    assert (await azure.ask("GET", f"{LOCATIONS}/westus2/vmSizes"))[0] == 200
