"""What several tests ask for: worlds with something more in them, and writes that end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .conftest import DRILL_NETWORK, SUBSCRIPTION, TARGET, WORLD, Azure

NETWORK, COMPUTE = f"{TARGET}/Microsoft.Network", f"{TARGET}/Microsoft.Compute"
GROUP = TARGET.removesuffix("/providers")
LOCATIONS = f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations"


def world_with(folder: Path, more: str, **replaced: str) -> Path:
    """The small world, with text put at its end and other text in place of some of its own."""
    text = WORLD.read_text()
    for before, after in replaced.items():
        assert before in text
        text = text.replace(before, after)
    file = folder / "world.yaml"
    file.write_text(f"{text}\n{more}\n")
    return file


async def done(azure: Azure, headers: Any) -> Any:
    """The last answer of an operation, as its headers name it."""
    return await azure.until(
        headers["Azure-AsyncOperation"], lambda told: told["status"] != "InProgress"
    )


READY = "Ready"


def agent(view: Any) -> str:
    """How the agent of a VM is doing, as its instance view tells."""
    return str(view.get("vmAgent", {}).get("statuses", [{}])[0].get("displayStatus"))


class Operator:
    """Requests of the identity that may do everything."""

    def __init__(self, azure: Azure, token: str) -> None:
        self.azure, self.token = azure, token

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        return await self.azure.ask(method, path, body, token=self.token, **query)

    async def put(self, path: str, body: Any, **query: str) -> Any:
        """PUT and wait; answers what a GET then tells."""
        status, told, headers = await self.ask("PUT", path, body, **query)
        assert status in (200, 201, 202), told
        if "Azure-AsyncOperation" in headers:
            assert (await done(self.azure, headers))["status"] == "Succeeded"
        return await self.azure.get(path)

    async def delete(self, path: str) -> None:
        """DELETE and wait."""
        status, told, headers = await self.ask("DELETE", path)
        assert status in (200, 202), told
        if "Azure-AsyncOperation" in headers:
            assert (await done(self.azure, headers))["status"] == "Succeeded"

    async def refused(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Status and code of a refusal."""
        status, told, _ = await self.ask(method, path, body, **query)
        assert status >= 400, told
        return status, told["error"]["code"]


async def operator(azure: Azure) -> Operator:
    return Operator(azure, await azure.as_("operator"))


def nic(subnet: str = "alpha", **properties: Any) -> dict[str, Any]:
    placed = {"subnet": {"id": f"{DRILL_NETWORK}/subnets/{subnet}"}} | properties
    return {
        "location": "westus2",
        "properties": {"ipConfigurations": [{"name": "one", "properties": placed}]},
    }


def vm(nic_id: str, **properties: Any) -> dict[str, Any]:
    """A Linux VM of an image, with one NIC."""
    made: dict[str, Any] = {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu-24_04-lts",
                "sku": "server",
                "version": "latest",
            },
            "osDisk": {"createOption": "FromImage", "name": "new-osdisk"},
        },
        "osProfile": {"computerName": "new", "adminUsername": "me", "adminPassword": "secret-1"},
        "networkProfile": {"networkInterfaces": [{"id": nic_id}]},
    }
    return {"location": "westus2", "properties": made | properties}
