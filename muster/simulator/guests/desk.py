"""Between the world and its guests: what guests may read, and orders carried to them in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from muster.simulator.arm import networks
from muster.simulator.azure_time import AzureTime
from muster.simulator.compute import commands, vms
from muster.simulator.guests.contract import (
    Guest,
    GuestResult,
    ScriptAnswer,
    Service,
    WorldView,
)
from muster.simulator.json_types import Json
from muster.simulator.mishaps import Mishaps
from muster.simulator.world import World

FAILED_INSIDE = "The simulator failed inside; its control port tells more."


ENDS_ITSELF = 1.0  # wall seconds that guests get to end a script whose time is up


class GuestPort(Protocol):
    """The guests, as the simulator's Azure side needs them."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def power_on(self, vm_id: str) -> None: ...

    async def power_off(self, vm_id: str) -> None: ...

    async def run_script(
        self, vm_id: str, script: str, timeout_azure_seconds: float
    ) -> GuestResult: ...

    def worker_proxy_url(self) -> str: ...


class GuestFactory(Protocol):
    """How the guests are made."""

    def __call__(
        self,
        view: WorldView,
        clock: AzureTime,
        trusted_scripts: frozenset[str],
        folder: Path,
        worker: tuple[str, str] | None,
    ) -> GuestPort: ...


class View:
    """The world as guests may read it (`contract.WorldView`)."""

    def __init__(self, world: World) -> None:
        self._world = world

    def resource(self, arm_id: str) -> Mapping[str, Any] | None:
        """The body a GET would answer: also of a subnet, which lies inside its network."""
        found = self._world.resource(arm_id)
        if found is None and "/subnets/" in arm_id.lower():
            return networks.subnet_of(self._world, arm_id)
        return _seen(self._world, found) if found else None

    def resources(self, arm_type: str) -> Sequence[Mapping[str, Any]]:
        world = self._world
        return [_seen(world, resource) for resource in world.of_type(arm_type)]

    def guest(self, vm_id: str) -> Guest | None:
        machine, vm = self._world.machines.get(vm_id.lower()), self._world.resource(vm_id)
        if machine is None or vm is None:
            return None
        written = machine["data_as_of"]
        return Guest(
            vm_id=vm["id"],
            name=vm["name"],
            os=machine["os"],
            services=[_service(each) for each in machine["services"]],
            scripts=[_answer(each) for each in machine["scripts"]],
            data_as_of=None if written is None else datetime.fromtimestamp(written, UTC),
            writer=machine["writer"],
        )


def _seen(world: World, resource: Json) -> Mapping[str, Any]:
    """A body for who only looks, now: one in which nothing is worked out is not even copied.

    Who connects looks at every VM and NIC, to find out whose address that is.
    """
    is_worked_out = resource["type"].lower() in networks.INLINE
    return networks.rendered(world, resource) if is_worked_out else resource


class Desk:
    """Carries the world's orders to the guests: for each VM one after the other, in order."""

    def __init__(self, world: World, guests: GuestPort, mishaps: Mishaps) -> None:
        self._world, self._guests, self._mishaps = world, guests, mishaps
        self.moved: Callable[[], None] = self.dispatch  # called when a script changed the world
        self._power: dict[str, asyncio.Task[None]] = {}  # the last order of each VM
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Start the guests, switch on every VM that is up, and go on with scripts under way."""
        world = self._world
        await self._guests.start()
        world.orders.clear()
        world.orders.extend(("on", vm) for vm in world.machines if vms.is_ready(world, vm))
        world.runs.clear()
        # A script that a restart of the simulator cut off runs again from its start.
        world.runs.extend(
            key
            for key, command in world.table("commands").items()
            if command["state"] == "Running"
        )
        self.dispatch()
        await asyncio.gather(*self._power.values())

    async def close(self) -> None:
        """Let go of what runs, and stop the guests."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._guests.stop()

    def dispatch(self) -> None:
        """Start carrying what the world has ordered since the last time."""
        world = self._world
        while world.orders:
            order, vm = world.orders.popleft()
            self._power[vm] = self._start(self._carry(self._power.get(vm), order, vm))
        while world.runs:
            key = world.runs.popleft()
            if command := world.table("commands").get(key):
                self._start(self._run(key, command))

    async def carried(self) -> None:
        """Wait until the guests have followed: a VM that reads Ready has its services open."""
        if pending := [task for task in self._power.values() if not task.done()]:
            await asyncio.wait(pending)

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._mishaps.note(self._world, "an order to a guest", error)

    async def _carry(
        self, before: asyncio.Task[None] | None, order: Literal["on", "off"], vm: str
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await (self._guests.power_on(vm) if order == "on" else self._guests.power_off(vm))

    async def _run(self, key: str, command: Json) -> None:
        vm, limit = command["vm"], command["timeout"]
        if powering := self._power.get(vm):
            await asyncio.wait([powering])
        try:
            result, timed_out = await self._result(vm, command["runs"], limit)
        except Exception as err:  # noqa: BLE001 - the command ends all the same, and says so
            self._mishaps.note(self._world, "a script in a guest", err)
            result, timed_out = GuestResult(1, "", FAILED_INSIDE, "unknown script"), False
        self._mishaps.advance(self._world)
        timed_out = timed_out or self._world.now - command["started"] >= limit
        commands.ended(
            self._world,
            key,
            command["run"],
            exit_code=result.exit_code,
            output=result.stdout,
            error=result.stderr,
            timed_out=timed_out,
        )
        self.moved()

    async def _result(self, vm: str, script: str, limit: float) -> tuple[GuestResult, bool]:
        """What a script came to, and whether its time was up in Azure time, which may stand."""
        running = asyncio.ensure_future(self._guests.run_script(vm, script, limit))
        ending = asyncio.ensure_future(self._world.clock.sleep(limit))
        try:
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({running}, timeout=ENDS_ITSELF)
            if running.done():
                return running.result(), False
            return GuestResult(0, "", "", "unknown script"), True
        finally:
            for each in (running, ending):
                each.cancel()
            await asyncio.gather(running, ending, return_exceptions=True)


def _service(facts: Json) -> Service:
    needs = [
        (host, int(port)) for host, _, port in (need.rpartition(":") for need in facts["needs"])
    ]
    return Service(facts["port"], facts["kind"], facts["paths"], needs, facts["open_after"])


def _answer(facts: Json) -> ScriptAnswer:
    return ScriptAnswer(
        facts["match"], facts["stdout"], facts["stderr"], facts["exit_code"], facts["takes"]
    )
