"""Guests that answer from the world's model what the real ones find out with bash and sockets.

Who reaches whom, what a service answers and what the world file says of scripts is decided by the
simulator's own code; only the probe is told here a second time, as `muster/checks/probe.sh` does
it.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from muster.simulator.azure_time import AzureTime
from muster.simulator.guests.contract import Guest, GuestResult, WorldView
from muster.simulator.guests.listeners import filled
from muster.simulator.guests.reach import (
    Reached,
    Refused,
    Unresolved,
    Verdict,
    Who,
    decide,
)
from muster.simulator.guests.scripts import (
    _exit_code,
    _tail,
    _until,
    _why,
    answer_for,
    answer_from_table,
    is_trusted_probe,
    unknown_script,
)
from muster.simulator.guests.topology import Worker, fold
from tests.in_process.probe_model import Answered, Probe


class ModelledGuests:
    """`muster.simulator.guests.desk.GuestPort` without a socket or a process."""

    def __init__(
        self,
        view: WorldView,
        clock: AzureTime,
        trusted_scripts: frozenset[str],
        folder: Path,
        worker: tuple[str, str] | None,
    ) -> None:
        self._view, self._clock, self._trusted = view, clock, trusted_scripts
        self._worker: Who = Worker(*worker) if worker else None
        self._off: dict[str, asyncio.Event] = {}
        self._booted: dict[str, float] = {}  # folded VM id -> when, in Azure seconds

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        for vm_id in tuple(self._off):
            await self.power_off(vm_id)

    async def power_on(self, vm_id: str) -> None:
        key = fold(vm_id)
        if key not in self._off:
            self._off[key] = asyncio.Event()
            self._booted[key] = self._clock.seconds()

    async def power_off(self, vm_id: str) -> None:
        if off := self._off.pop(fold(vm_id), None):
            off.set()

    def worker_proxy_url(self) -> str:
        return ""

    async def run_script(
        self, vm_id: str, script: str, timeout_azure_seconds: float
    ) -> GuestResult:
        guest, off = self._view.guest(vm_id), self._off.get(fold(vm_id))
        if guest is None or off is None:
            return GuestResult(1, "", "The VM is not running.\n", "unknown script")
        if guest.os == "linux" and is_trusted_probe(script, self._trusted):
            return await self._probe(guest, script, timeout_azure_seconds, off)
        answer = answer_for(guest, script)
        if answer is None:
            return unknown_script()
        return await answer_from_table(answer, self._clock, timeout_azure_seconds, off)

    async def connect_worker(self, host: str, port: int) -> None:
        """A connection of Muster's worker; raises OSError, or waits for ever."""
        match self._decide(self._worker, host, port):
            case Reached():
                return
            case Refused():
                raise ConnectionRefusedError
            case Unresolved():
                raise OSError(errno.EHOSTUNREACH, "no such name")
            case _:
                await asyncio.Event().wait()

    async def _probe(
        self, guest: Guest, script: str, timeout: float, off: asyncio.Event
    ) -> GuestResult:
        probe = Probe(script, guest, self._clock, self._knock, self._fetch)
        ended = await _until(probe.run(), off, self._clock.wall(timeout))
        code = _exit_code(0, ended)
        return GuestResult(code, _tail("".join(probe.said)), _why(ended), "executed")

    def _knock(self, guest: Guest, host: str, port: int) -> Verdict:
        return self._decide(guest.vm_id, host, port)

    def _fetch(self, vm_id: str, port: int, path: str) -> Answered | None:
        """What a service that was reached answers; None where it speaks no HTTP."""
        guest = self._view.guest(vm_id)
        services = guest.services if guest else ()
        service = next((one for one in services if one.port == port), None)
        if guest is None or service is None or service.kind != "http":
            return None
        for host, needed in service.needs:
            found = self._decide(vm_id, host, needed)
            if not isinstance(found, Reached):
                return Answered(503, f"cannot reach {host}:{needed}: {found.why}\n")
        if path not in service.paths:
            return Answered(404, "no such path\n")
        return Answered(200, filled(service.paths[path], guest, self._clock.now()))

    def _decide(self, who: Who, host: str, port: int) -> Verdict:
        return decide(_AtOnce(self._view), who, host, port, _Running(self))

    def is_on(self, key: str) -> bool:
        return key in self._off

    def open_ports(self, key: str) -> Collection[int]:
        """Ports of a VM that is on; a service opens some time after the boot."""
        guest, since = self._view.guest(key), self._booted[key]
        passed = self._clock.seconds() - since
        return {one.port for one in guest.services if one.open_after <= passed} if guest else ()


class _AtOnce:
    """The world as it stands at one instant: what was read once is not worked out again."""

    def __init__(self, view: WorldView) -> None:
        self._view, self.guest = view, view.guest
        self._bodies: dict[str, Mapping[str, Any] | None] = {}
        self._lists: dict[str, Sequence[Mapping[str, Any]]] = {}

    def resource(self, arm_id: str) -> Mapping[str, Any] | None:
        if arm_id not in self._bodies:
            self._bodies[arm_id] = self._view.resource(arm_id)
        return self._bodies[arm_id]

    def resources(self, arm_type: str) -> Sequence[Mapping[str, Any]]:
        if arm_type not in self._lists:
            self._lists[arm_type] = self._view.resources(arm_type)
        return self._lists[arm_type]


class _Running(dict[str, Collection[int]]):
    """Which VM is on and what it has open, looked up for those alone that are asked about."""

    def __init__(self, guests: ModelledGuests) -> None:
        super().__init__()
        self._guests = guests

    def get(self, key: str, default: object = None) -> Collection[int] | None:  # type: ignore[override]
        return self._guests.open_ports(key) if self._guests.is_on(key) else None
