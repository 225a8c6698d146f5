"""A disk that is full in the middle: said, answered 500, and gone on with by itself."""

from __future__ import annotations

import asyncio
import logging
import resource
from pathlib import Path

import pytest

from .conftest import SUBSCRIPTION, Azure, running, settings_of
from .test_kills import Mortal
from .test_start_and_stop import stands_in_the_way

GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-full"
BODY = {"location": "westus2"}


async def health(settings: dict[str, str], azure: Azure) -> dict[str, str]:
    async with azure.http.get(settings["MUSTER_SIMULATOR_CONTROL"] + "/health") as got:
        told: dict[str, str] = await got.json()
        return told


async def test_a_process_that_may_write_no_more_says_so_and_mends_itself(tmp_path: Path) -> None:
    """Files may not grow beyond a limit, as on a full disk; the kernel says so in real writes."""
    mortal = Mortal(tmp_path / "state")
    async with mortal.life() as (ask, process):
        token = mortal.token
        limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
        status, told, _ = await ask("PUT", GROUP, BODY)
        assert (status, told["error"]["code"]) == (500, "StateNotKept")
        assert "File too large" in told["error"]["message"]
        assert not (mortal.folder / "state.json.new").exists()  # nothing half written takes room
        assert (await ask("GET", GROUP))[1]["error"]["code"] == "StateNotKept"
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        while "is kept again" not in (log := mortal.folder.with_suffix(".log").read_text()):
            await asyncio.sleep(0)  # nobody asks: it has to try by itself
        assert log.count("The state cannot be kept: File too large") == 1
        assert (await ask("PUT", GROUP, BODY))[0] == 200
        process.kill()
    async with mortal.life() as (ask, _):
        assert (await ask("GET", GROUP))[0] == 200
        assert mortal.token == token


async def test_health_says_that_nothing_is_kept_and_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "state"
    async with running(folder) as azure:
        settings = settings_of(folder)
        assert (await health(settings, azure))["status"] == "running"
        while not stands_in_the_way(folder / "state.json.new"):
            await health(settings, azure)
        with caplog.at_level(logging.WARNING, "muster.simulator"):
            while (await azure.ask("PUT", GROUP, BODY, token=await azure.as_("operator")))[
                0
            ] < 500:
                pass  # a write was under way
            told = await health(settings, azure)
            assert (told["status"], told["not_kept"]) == ("not keeping", "Is a directory")
            (folder / "state.json.new").rmdir()
            while (await health(settings, azure))["status"] != "running":
                await asyncio.sleep(0)
        said = [record.getMessage() for record in caplog.records if "kept" in record.getMessage()]
        assert len(said) == 2


async def test_a_disk_that_is_full_from_the_start_is_said_in_a_sentence(tmp_path: Path) -> None:
    mortal = Mortal(tmp_path / "state")
    mortal.folder.mkdir()
    (mortal.folder / "state.json.new").mkdir()
    async with mortal.life() as (_, process):
        assert await process.wait() == 2
    told = mortal.folder.with_suffix(".log").read_text()
    assert told.startswith("The simulator cannot go on, its state folder is ")
    assert told.count("\n") == 1
