"""A simulator in this process, over real TLS, and clients for it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from azure.identity.aio import ClientSecretCredential
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from muster.simulator.faults.file import Fault
from muster.simulator.guests.contract import GuestResult
from muster.simulator.serve import serve

WORLD = Path(__file__).with_name("world.yaml")
SUBSCRIPTION = "/subscriptions/11111111-2222-4333-8444-555555555555"
VAULT = f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.RecoveryServices/vaults/rsv"
FABRIC, CONTAINER = "asr-a2a-default-eastus", "asr-a2a-default-eastus-container"
CONTAINER_ID = f"{VAULT}/replicationFabrics/{FABRIC}/replicationProtectionContainers/{CONTAINER}"
TARGET = f"{SUBSCRIPTION}/resourceGroups/rg-asr/providers"
DRILL_NETWORK = f"{TARGET}/Microsoft.Network/virtualNetworks/drill"
ITEMS = {
    "Sql1": "q1w2e3r4t5y6u7i8o9p0a_1",
    "web1": "q1w2e3r4t5y6u7i8o9p0a_2",
    "dead1": "q1w2e3r4t5y6u7i8o9p0a_3",
    "bad1": "q1w2e3r4t5y6u7i8o9p0a_4",
}


KEY: list[bytes] = []


class FakeGuests:
    """Guests that note what they are told; scripts answer from `answers`."""

    def __init__(self, view: Any, *_: Any) -> None:
        self.view = view
        self.heard: list[tuple[str, str]] = []
        self.answers: dict[str, GuestResult] = {}
        self.holding: asyncio.Event | None = None

    async def start(self) -> None:
        self.heard.append(("start", ""))

    async def stop(self) -> None:
        self.heard.append(("stop", ""))

    async def power_on(self, vm_id: str) -> None:
        self.heard.append(("on", vm_id.rpartition("/")[2]))

    async def power_off(self, vm_id: str) -> None:
        self.heard.append(("off", vm_id.rpartition("/")[2]))

    async def run_script(self, vm_id: str, script: str, timeout: float) -> GuestResult:
        self.heard.append(("run", script))
        if self.holding:
            await self.holding.wait()
        return self.answers.get(script, GuestResult(127, "", "unknown", "unknown script"))

    def worker_proxy_url(self) -> str:
        return "socks5h://127.0.0.1:1"


@dataclass
class Azure:
    """One running simulator with a client of each kind."""

    endpoint: str
    folder: Path
    guests: FakeGuests
    settings: dict[str, str]
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    http: aiohttp.ClientSession = field(init=False)
    token: str = ""
    told: list[str] = field(default_factory=list)  # what it announced besides its address

    @property
    def ca(self) -> str:
        return self.settings["MUSTER_CA_FILE"]

    def credential(self, secret: str | None = None) -> ClientSecretCredential:
        return ClientSecretCredential(
            self.settings["AZURE_TENANT_ID"],
            self.settings["AZURE_CLIENT_ID"],
            secret or self.settings["AZURE_CLIENT_SECRET"],
            authority=self.endpoint,
            disable_instance_discovery=True,
            connection_verify=self.ca,
        )

    async def client(self, kind: Any, **more: Any) -> Any:
        credential = await self.stack.enter_async_context(self.credential())
        return await self.stack.enter_async_context(
            kind(
                credential,
                self.settings["MUSTER_SUBSCRIPTION"],
                base_url=self.endpoint,
                connection_verify=self.ca,
                polling_interval=0.05,
                **more,
            )
        )

    async def site_recovery(self) -> Any:
        return await self.client(SiteRecoveryManagementClient)

    async def resources(self) -> Any:
        return await self.client(ResourceManagementClient)

    async def sign_in(self, name: str = "drill", **form: str) -> aiohttp.ClientResponse:
        letter = {"drill": "a", "operator": "b"}[name]
        given = {
            "grant_type": "client_credentials",
            "client_id": f"{letter * 8}-0000-4000-8000-000000000001",
            "client_secret": f"simulator-only-{name}",
            "scope": "https://management.azure.com/.default",
        }
        url = f"{self.endpoint}/{self.settings['AZURE_TENANT_ID']}/oauth2/v2.0/token"
        return await self.http.post(url, data=given | form)

    async def as_(self, name: str) -> str:
        return str((await (await self.sign_in(name)).json())["access_token"])

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        version: str = "2024-01-01",
        **query: str,
    ) -> tuple[int, Any, Any]:
        """Status, body (JSON, or text) and headers of a bare request."""
        self.token = self.token or await self.as_("drill")
        url = path if path.startswith("https:") else self.endpoint + path
        params = ({"api-version": version} if version and "?" not in url else {}) | query
        headers = {"Authorization": f"Bearer {token or self.token}"}
        async with self.http.request(
            method, url, json=body, params=params, headers=headers
        ) as got:
            text = await got.text()
            kind = got.headers.get("Content-Type", "")
            return got.status, (await got.json() if "json" in kind else text), got.headers

    async def get(self, path: str, **query: str) -> Any:
        status, body, _ = await self.ask("GET", path, **query)
        assert status == 200, body
        return body

    @property
    def never(self) -> asyncio.Future[None]:
        """What does not come: ARM says how long to wait, and nothing tells that it is over."""
        return asyncio.get_running_loop().create_future()

    async def until(self, path: str, is_so: Callable[[Any], bool], **query: str) -> Any:
        """Ask until it is so; bounded by the test's own time limit."""
        while True:
            status, body, headers = await self.ask("GET", path, **query)
            if status == 429:  # a quick machine asks more than 25 times a second of Azure's
                await asyncio.wait([self.never], timeout=float(headers["Retry-After"]))
                continue
            assert status == 200, body
            if is_so(body):
                return body

    async def failover_test(self, vm: str, network: str = DRILL_NETWORK, **details: str) -> str:
        """Start one; answers the job's id."""
        body = {
            "properties": {
                "failoverDirection": "PrimaryToRecovery",
                "networkType": "VmNetworkAsInput",
                "networkId": network,
                "providerSpecificDetails": {"instanceType": "A2A"} | details,
            }
        }
        path = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}/testFailover"
        status, _, headers = await self.ask("POST", path, body)
        assert status == 202
        return str(headers["Location"].partition("/operationresults/")[2].partition("?")[0])

    async def clean_up(self, vm: str) -> str:
        path = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}/testFailoverCleanup"
        status, _, headers = await self.ask("POST", path, {"properties": {"comments": "done"}})
        assert status == 202
        return str(headers["x-ms-request-id"].rpartition("/")[2])

    async def job_ended(self, job: str) -> Any:
        ended = ("Succeeded", "Failed", "Suspended")
        return (
            await self.until(
                f"{VAULT}/replicationJobs/{job}", lambda body: body["properties"]["state"] in ended
            )
        )["properties"]

    async def item(self, vm: str) -> Any:
        return (await self.get(f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}"))[
            "properties"
        ]


@asynccontextmanager
async def running(
    folder: Path,
    world: Path = WORLD,
    speed: float = 600.0,
    guests: Any = None,
    faults: Sequence[Fault] = (),
) -> AsyncIterator[Azure]:
    """A simulator from start to stop. The signing key is made once, for making one is slow."""
    folder.mkdir(parents=True, exist_ok=True)
    if KEY and not (folder / "token.key").exists():
        (folder / "token.key").write_bytes(KEY[0])
    until, announced = asyncio.Event(), asyncio.Queue[str]()
    made: list[FakeGuests] = []

    def make(*arguments: Any) -> FakeGuests:
        made.append(FakeGuests(*arguments))
        return made[-1]

    task = asyncio.create_task(
        serve(
            world,
            folder,
            0,
            speed,
            frozenset(),
            announced.put_nowait,
            until,
            guests=guests or make,
            faults=faults,
        )
    )
    ready = asyncio.create_task(announced.get())
    await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        ready.cancel()
        await task  # raises what stopped it
    KEY[:] = [(folder / "token.key").read_bytes()]
    azure = Azure(
        ready.result().removeprefix("ready "),
        folder,
        made[0] if made else FakeGuests(None),
        settings_of(folder),
    )
    while not announced.empty():  # the other lines follow the first at once
        azure.told.append(announced.get_nowait())
    context = ssl.create_default_context(cafile=azure.ca)
    azure.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
    try:
        yield azure
    finally:
        await azure.stack.aclose()
        await azure.http.close()
        until.set()
        await task


def settings_of(folder: Path) -> dict[str, str]:
    lines = (folder / "simulator.env").read_text().splitlines()
    pairs = (line.removeprefix("export ").partition("=") for line in lines)
    return {name: value.strip("'") for name, _, value in pairs}


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[Azure]:
    async with running(tmp_path / "state") as found:
        yield found


@pytest.fixture
async def slow_azure(tmp_path: Path) -> AsyncIterator[Azure]:
    """For tests that have to see something on its way, also on a busy machine."""
    async with running(tmp_path / "state", speed=60.0) as found:
        yield found
