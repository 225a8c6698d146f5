"""Clients that write all at once and remember every answer, until the simulator is dead."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS, SUBSCRIPTION, VAULT
from .planning import RUNBOOKS, group, plan_body

GROUP = f"{SUBSCRIPTION}/resourceGroups"
WEB = f"{GROUP}/rg-app/providers/Microsoft.Compute/virtualMachines/web1"
PROVIDER = "providers/Microsoft.Authorization"
READER = f"{SUBSCRIPTION}/{PROVIDER}/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
ENDED = ("Succeeded", "Failed", "Cancelled", "Suspended", "Completed", "Stopped", "TimedOut")
Ask = Callable[[str, str, Any], Awaitable[tuple[int, Any, Any]]]


@dataclass
class Memory:
    """All that was ever answered, and what was asked and never answered."""

    there: dict[str, Any] = field(default_factory=dict)  # path: what its GET has to hold
    gone: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)  # paths asked for, not answered: either may hold
    jobs: dict[str, Any] = field(default_factory=dict)  # path: the properties told last
    polls: set[str] = field(default_factory=set)  # of operations
    answers: int = 0


class Attacker:
    """One client; all it does follows from its seed, and what it meets from the world."""

    def __init__(self, ask: Ask, memory: Memory, chance: random.Random, vm: str) -> None:
        self._send, self.memory, self.chance, self.vm = ask, memory, chance, vm

    async def go_on(self) -> None:
        """Act until nobody answers any more."""
        acts = (
            self.make_group, self.make_network, self.give_role, self.run_script,
            self.run_job, self.drill, self.make_plan, self.remove, self.look,
        )  # fmt: skip
        while True:
            try:
                await self.chance.choice(acts)()
            except (aiohttp.ClientError, ConnectionError, TimeoutError):
                return

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any, Any]:
        self.memory.open.add(path)
        status, told, headers = await self._send(method, path, body)
        self.memory.open.discard(path)
        self.memory.answers += 1
        assert status < 500, (method, path, told)
        if poll := headers.get("Azure-AsyncOperation"):
            self.memory.polls.add("/" + poll.split("/", 3)[3])
        return status, told, headers

    async def put(self, path: str, body: Any, *same: str) -> None:
        """Make something; `same` are the parts of its body that stay from then on."""
        status, told, _ = await self.ask("PUT", path, body)
        assert status in (200, 201), told
        self.memory.there[path] = {part: told[part] for part in ("id", "name", *same)}

    def fresh(self) -> str:
        return f"{self.vm.lower()}-{self.chance.getrandbits(40):010x}"

    async def make_group(self) -> None:
        body = {"location": "westus2", "tags": {"n": self.fresh(), "odd": "\ud83d\ude80"}}
        await self.put(f"{GROUP}/{self.fresh()}", body, "tags", "location")

    async def make_network(self) -> None:
        path = f"{GROUP}/rg-asr/providers/Microsoft.Network/networkSecurityGroups/{self.fresh()}"
        await self.put(path, {"location": "westus2", "tags": {"of": self.vm}}, "tags")
        status, told, _ = await self.ask("GET", path)
        if status == 200 and told["properties"]["provisioningState"] == "Succeeded":
            self.memory.there[path] = told  # nobody changes it any more: etag and all

    async def give_role(self) -> None:
        name = uuid.UUID(int=self.chance.getrandbits(128), version=4)
        made = f"{GROUP}/{self.fresh()}"
        await self.put(made, {"location": "westus2"}, "location")
        properties = {
            "roleDefinitionId": READER,
            "principalId": "aaaaaaaa-0000-4000-8000-000000000002",
        }
        path = f"{made}/{PROVIDER}/roleAssignments/{name}"
        await self.put(path, {"properties": properties}, "properties")

    async def run_script(self) -> None:
        path = f"{WEB}/runCommands/{self.fresh()}"
        source = {"source": {"script": "promote"}, "asyncExecution": True}
        status, _, _ = await self.ask("PUT", path, {"location": "eastus", "properties": source})
        assert status == 201
        await self.follow(f"{path}?$expand=instanceView")

    async def run_job(self) -> None:
        path = f"{RUNBOOKS}/jobs/{uuid.UUID(int=self.chance.getrandbits(128), version=4)}"
        body = {"properties": {"runbook": {"name": "Register"}, "parameters": {"a": self.vm}}}
        assert (await self.ask("PUT", path, body))[0] == 201
        await self.follow(path)

    async def make_plan(self) -> None:
        path = f"{VAULT}/replicationRecoveryPlans/{self.fresh()}"
        status, told, headers = await self.ask("PUT", path, plan_body(group(self.vm)))
        assert status == 202, told
        await self.follow(self._job_in(headers))

    async def drill(self) -> None:
        """A test failover of our own VM or, if there is one, its cleanup."""
        item = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[self.vm]}"
        details = {"instanceType": "A2A"}
        test = {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": DRILL_NETWORK,
            "providerSpecificDetails": details,
        }
        _, told, _ = await self.ask("GET", item)
        allowed = told["properties"]["allowedOperations"]
        verb = "testFailoverCleanup" if "TestFailoverCleanup" in allowed else "testFailover"
        body = test if verb == "testFailover" else {"comments": "over"}
        status, told, headers = await self.ask("POST", f"{item}/{verb}", {"properties": body})
        if status == 202:
            await self.follow(self._job_in(headers))
        else:
            assert status in (400, 409), told

    async def remove(self) -> None:
        """Take away a role assignment that somebody made."""
        made = [path for path in self.memory.there if "/roleAssignments/" in path]
        if made:
            path = self.chance.choice(made)
            del self.memory.there[path]
            status, told, _ = await self.ask("DELETE", path)
            assert status in (200, 204), told
            self.memory.gone.add(path)

    async def look(self) -> None:
        """Read a job again: what is told of it only ever goes on."""
        if self.memory.jobs:
            await self.follow(self.chance.choice(sorted(self.memory.jobs)))

    async def follow(self, path: str) -> None:
        status, told, _ = await self.ask("GET", path)
        assert status == 200, (path, told)
        demand_further(path, self.memory.jobs.get(path), told["properties"])
        self.memory.jobs[path] = told["properties"]

    def _job_in(self, headers: Any) -> str:
        return f"{VAULT}/replicationJobs/{headers['x-ms-request-id'].rpartition('/')[2]}"


def state_of(told: Any) -> str:
    view = told.get("instanceView") or {}
    return str(told.get("state") or told.get("status") or view.get("executionState"))


def demand_further(path: str, before: Any, now: Any) -> None:
    """A job that had ended tells the same for ever; one that had begun began at that instant."""
    if before is None:
        return
    if state_of(before) in ENDED:
        assert now == before, path
    for name in ("startTime", "jobId", "creationTime"):
        if before.get(name):
            assert now.get(name) == before[name], (path, name)


async def demand_all_kept(ask: Ask, memory: Memory) -> None:
    """Hold the world against all that was ever answered."""
    for path in sorted(set(memory.there) - memory.open):
        status, told, _ = await ask("GET", path, None)
        assert status == 200, (path, told)
        wanted = memory.there[path]
        assert {part: told.get(part) for part in wanted} == wanted
    for path in sorted(memory.gone - memory.open):
        assert (await ask("GET", path, None))[0] == 404, path
    for path in sorted(memory.jobs):
        status, told, _ = await ask("GET", path, None)
        assert status == 200, (path, told)
        demand_further(path, memory.jobs[path], told["properties"])
    for path in sorted(memory.polls):
        assert (await ask("GET", path, None))[0] in (200, 202, 204), path


async def jobs_end(ask: Ask, memory: Memory) -> None:
    """Every job that was ever answered comes to an end."""
    for path in sorted(memory.jobs):
        told: Any = {}
        while state_of(told) not in ENDED:
            status, body, _ = await ask("GET", path, None)
            assert status == 200
            told = body["properties"]
            await asyncio.sleep(0)


def chances(seed: str) -> Iterator[random.Random]:
    """One for each client; the same seed, the same choices."""
    for n in range(1_000_000):
        yield random.Random(f"{seed}/{n}")  # noqa: S311 - which act comes next, not a secret
