"""The guests of a simulated world: switched on and off, reached, asked to run scripts."""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from muster.simulator.azure_time import AzureTime
from muster.simulator.errors import SimulatorError
from muster.simulator.guests.contract import GuestResult, WorldView
from muster.simulator.guests.host import Host, look_round
from muster.simulator.guests.listeners import Listeners
from muster.simulator.guests.reach import Reached, Verdict, Who, decide
from muster.simulator.guests.scripts import (
    HOMES,
    answer_for,
    answer_from_table,
    is_trusted_probe,
    run_probe,
    unknown_script,
)
from muster.simulator.guests.socks import SocksServer
from muster.simulator.guests.topology import Worker, fold

_CONNECT = 5.0  # wall seconds for a connection on loopback
_STAND_IN = (
    "This host has no curl with telnet, http and SOCKS: probes in simulated guests use the "
    "simulator's own stand-in for it.\n"
)


class Guests:
    """All VMs of a world as operating systems. Everything it opens is on loopback.

    Args:
        view: the world, read at the moment of each question.
        clock: Azure time.
        trusted_scripts: SHA-256 (hex) of the bodies that may run on this host.
        folder: private to the guests; made if missing.
        worker: the place of Muster's own worker: (network id, address); None: no network.
    """

    def __init__(
        self,
        view: WorldView,
        clock: AzureTime,
        trusted_scripts: frozenset[str],
        folder: Path,
        worker: tuple[str, str] | None,
    ) -> None:
        self._view = view
        self._clock = clock
        self._trusted = trusted_scripts
        self._folder = folder
        self._worker: Who = Worker(*worker) if worker else None
        self._worker_url = ""
        self._host: Host | None = None  # known where a script may run on it
        self._listeners = Listeners(view, clock, self._problem_reaching)
        self._socks = SocksServer(clock, self._decide, self._listeners.address)
        self._proxies: dict[str, str] = {}
        self._off: dict[str, asyncio.Event] = {}

    async def start(self) -> None:
        """Open the way between guests; no VM is on yet.

        Raises: SimulatorError where a script may run on this host and it lacks what that needs.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._folder.glob(f"{HOMES}*"):  # by a simulator that was killed
            shutil.rmtree(left, ignore_errors=True)
        await self._socks.start()
        if self._trusted:
            await self._look_round()
        self._worker_url = self._socks.admit(self._worker)

    async def _look_round(self) -> None:
        stranger = self._socks.admit(None)
        self._socks.withdraw(stranger)
        try:
            self._host = await look_round(stranger)
        except SimulatorError:
            await self._socks.stop()
            raise
        if not self._host.has_curl:
            sys.stderr.write(_STAND_IN)

    async def stop(self) -> None:
        """Switch every VM off and close the way between them. Twice is once."""
        for vm_id in tuple(self._off):
            await self.power_off(vm_id)
        await self._socks.stop()

    async def power_on(self, vm_id: str) -> None:
        """Boot a VM: its services open, at once or after their `open_after`. Twice is once."""
        key = fold(vm_id)
        if key not in self._off:
            self._off[key] = asyncio.Event()
            self._proxies[key] = self._socks.admit(vm_id)
        await self._listeners.open(vm_id)

    async def power_off(self, vm_id: str) -> None:
        """Switch a VM off: listeners close, scripts that run in it are killed. Twice is once."""
        key = fold(vm_id)
        off = self._off.pop(key, None)
        if off is not None:
            off.set()
            self._socks.withdraw(self._proxies.pop(key))
        await self._listeners.close(vm_id)

    async def run_script(
        self, vm_id: str, script: str, timeout_azure_seconds: float
    ) -> GuestResult:
        """Run a trusted probe for real, or answer from the world file.

        A user's script is never executed. Stopped at the timeout: exit code 124. Switched off
        under it: 137. Output is cut to its last 4096 bytes.
        """
        guest, key = self._view.guest(vm_id), fold(vm_id)
        if guest is None or key not in self._off:
            return GuestResult(1, "", "The VM is not running.\n", "unknown script")
        off, host = self._off[key], self._host
        # The probe is a bash program: in Windows it is a script like any other.
        if host and guest.os == "linux" and is_trusted_probe(script, self._trusted):
            return await run_probe(
                script,
                guest,
                self._clock,
                self._proxies[key],
                self._folder,
                host,
                timeout_azure_seconds,
                off,
            )
        answer = answer_for(guest, script)
        if answer is None:
            return unknown_script()
        return await answer_from_table(answer, self._clock, timeout_azure_seconds, off)

    def worker_proxy_url(self) -> str:
        """The `socks5h://` URL of Muster's worker into the modelled networks (after `start`)."""
        return self._worker_url

    def _decide(self, who: Who, host: str, port: int) -> Verdict:
        return decide(self._view, who, host, port, self._listeners.running)

    async def _problem_reaching(self, vm_id: str, host: str, port: int) -> str | None:
        """Why a VM cannot connect right now, or None after a real connection."""
        verdict = self._decide(vm_id, host, port)
        if not isinstance(verdict, Reached):
            return verdict.why
        real = self._listeners.address(verdict.vm_id, port)
        if real is None:
            return "closed a moment ago"
        try:
            async with asyncio.timeout(_CONNECT):
                _, writer = await asyncio.open_connection(*real)
        except OSError as err:
            return f"the connection failed: {err}"
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        return None
