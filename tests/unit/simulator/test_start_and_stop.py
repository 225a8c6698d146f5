"""Starting, stopping, starting again, and everything that keeps it from starting."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from muster.simulator.errors import SimulatorError
from muster.simulator.faults.file import ready
from muster.simulator.guests.contract import GuestResult

from .conftest import SUBSCRIPTION, TARGET, VAULT, WORLD, running, settings_of

COPY = f"{TARGET}/Microsoft.Compute/virtualMachines/web1-test"
REHEARSAL = Path(__file__).parents[3] / "deployments" / "rehearsal"


async def test_a_test_failover_goes_on_over_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, speed=600.0) as azure:
        job = await azure.failover_test("web1")
        clock = azure.settings["MUSTER_CLOCK"]
    async with running(tmp_path, speed=600.0) as azure:
        assert azure.settings["MUSTER_CLOCK"] == clock
        assert (await azure.job_ended(job))["state"] == "Succeeded"
        vm = await azure.get(COPY)
        await azure.until(
            f"{COPY}/instanceView",
            lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
        )
    async with running(tmp_path, speed=600.0) as azure:
        assert (await azure.get(COPY))["properties"]["vmId"] == vm["properties"]["vmId"]
        assert ("on", "web1-test") in azure.guests.heard  # and it is switched on again
        await azure.job_ended(await azure.clean_up("web1"))
        assert (await azure.ask("GET", COPY))[0] == 404


async def test_what_was_answered_is_on_disk_before_the_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as azure:
        job = await azure.failover_test("web1")
        assert job in json.loads((tmp_path / "state.json").read_text())["jobs"]


def stands_in_the_way(path: Path) -> bool:
    """Put a folder where the draft of the state is written; False while there is one."""
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


async def test_what_cannot_be_kept_is_not_answered(tmp_path: Path) -> None:
    async with running(tmp_path) as azure:
        in_the_way = tmp_path / "state.json.new"
        while not stands_in_the_way(in_the_way):
            await azure.get(VAULT)  # a write is under way; an answer waits for its end
        group = f"{SUBSCRIPTION}/resourceGroups/rg-new"
        token = await azure.as_("operator")
        status, body, _ = await azure.ask("PUT", group, {"location": "westus2"}, token=token)
        assert (status, body["error"]["code"]) == (500, "StateNotKept")
        in_the_way.rmdir()
        status, _, _ = await azure.ask("PUT", group, {"location": "westus2"}, token=token)
        assert status == 200
        assert group in (tmp_path / "state.json").read_text()


async def test_a_script_cut_off_by_a_restart_runs_again(tmp_path: Path) -> None:
    path = f"{COPY}/runCommands/probe"
    body = {"location": "westus2", "properties": {"source": {"script": "probe"}}}
    async with running(tmp_path) as azure:
        await azure.job_ended(await azure.failover_test("web1"))
        await azure.until(
            f"{COPY}/instanceView",
            lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
        )
        azure.guests.holding = asyncio.Event()
        assert (await azure.ask("PUT", path, body))[0] == 201
    async with running(tmp_path) as azure:
        azure.guests.answers = {"probe": GuestResult(0, "again", "", "executed")}
        told = await azure.until(
            path,
            lambda body: body["properties"]["instanceView"]["executionState"] != "Running",
            **{"$expand": "instanceView"},
        )
    assert told["properties"]["instanceView"]["exitCode"] in (0, 127)


async def test_the_settings_file_is_private_and_can_be_sourced(tmp_path: Path) -> None:
    async with running(tmp_path):
        file = tmp_path / "simulator.env"
        assert file.stat().st_mode & 0o777 == 0o600
        script = f". '{file}'; printf '%s|%s' \"$MUSTER_SUBSCRIPTION\" \"$MUSTER_CA_FILE\""
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
        subscription, _, ca = done.stdout.partition("|")
        assert subscription == SUBSCRIPTION.rpartition("/")[2]
        assert Path(ca).is_absolute()
        assert Path(ca).exists()
    names = set(settings_of(tmp_path))
    assert {"AZURE_AUTHORITY_HOST", "AZURE_CLIENT_SECRET", "MUSTER_WORKER_PROXY"} <= names


async def test_the_settings_file_names_the_faults_also_when_there_are_none(tmp_path: Path) -> None:
    for faults, told in ([ready("F3"), ready("storm")], "F3,storm"), ([], ""):
        async with running(tmp_path, faults=faults):
            assert settings_of(tmp_path)["MUSTER_SIMULATOR_FAULTS"] == told


async def test_a_folder_keeps_its_world_and_its_speed(tmp_path: Path) -> None:
    async with running(tmp_path / "state", speed=600.0):
        pass
    with pytest.raises(SimulatorError, match="runs at speed 600"):
        async with running(tmp_path / "state", speed=60.0):
            pytest.fail("it changed speed")
    other = tmp_path / "other.yaml"
    other.write_text(WORLD.read_text().replace("seed: small-1", "seed: small-2"))
    with pytest.raises(SimulatorError, match="another world file"):
        async with running(tmp_path / "state", other, speed=600.0):
            pytest.fail("it changed worlds")


@pytest.mark.parametrize("name", ["contoso", "fabrikam"])
def test_the_rehearsal_worlds_start_by_themselves_and_stop_on_sigterm(
    tmp_path: Path, name: str
) -> None:
    world = REHEARSAL / f"{name}.world.yaml"
    command = [sys.executable, "-m", "muster.simulator", "--world", str(world)]
    environment = {**os.environ, "HOME": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--state", str(tmp_path / "state")], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert line.startswith("ready https://127.0.0.1:")
    assert (process.returncode, errors) == (0, "")
    state = json.loads((tmp_path / "state" / "state.json").read_text())
    assert len(state["items"]) == {"contoso": 7, "fabrikam": 12}[name]


async def test_a_folder_that_lost_its_state_says_that_its_world_begins_anew(
    tmp_path: Path,
) -> None:
    for is_lost in (False, False, True):
        if is_lost:
            (tmp_path / "state.json").unlink()
        async with running(tmp_path) as azure:
            told = [line for line in azure.told if line.startswith("anew")]
        assert len(told) == is_lost
    assert f"{tmp_path} has the keys of an earlier world" in told[0]
    assert (tmp_path / "state.json").exists()
