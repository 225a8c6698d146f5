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

    async def points(self, vm: str) -> list[str]:
        """Names of an item's recovery points, oldest first."""
        rows = (await self.get(self.path(vm, "recoveryPoints")))["value"]
        return [row["name"] for row in rows]

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

    async def cache_in(self, group: str, location: str) -> str:
        """The id of a cache account: the one that is there, or a new one."""
        path = f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Storage"
        for account in (await self.get(f"{path}/storageAccounts"))["value"]:
            if account["location"] == location:
                return str(account["id"])
        body = {"location": location, "sku": {"name": "Standard_LRS"}, "properties": {}}
        status, told, _ = await self.ask("PUT", f"{path}/storageAccounts/more{location}", body)
        assert status in (200, 201, 202), told
        return str(told["id"])

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


def enable_body(vm: str, cache: str, **changed: Any) -> Any:
    """What protects a VM of the small world: all its disks, by way of a cache account."""
    names = [f"{vm}-osdisk", *(["Sql1-data"] if vm == "Sql1" else [])]
    group = f"{SUBSCRIPTION}/resourceGroups/rg-asr"
    disks = [
        {
            "diskId": f"{SOURCE}/Microsoft.Compute/disks/{name}",
            "primaryStagingAzureStorageAccountId": cache,
            "recoveryResourceGroupId": group,
        }
        for name in names
    ]
    details = A2A | {
        "fabricObjectId": f"{SOURCE}/{VM}/{vm}",
        "recoveryContainerId": RECOVERY_ID,
        "recoveryResourceGroupId": group,
        "vmManagedDisks": disks,
    }
    policy = changed.pop("policyId", POLICY)
    return {"policyId": policy, "providerSpecificDetails": details | changed}


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
    folder: Path,
    speed: float = 3600.0,
    edit: Callable[[str], str] = str,
    guests: Any = None,
    **settings: Any,
) -> AsyncIterator[Operator]:
    """The small world, perhaps with other lines or settings, and its operator."""
    text = edit(WORLD.read_text())
    if settings:
        told = ", ".join(f"{name}: {value}" for name, value in settings.items())
        text = f"{text}\nsettings: {{{told}}}\n"
    world = folder / "world.yaml"
    world.write_text(text)
    async with running_azure(folder / "state", world, speed, guests) as azure:
        yield Operator(azure, await azure.as_("operator"))


def unprotected(vm: str) -> Callable[[str], str]:
    """A world in which nobody protects a VM yet."""
    return lambda text: text.replace(f"      - {{vm: {vm}, name: {ITEMS[vm]}}}\n", "")


def faulty(vm: str, kind: str, at: str = "work") -> Callable[[str], str]:
    """A world in which the first job of a kind on a VM fails."""
    fault = f"{{code: '150097', message: It did not work., at: {at}, times: 1}}"
    return lambda text: text.replace(f"name: {vm}, ", f"name: {vm}, faults: {{{kind}: {fault}}}, ")


def grouped(*vms: str) -> Callable[[str], str]:
    """A world in which some VMs are one multi-VM group."""

    def edit(text: str) -> str:
        for vm in vms:
            name = ITEMS[vm]
            text = text.replace(f"name: {name}}}", f"name: {name}, multi_vm_group: erp}}")
        return text

    return edit
