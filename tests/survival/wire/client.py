"""Somebody else's client in the weather of a scenario: the plain SDKs, which try nothing twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient

from muster.simulator.faults.file import ready
from tests.unit.simulator.conftest import (
    CONTAINER,
    CONTAINER_ID,
    DRILL_NETWORK,
    FABRIC,
    ITEMS,
    TARGET,
    WORLD,
    Azure,
    running,
)

T = TypeVar("T")
VAULT = ("rg-dr", "rsv")
TEST_FAILOVER = {
    "properties": {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": DRILL_NETWORK,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
}
CLEANUP = {"properties": {"comments": "done"}}


@dataclass(frozen=True, slots=True)
class Where:
    """A subnet's name, and an address."""

    subnet: str
    address: str


@dataclass
class Client:
    """Clients of one simulator, as the identity that may do everything."""

    azure: Azure
    asr: SiteRecoveryManagementClient
    compute: ComputeManagementClient
    rules: list[dict[str, Any]]  # as they were at the start

    @property
    def vm(self) -> str:
        """The VM that the scenario is about, or one of those it may be about."""
        chosen = str(self.rules[0]["vm"]) if self.rules else "*"
        return "Sql1" if chosen == "*" else chosen

    @property
    def where(self) -> tuple[str, ...]:
        """Of its protected item."""
        return (*VAULT, FABRIC, CONTAINER, ITEMS[self.vm])

    @property
    def copy(self) -> str:
        return f"{TARGET}/Microsoft.Compute/virtualMachines/{self.vm}-test"

    @property
    def item_path(self) -> str:
        return f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[self.vm]}"

    async def item(self) -> Any:
        return (await self.asr.replication_protected_items.get(*self.where)).properties

    async def test_failover(self) -> Any:
        """Begin one; answers the poller."""
        items = self.asr.replication_protected_items
        return await items.begin_test_failover(*self.where, TEST_FAILOVER, polling_interval=0.05)

    async def clean_up(self) -> Any:
        items = self.asr.replication_protected_items
        return await items.begin_test_failover_cleanup(*self.where, CLEANUP, polling_interval=0.05)

    async def jobs(self, scenario: str = "TestFailover") -> list[Any]:
        """The jobs of a scenario, newest first."""
        found = [job async for job in self.asr.replication_jobs.list(*VAULT)]
        return [job for job in found if job.properties.scenario_name == scenario]

    async def job(self, name: str) -> Any:
        return (await self.asr.replication_jobs.get(*VAULT, name)).properties

    async def until(self, read: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
        """Read until it is so; bounded by the test's own time limit."""
        while not is_so(found := await read()):
            pass
        return found

    async def is_copied(self) -> Any:
        """Wait until the copy stands there; answers the copy."""
        await (await self.test_failover()).result()
        return await self.compute.virtual_machines.get("rg-asr", f"{self.vm}-test")

    async def jobs_of_item(self) -> list[str]:
        """The states of all jobs."""
        return [job.properties.state async for job in self.asr.replication_jobs.list(*VAULT)]

    async def over(self, method: str, path: str, properties: Any) -> None:
        """Send something, and wait until its job is over."""
        body = None if properties is None else {"properties": properties}
        status, answer, headers = await self.azure.ask(method, path, body)
        assert status == 202, answer
        ended = await self.azure.job_ended(str(headers["x-ms-request-id"].rpartition("/")[2]))
        assert ended["state"] == "Succeeded", ended

    async def address_of(self, vm: Any) -> Where:
        """Where a VM stands."""
        nic = vm.properties.network_profile.network_interfaces[0].id
        config = (await self.azure.get(nic))["properties"]["ipConfigurations"][0]["properties"]
        return Where(config["subnet"]["id"].rpartition("/")[2], config["privateIPAddress"])

    async def now(self) -> float:
        """The instant of Azure's clock, in seconds."""
        url = self.azure.settings["MUSTER_SIMULATOR_CONTROL"] + "/health"
        async with self.azure.http.get(url) as answer:
            told = (await answer.json())["azure_time"]
        return datetime.fromisoformat(told[:26].rstrip("Z") + "+00:00").timestamp()

    async def fired(self, number: int = 1) -> int:
        """How often a rule of the scenario has happened."""
        return int((await self.faults())["rules"][number - 1]["fired"])

    async def faults(self) -> dict[str, Any]:
        url = self.azure.settings["MUSTER_SIMULATOR_CONTROL"] + "/faults"
        async with self.azure.http.get(url) as answer:
            found: dict[str, Any] = await answer.json()
            return found


@asynccontextmanager
async def client_in(scenario: str, folder: Path, speed: float = 600.0) -> AsyncIterator[Client]:
    """A small world with Sql1 and web1 in it, and clients of its operator."""
    file = folder / "world.yaml"
    text = WORLD.read_text().replace("client: drill", "client: operator")
    rows = [line for line in text.splitlines() if not set(line.split()) & {"dead1,", "bad1,"}]
    file.write_text("\n".join(rows) + "\n")
    async with running(folder / "state", file, speed, faults=[ready(scenario)]) as azure:
        found = Client(
            azure,
            await azure.client(SiteRecoveryManagementClient, retry_total=0),
            await azure.client(ComputeManagementClient, retry_total=0),
            [],
        )
        found.rules = (await found.faults())["rules"]
        azure.token = await azure.as_("operator")
        yield found
