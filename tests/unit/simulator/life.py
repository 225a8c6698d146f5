"""The operator's hands in the small world: acts on items that the drill identity may not do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.identity.aio import ClientSecretCredential
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient

from .conftest import CONTAINER, CONTAINER_ID, FABRIC, ITEMS, SUBSCRIPTION, VAULT, WORLD, Azure
from .conftest import running as running_azure

SOURCE = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers"
TARGET = f"{SUBSCRIPTION}/resourceGroups/rg-asr/providers"
VM = "Microsoft.Compute/virtualMachines"
RECOVERY_FABRIC = "asr-a2a-default-westus2"
RECOVERY_CONTAINER = f"{RECOVERY_FABRIC}-container"
RECOVERY_ID = (
    f"{VAULT}/replicationFabrics/{RECOVERY_FABRIC}/replicationProtectionContainers"
    f"/{RECOVERY_CONTAINER}"
)
POLICY = f"{VAULT}/replicationPolicies/24-hour-retention-policy"
A2A = {"instanceType": "A2A"}
ENDED = ("Succeeded", "Failed", "Cancelled", "Suspended")


@dataclass
class Operator:
    """One who may do everything, with bare HTTP and with the SDK."""

    azure: Azure
    token: str
    where: str = CONTAINER_ID  # the container that `item` looks in

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """(status, body, headers)."""
        return await self.azure.ask(method, path, body, token=self.token, **more)

    async def get(self, path: str, **query: str) -> Any:
        status, body, _ = await self.ask("GET", path, **query)
        assert status == 200, body
        return body

    async def until(self, path: str, is_so: Callable[[Any], bool], **query: str) -> Any:
        while not is_so(body := await self.get(path, **query)):
            pass
        return body

    def path(self, vm: str, verb: str = "") -> str:
        return f"{self.where}/replicationProtectedItems/{ITEMS.get(vm, vm)}" + (
            f"/{verb}" if verb else ""
        )

    async def item(self, vm: str, **query: str) -> Any:
        return (await self.get(self.path(vm), **query))["properties"]

    async def act(self, path: str, properties: Any = None, method: str = "POST") -> str:
        """Ask for something; answers the job's id."""
        body = None if properties is None else {"properties": properties}
        status, told, headers = await self.ask(method, path, body)
        assert status == 202, told
        return str(headers["x-ms-request-id"].rpartition("/")[2])

    async def job(self, job: str) -> Any:
        """A job's properties at its end."""
        found = await self.until(
            f"{VAULT}/replicationJobs/{job}", lambda body: body["properties"]["state"] in ENDED
        )
        return found["properties"]

    async def did(self, vm: str, verb: str, properties: Any = None, method: str = "POST") -> Any:
        """Ask it of an item and wait: the job, which has to succeed."""
        ended = await self.job(await self.act(self.path(vm, verb), properties, method))
        assert ended["state"] == "Succeeded", ended["errors"]
        return ended

    async def fail_over(self, vm: str, *, source: str = "NotRequired", **details: str) -> Any:
        return await self.did(vm, "unplannedFailover", failover_body(source, **details))

    async def refused(self, path: str, properties: Any = None, method: str = "POST") -> str:
        """Ask for something that fails as a job; the error's message."""
        ended = await self.job(await self.act(path, properties, method))
        assert ended["state"] == "Failed"
        return str(ended["errors"][0]["serviceErrorDetails"]["message"])

    async def site_recovery(self) -> Any:
        azure = self.azure
        credential = ClientSecretCredential(
            azure.settings["AZURE_TENANT_ID"],
            "bbbbbbbb-0000-4000-8000-000000000001",
            "simulator-only-operator",
            authority=azure.endpoint,
            disable_instance_discovery=True,
            connection_verify=azure.ca,
        )
        await azure.stack.enter_async_context(credential)
        client = SiteRecoveryManagementClient(
            credential,
            azure.settings["MUSTER_SUBSCRIPTION"],
            base_url=azure.endpoint,
            connection_verify=azure.ca,
            polling_interval=0.05,
        )
        return await azure.stack.enter_async_context(client)


def failover_body(source: str = "NotRequired", **details: str) -> Any:
    return {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": source,
        "providerSpecificDetails": A2A | details,
    }


def where(vm: str) -> tuple[str, ...]:
    """What the SDK's methods take first."""
    return ("rg-dr", "rsv", FABRIC, CONTAINER, ITEMS[vm])


@asynccontextmanager
async def operating(
    folder: Path, speed: float = 3600.0, **settings: Any
) -> AsyncIterator[Operator]:
    """The small world, perhaps with other settings, and its operator."""
    world = WORLD
    if settings:
        told = ", ".join(f"{name}: {value}" for name, value in settings.items())
        world = folder / "world.yaml"
        world.write_text(f"{WORLD.read_text()}\nsettings: {{{told}}}\n")
    async with running_azure(folder / "state", world, speed) as azure:
        yield Operator(azure, await azure.as_("operator"))
