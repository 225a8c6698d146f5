"""`kill -9` at any instant, under clients that write all at once: what was answered is kept.

A real process, killed by a real SIGKILL, and started again on what it left. In one test the deaths
follow each other in one folder, and each start is held against all answers since the first.

`KILLS=200 KILL_SEED=any python -m pytest --timeout=0 …/test_kills.py` kills more often;
the seed of a failure is in its test's name and in its message.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.simulator_process import REPOSITORY, settings_in

from .attackers import Ask, Attacker, Memory, chances, demand_all_kept, jobs_end
from .conftest import WORLD
from .mortal import POINTS

KILLS = int(os.environ.get("KILLS", "2"))
SEED = os.environ.get("KILL_SEED", "steady")
VMS = ("Sql1", "web1", "bad1")


class Mortal:
    """One life after the other of a simulator in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token, self.secret = folder, "", ""

    @asynccontextmanager
    async def life(self, fate: str = "never:1") -> AsyncIterator[tuple[Ask, Any]]:
        """A simulator from its start to its end, whoever brings that about."""
        command = [sys.executable, "-m", "tests.unit.simulator.mortal", fate]
        command += ["--world", str(WORLD), "--state", str(self.folder), "--speed", "600"]
        with (self.folder.with_suffix(".log")).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=log
            )
        assert process.stdout is not None
        try:
            lines = [(await process.stdout.readline()).decode() for _ in range(2)]
            if not lines[1].startswith("control "):
                await process.wait()
                yield _nobody, process  # it died before it could be asked anything
                return
            async with self._client() as ask:
                yield ask, process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Ask]:
        settings = settings_in(self.folder / "simulator.env")
        secret = settings["MUSTER_SIMULATOR_CONTROL"].rpartition("/")[2]
        assert self.secret in ("", secret)
        self.secret = secret
        context = ssl.create_default_context(cafile=settings["MUSTER_CA_FILE"])
        timeout = aiohttp.ClientTimeout(total=30)
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
            endpoint = settings["MUSTER_ARM_ENDPOINT"]
            if not self.token:  # one for all lives: it has to stay good
                self.token = await _signed_in(http, endpoint, settings["AZURE_TENANT_ID"])

            async def ask(method: str, path: str, body: Any = None) -> tuple[int, Any, Any]:
                version = {} if "api-version" in path else {"api-version": "2024-01-01"}
                headers = {"Authorization": f"Bearer {self.token}"}
                url, _, query = path.partition("?")
                params = version | dict(p.partition("=")[::2] for p in query.split("&") if p)
                async with http.request(
                    method, endpoint + url, json=body, params=params, headers=headers
                ) as got:
                    is_json = "json" in got.headers.get("Content-Type", "")
                    return got.status, (await got.json() if is_json else {}), got.headers

            yield ask


async def _nobody(*_: Any) -> Any:
    raise aiohttp.ClientConnectionError


async def _signed_in(http: aiohttp.ClientSession, endpoint: str, tenant: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": "bbbbbbbb-0000-4000-8000-000000000001",
        "client_secret": "simulator-only-operator",
        "scope": "https://management.azure.com/.default",
    }
    async with http.post(f"{endpoint}/{tenant}/oauth2/v2.0/token", data=form) as got:
        return str((await got.json())["access_token"])


async def attacked(ask: Ask, memory: Memory, seed: str) -> None:
    """All clients at once, until the simulator is dead."""
    clients = (
        Attacker(ask, memory, chance, vm) for vm, chance in zip(VMS, chances(seed), strict=False)
    )
    await asyncio.gather(*(client.go_on() for client in clients))


@pytest.mark.parametrize("point", POINTS)
async def test_what_was_answered_survives_a_kill_at_a_chosen_instant(
    tmp_path: Path, point: str
) -> None:
    chance = random.Random(f"{SEED}/{point}")  # noqa: S311 - when to die, not a secret
    mortal, memory = Mortal(tmp_path / "state"), Memory()
    for life in range(KILLS):
        async with mortal.life(f"{point}:{chance.randint(2, 60)}") as (ask, process):
            try:
                await demand_all_kept(ask, memory)
            except (aiohttp.ClientError, ConnectionError):
                continue  # that was a short life
            await attacked(ask, memory, f"{SEED}/{point}/{life}")
            assert await process.wait() == -signal.SIGKILL
    await all_is_well(mortal, memory)


@pytest.mark.parametrize("seed", [f"{SEED}-{n}" for n in range(1)])
async def test_what_was_answered_survives_a_kill_at_any_instant(tmp_path: Path, seed: str) -> None:
    chance = random.Random(seed)  # noqa: S311 - when to die, not a secret
    mortal, memory = Mortal(tmp_path / "state"), Memory()
    for life in range(2 * KILLS):
        async with mortal.life() as (ask, process):
            await demand_all_kept(ask, memory)
            loop = asyncio.get_running_loop()
            loop.call_later(chance.uniform(0.05, 0.8), process.kill)
            await attacked(ask, memory, f"{seed}/{life}")
            assert await process.wait() == -signal.SIGKILL
    await all_is_well(mortal, memory)


async def all_is_well(mortal: Mortal, memory: Memory) -> None:
    """In a life that nobody ends: all that was answered is there, and jobs go on to their ends."""
    async with mortal.life() as (ask, process):
        await demand_all_kept(ask, memory)
        await jobs_end(ask, memory)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert memory.answers > 10
    assert memory.jobs
    assert "Traceback" not in mortal.folder.with_suffix(".log").read_text()
