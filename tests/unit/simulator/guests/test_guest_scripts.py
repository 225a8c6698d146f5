"""Scripts in guests: only the trusted probe is ever executed on this host."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from pathlib import Path

import pytest

from muster.simulator.guests.contract import ScriptAnswer
from tests.unit.simulator.guests.small_world import SmallWorld, running, vm_id

BODY = "printf '%s' \"$MUSTER_CHECKS\"\nprintf oops >&2\nexit 3\n"


def trust(*bodies: str) -> frozenset[str]:
    return frozenset(hashlib.sha256(body.encode()).hexdigest() for body in bodies)


@pytest.fixture
def world() -> SmallWorld:
    world = SmallWorld()
    world.network("n", "10.1.0.0/16", a="10.1.0.0/24")
    answers = [
        ScriptAnswer("promote", "promoted\n", "warn\n", 0, seconds=30.0),
        ScriptAnswer("consistency", "x" * 5000 + "end", "", 4, seconds=1.0),
    ]
    world.vm("lin", "n", "a", "10.1.0.4", scripts=answers)
    world.vm("win", "n", "a", "10.1.0.5", os="windows")
    return world


async def run(world, folder, script, vm="lin", trusted=(), speed=600.0, timeout=600.0):
    async with running(world, folder, vm_id(vm), speed=speed, trusted=trust(*trusted)) as guests:
        return await guests.run_script(vm_id(vm), script, timeout)


async def test_a_trusted_probe_runs_for_real(world, tmp_path):
    result = await run(world, tmp_path, f"MUSTER_CHECKS='YQ=='\n{BODY}", trusted=[BODY])
    assert (result.exit_code, result.stdout, result.stderr) == (3, "YQ==", "oops")
    assert result.answered_by == "executed"
    assert not list(tmp_path.iterdir())


def harmful(tmp_path) -> str:
    return f"touch {tmp_path}/harm\n"


@pytest.mark.parametrize(
    "forged",
    [
        "{harm}",
        "#!/bin/bash\n{harm}",
        "MUSTER_CHECKS='YQ=='\n{harm}",  # a body nobody trusts
        "MUSTER_CHECKS='YQ=='\n{body}{harm}",  # ours, and more
        "MUSTER_CHECKS='YQ=='\n{harm}{body}",
        "MUSTER_CHECKS='YQ=='; {harm}{body}",  # code in the first line
        "MUSTER_CHECKS='$({harm})'\n{body}",
        "MUSTER_CHECKS='';{harm}'\n{body}",
        " MUSTER_CHECKS='YQ=='\n{body}",
        "{harm}MUSTER_CHECKS='YQ=='\n{body}",
        "MUSTER_CHECKS='YQ=='\r\n{body}",
        "MUSTER_CHECKS='YQ=='\n\n{body}",
        "{body}",
        "",
    ],
)
async def test_no_other_script_is_executed(world, tmp_path, forged):
    script = forged.replace("{harm}", harmful(tmp_path)).replace("{body}", BODY)
    result = await run(world, tmp_path, script, trusted=[BODY])
    assert (result.exit_code, result.answered_by) == (127, "unknown script")
    assert "not executed" in result.stderr
    assert not (tmp_path / "harm").exists()


async def test_the_table_of_the_world_answers_a_users_script_and_takes_its_time(world, tmp_path):
    began = time.monotonic()
    script = f"./promote --now\n{harmful(tmp_path)}"
    result = await run(world, tmp_path, script, speed=60.0)
    assert time.monotonic() - began >= 0.5
    assert (result.exit_code, result.stdout, result.stderr) == (0, "promoted\n", "warn\n")
    assert result.answered_by == "world table"
    assert not (tmp_path / "harm").exists()


async def test_output_is_cut_to_its_end(world, tmp_path):
    result = await run(world, tmp_path, "consistency")
    assert (len(result.stdout), result.stdout[-3:], result.exit_code) == (4096, "end", 4)
    body = "head -c 9000 /dev/zero | tr '\\0' y; echo end\n"
    result = await run(world, tmp_path, f"MUSTER_CHECKS=''\n{body}", trusted=[body])
    assert (len(result.stdout), result.stdout[-4:]) == (4096, "end\n")


async def test_a_windows_guest_does_not_run_the_bash_probe(world, tmp_path):
    result = await run(world, tmp_path, f"MUSTER_CHECKS=''\n{BODY}", vm="win", trusted=[BODY])
    assert (result.exit_code, result.answered_by) == (127, "unknown script")


async def test_a_vm_that_is_off_runs_nothing(world, tmp_path):
    async with running(world, tmp_path, trusted=trust(BODY)) as guests:
        result = await guests.run_script(vm_id("lin"), f"MUSTER_CHECKS=''\n{BODY}", 60)
    assert (result.exit_code, result.stdout) == (1, "")


def is_alive(pid: int) -> bool:
    """A process that ended and waits for its parent to look (a zombie) is not alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return True
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_probe_is_killed_at_its_timeout_with_all_it_started(world, tmp_path):
    body = "command sleep 60 &\necho $!\ncommand sleep 60\n"
    began = time.monotonic()
    script = f"MUSTER_CHECKS=''\n{body}"
    result = await run(world, tmp_path, script, trusted=[body], speed=1.0, timeout=0.1)
    assert time.monotonic() - began < 20
    assert result.exit_code == 124
    assert "timeout" in result.stderr
    async with asyncio.timeout(5):
        while await asyncio.to_thread(is_alive, int(result.stdout)):
            pass


async def test_a_table_answer_slower_than_the_timeout_times_out(world, tmp_path):
    result = await run(world, tmp_path, "promote", timeout=10.0)
    assert (result.exit_code, result.stdout, result.answered_by) == (124, "", "world table")


async def test_switching_a_vm_off_ends_the_script_in_it(world, tmp_path):
    body = "touch $HOME/../begun\ncommand sleep 60\n"
    async with running(world, tmp_path, vm_id("lin"), trusted=trust(body)) as guests:
        script = f"MUSTER_CHECKS=''\n{body}"
        run = asyncio.create_task(guests.run_script(vm_id("lin"), script, 3600.0 * 24))
        async with asyncio.timeout(10):
            while not (tmp_path / "begun").exists():
                await guests._clock.sleep(1.0)
        await guests.power_off(vm_id("lin"))
        result = await asyncio.wait_for(run, 10)
    assert (result.exit_code, "switched off" in result.stderr) == (137, True)


async def test_a_guest_gets_nothing_of_the_hosts_environment(world, tmp_path, monkeypatch):
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "s3cret")
    body = "env\n"
    result = await run(world, tmp_path, f"MUSTER_CHECKS=''\n{body}", trusted=[body])
    names = {line.partition("=")[0] for line in result.stdout.splitlines()}
    assert "s3cret" not in result.stdout
    assert names - {"PWD", "SHLVL", "_"} == {
        *("PATH", "HOME", "TMPDIR", "LC_ALL", "HOSTNAME", "ALL_PROXY", "BASH_ENV"),
        *("GUEST_EPOCH_US", "GUEST_SPEED_MILLI"),
    }
    assert "HOSTNAME=lin" in result.stdout


@pytest.mark.parametrize("speed", [1.0, 60.0, 3600.0])
async def test_a_guest_lives_in_azure_time(world, tmp_path, speed):
    body = "date +%s\nsleep 1\ndate -u +%Y-%m-%dT%H:%M:%SZ\ndate +%s\n"
    async with running(world, tmp_path, vm_id("lin"), speed=speed, trusted=trust(body)) as guests:
        before = guests._clock.now()
        result = await guests.run_script(vm_id("lin"), f"MUSTER_CHECKS=''\n{body}", 60.0)
        after = guests._clock.now()
    first, stamp, last = result.stdout.split()
    assert int(before.timestamp()) <= int(first) < int(last) <= int(after.timestamp())
    assert stamp[:10] in {before.date().isoformat(), after.date().isoformat()}
    assert stamp.endswith("Z")


@pytest.mark.parametrize("speed", [10.0, 60.0])
async def test_a_sleep_takes_its_azure_time(world, tmp_path, speed):
    body = "date +%s\nsleep 30\ndate +%s\n"
    result = await run(world, tmp_path, f"MUSTER_CHECKS=''\n{body}", trusted=[body], speed=speed)
    first, last = map(int, result.stdout.split())
    assert last - first >= 29
