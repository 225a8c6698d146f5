"""The simulator with a thousand protected items: a page of jobs, requests a second, memory."""

from __future__ import annotations

import asyncio
import json
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.rows import Row, line_of

ITEMS = 1000
SECONDS = 10.0
CLIENTS = 8
SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"
TENANT = "99999999-8888-4777-8666-555555555555"
CLIENT = "aaaaaaaa-0000-4000-8000-000000000001"
VAULT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dr"
    "/providers/Microsoft.RecoveryServices/vaults/rsv"
)
ITEM = (
    f"{VAULT}/replicationFabrics/asr-a2a-default-eastus/replicationProtectionContainers"
    "/asr-a2a-default-eastus-container/replicationProtectedItems/item-{:04}"
)
DRILL = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-asr"
    "/providers/Microsoft.Network/virtualNetworks/drill"
)


def world(items: int) -> dict[str, Any]:
    """A world file's facts: so many VMs, all protected, in one vault."""
    numbers = range(items)
    return {
        "world": "load",
        "seed": "load-1",
        "subscription": {"id": SUBSCRIPTION, "name": "Load"},
        "tenant": TENANT,
        "roles": {"everything": {"actions": ["*"]}},
        "client": "all",
        "identities": [
            {
                "name": "all",
                "client_id": CLIENT,
                "object_id": CLIENT.replace("-0001", "-0002"),
                "secret": "simulator-only",
                "roles": [{"role": "everything"}],
            }
        ],
        "groups": [
            {"name": "rg-app", "location": "eastus"},
            {"name": "rg-asr", "location": "westus2"},
            {"name": "rg-dr", "location": "westus2"},
        ],
        "networks": [
            _network("vnet", "rg-app"),
            _network("vnet-asr", "rg-asr"),
            _network("drill", "rg-asr"),
        ],
        "vms": [
            {
                "name": f"vm{n:04}",
                "group": "rg-app",
                "network": "vnet",
                "subnet": "all",
                "address": f"10.1.{n // 250}.{n % 250 + 4}",
            }
            for n in numbers
        ],
        "vaults": [
            {
                "name": "rsv",
                "group": "rg-dr",
                "source": {"location": "eastus", "group": "rg-app", "network": "vnet"},
                "target": {"location": "westus2", "group": "rg-asr", "network": "vnet-asr"},
                "items": [{"vm": f"vm{n:04}", "name": f"item-{n:04}"} for n in numbers],
            }
        ],
    }


def _network(name: str, group: str) -> dict[str, Any]:
    return {
        "name": name,
        "group": group,
        "ranges": ["10.1.0.0/16"],
        "subnets": {"all": "10.1.0.0/17"},
    }


@dataclass(frozen=True, slots=True)
class Server:
    """A simulator in a process of its own."""

    pid: int
    endpoint: str
    folder: Path

    def memory(self) -> float:
        """Peak resident memory so far, MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def serving(items: int) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "load.world.yaml"
        file.write_text(json.dumps(world(items)))  # JSON is YAML
        command = [sys.executable, "-m", "muster", "simulate", "--world", str(file)]
        process = subprocess.Popen(
            [*command, "--state", str(folder / "state"), "--port", "0", "--speed", "60"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            endpoint = (process.stdout or sys.stdin).readline().removeprefix("ready ").strip()
            if not endpoint:
                raise SystemExit("the simulator did not start")
            yield Server(process.pid, endpoint, folder / "state")
        finally:
            process.terminate()
            process.wait(30)


class Client:
    """Bare HTTP, over TLS, with as many connections as there are workers."""

    def __init__(self, server: Server, http: aiohttp.ClientSession, token: str) -> None:
        self.server, self.http = server, http
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, body: Any = None) -> float:
        """Seconds that one request took; anything but success ends the benchmark."""
        began = time.perf_counter()
        url = f"{self.server.endpoint}{path}?api-version=2025-08-01"
        async with self.http.request(method, url, json=body, headers=self.headers) as answer:
            content = await answer.read()
            if answer.status >= 300:
                raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return time.perf_counter() - began


async def measured(server: Server) -> list[Row]:
    context = ssl.create_default_context(cafile=str(server.folder / "ca.pem"))
    connector = aiohttp.TCPConnector(ssl=context, limit=CLIENTS)
    async with aiohttp.ClientSession(connector=connector) as http:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": "simulator-only",
            "scope": "https://management.azure.com/.default",
        }
        url = f"{server.endpoint}/{TENANT}/oauth2/v2.0/token"
        async with http.post(url, data=form) as answer:
            client = Client(server, http, (await answer.json())["access_token"])
        return [
            *await _writes(client),
            *await _reads(client),
            *await _pages(client),
            (f"simulator, {ITEMS} items: peak memory", f"{server.memory():.0f} MB", "300 MB"),
        ]


async def _writes(client: Client) -> list[Row]:
    """A test failover of every item, all at once."""
    body = {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": DRILL,
            "providerSpecificDetails": {"instanceType": "A2A"},
        }
    }
    numbers = iter(range(ITEMS))

    async def work() -> list[float]:
        return [
            await client.ask("POST", f"{ITEM.format(number)}/testFailover", body)
            for number in numbers
        ]

    began = time.perf_counter()
    took = list(chain(*await asyncio.gather(*(work() for _ in range(CLIENTS)))))
    rate = len(took) / (time.perf_counter() - began)
    what = f"simulator, {ITEMS} test failovers begun: requests a second, median"
    return [(what, f"{rate:.0f}/s, {statistics.median(took) * 1000:.0f} ms", "")]


async def _reads(client: Client) -> list[Row]:
    """What watchers of a drill ask for: items one by one, while all jobs go on."""
    until = time.perf_counter() + SECONDS

    async def work(first: int) -> list[float]:
        took, number = [], first
        while time.perf_counter() < until:
            took.append(await client.ask("GET", ITEM.format(number % ITEMS)))
            number += CLIENTS
        return took

    took = sorted(chain(*await asyncio.gather(*(work(n) for n in range(CLIENTS)))))
    tail = took[int(len(took) * 0.99)] * 1000
    what = f"simulator, {ITEMS} items, {CLIENTS} clients: items read a second, 99th percentile"
    return [(what, f"{len(took) / SECONDS:.0f}/s, {tail:.0f} ms", "300/s")]


async def _pages(client: Client) -> list[Row]:
    jobs = [await client.ask("GET", f"{VAULT}/replicationJobs") for _ in range(20)]
    items = [await client.ask("GET", f"{VAULT}/replicationProtectedItems") for _ in range(5)]
    return [
        (
            f"simulator, {ITEMS} jobs: a page of the list, median",
            f"{statistics.median(jobs) * 1000:.0f} ms",
            "100 ms",
        ),
        (
            f"simulator, {ITEMS} items: the list of all, median",
            f"{statistics.median(items) * 1000:.0f} ms",
            "",
        ),
    ]


def figures() -> list[Row]:
    """Rows for `make bench`."""
    with serving(ITEMS) as server:
        return asyncio.run(measured(server))


if __name__ == "__main__":
    for row in figures():
        print(line_of(row))
