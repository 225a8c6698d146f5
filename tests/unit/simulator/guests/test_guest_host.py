"""What a host lends to guests: with its own curl or the stand-in, the probe says the same."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.checks.probe import ProbeCheck, build_probe, parse_probe_output
from muster.simulator.errors import SimulatorError
from muster.simulator.guests.contract import Service
from tests.unit.checks.probe_in_bash import closed_port, run
from tests.unit.simulator.guests.curls import BOTH, path_with, programs
from tests.unit.simulator.guests.small_world import SmallWorld, running, vm_id

POINT = datetime(2026, 1, 1, 3, tzinfo=UTC)
HEARTBEAT = '{"written_at": "{data_as_of}", "writer": "{writer}"}'
WEB = Service(8080, "http", {"/health": "healthy {writer}", "/heartbeat": HEARTBEAT})


@pytest.fixture
def world() -> SmallWorld:
    world = SmallWorld()
    world.network("n", "10.1.0.0/16", a="10.1.0.0/24")
    world.vm("web", "n", "a", "10.1.0.4", WEB, Service(1433), data_as_of=POINT, writer="web1")
    world.vm("client", "n", "a", "10.1.0.9")
    return world


@pytest.fixture(params=BOTH)
def which(request, tmp_path, monkeypatch) -> str:
    """The PATH of this host is one with its own curl, or one with no curl at all."""
    if request.param == "stand-in":
        monkeypatch.setenv("PATH", programs(tmp_path / "programs"))
    elif shutil.which("curl") is None:
        pytest.skip("this host has no curl to compare the stand-in with")
    return request.param


async def verdicts(
    world, folder: Path, *checks: ProbeCheck, speed: float = 600.0, **constants: int
) -> dict[str, tuple[bool, str]]:
    """What the probe of a guest says of each check; `constants` of the probe may be changed."""
    script = build_probe(checks)
    for name, value in constants.items():
        head, sep, tail = script.partition(f"\n{name}=")
        assert sep
        script = f"{head}{sep}{value} {tail.partition(' ')[2]}"
    trusted = frozenset({hashlib.sha256(script.partition("\n")[2].encode()).hexdigest()})
    everyone = (vm_id("web"), vm_id("client"))
    async with running(
        world, folder / "guests", *everyone, speed=speed, trusted=trusted
    ) as guests:
        result = await guests.run_script(vm_id("client"), script, 36000.0)
    assert (result.exit_code, result.stderr) == (0, "")
    report = parse_probe_output(result.stdout)
    assert report.complete
    return {name: (told.ok, told.detail["how"]) for name, told in report.results.items()}


def http(name: str, path: str = "/health", port: int = 8080, **more) -> ProbeCheck:
    return ProbeCheck(name, "http", url=f"http://10.1.0.4:{port}{path}", **more)


async def test_the_probe_tells_the_same_of_every_connection_and_answer(world, tmp_path, which):
    told = await verdicts(
        world,
        tmp_path,
        ProbeCheck("open", "tcp", host="web", port=1433),
        ProbeCheck("refused", "tcp", host="10.1.0.4", port=9),
        ProbeCheck("dropped", "tcp", host="10.1.0.77", port=9),
        ProbeCheck("unnamed", "tcp", host="nobody", port=9),
        http("answered"),
        http("status", "/nothing"),
        http("contains", contains="healthy web1"),
        http("text", contains="healthy web2"),
        http("closed", port=81),
    )
    assert told == {
        "open": (True, "connected"),
        "refused": (False, "refused"),
        "dropped": (False, "no-route"),
        "unnamed": (False, "unresolved"),
        "answered": (True, "answered"),
        "status": (False, "status"),
        "contains": (True, "answered"),
        "text": (False, "text"),
        "closed": (False, "refused"),
    }


async def test_the_probe_tells_the_same_of_isolation_and_data(world, tmp_path, which):
    told = await verdicts(
        world,
        tmp_path,
        ProbeCheck("data", "data_loss", url="http://10.1.0.4:8080/heartbeat"),
        ProbeCheck("no data", "data_loss", url="http://10.1.0.4:8080/health"),
        ProbeCheck("lost", "data_loss", url="http://10.1.0.77:8080/heartbeat"),
        ProbeCheck("dropped", "unreachable", host="10.9.0.10", port=443),
        ProbeCheck("refused", "unreachable", host="10.1.0.4", port=9),
        ProbeCheck("reached", "unreachable", host="10.1.0.4", port=1433),
        ProbeCheck("unnamed", "unreachable", host="nobody", port=443),
    )
    assert told == {
        "data": (True, "answered"),
        "no data": (False, "text"),
        "lost": (False, "no-route"),
        "dropped": (True, "no-route,no-route,no-route"),
        "refused": (False, "refused,refused,refused"),
        "reached": (False, "connected"),
        "unnamed": (False, "unresolved,unresolved,unresolved"),
    }


async def test_the_probe_tells_the_same_of_what_takes_too_long(world, tmp_path, which):
    told = await verdicts(
        world,
        tmp_path,
        http("slow", port=1433),  # accepts and says nothing
        http("far", port=80),
        ProbeCheck("dropped", "tcp", host="10.1.0.77", port=9),
        ProbeCheck("isolated", "unreachable", host="10.9.0.10", port=443),
        speed=10.0,  # nobody answers for 2.1 s on the wall: longer than the probe waits
        CONNECT=1,
        ANSWER=2,
    )
    timeout = (False, "timeout")
    assert told.pop("far") == (False, "refused")
    assert told.pop("isolated") == (True, "timeout,timeout,timeout")
    assert told == {"slow": timeout, "dropped": timeout}


@pytest.mark.parametrize("curl", BOTH)
async def test_the_probe_passes_nothing_where_the_proxy_is_dead(tmp_path, curl):
    checks = [
        ProbeCheck("tcp", "tcp", host="10.1.0.4", port=1433),
        http("http"),
        ProbeCheck("isolated", "unreachable", host="10.9.0.10", port=443),
    ]
    url = f"socks5h://token:guest@127.0.0.1:{await closed_port()}"
    report = await run(checks, ALL_PROXY=url, PATH=path_with(curl, tmp_path))
    told = {name: (result.ok, result.detail["how"]) for name, result in report.results.items()}
    assert told["tcp"] == told["http"] == (False, "refused")
    assert told["isolated"] == (False, "refused,refused,refused")


TRUSTED = frozenset({"0" * 64})


async def started(world, folder: Path) -> bool:
    """Whether guests of this host use its own curl."""
    async with running(world, folder / "guests", trusted=TRUSTED) as guests:
        assert guests._host is not None
        return guests._host.has_curl


def pretend(folder: Path, name: str, text: str) -> None:
    """A program of the host that is not what guests need."""
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o700)


async def test_the_stand_in_is_announced_once(world, tmp_path, which, capsys):
    assert await started(world, tmp_path) == (which == "curl")
    said = capsys.readouterr().err
    assert said.count("stand-in") == (which == "stand-in")
    assert said.count("\n") == (which == "stand-in")


@pytest.mark.parametrize(
    "text",
    [
        "echo 'curl 8.0\nProtocols: file http https'",  # curl-minimal
        # built without proxies: it goes straight to the port of loopback that is closed
        "[ $1 = -V ] && echo 'Protocols: http telnet ' || echo '* Connection refused'",
        "exit 2",
    ],
)
async def test_a_curl_that_lacks_what_the_probe_needs_is_not_used(
    world, tmp_path, monkeypatch, text
):
    folder = programs(tmp_path / "programs")
    pretend(Path(folder), "curl", text)
    monkeypatch.setenv("PATH", folder)
    assert not await started(world, tmp_path)


async def test_a_host_without_bash_is_told_so(world, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", programs(tmp_path / "programs", "bash"))
    with pytest.raises(SimulatorError, match=r"no bash on the PATH.*install bash 4 or newer"):
        await started(world, tmp_path)


async def test_a_bash_that_is_too_old_is_told_so(world, tmp_path, monkeypatch):
    folder = programs(tmp_path / "programs")
    pretend(Path(folder), "bash", "echo bash 3")
    monkeypatch.setenv("PATH", folder)
    with pytest.raises(SimulatorError, match=r"bash is version 3, but .* bash 4 or newer"):
        await started(world, tmp_path)


async def test_all_missing_tools_are_named_at_once(world, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", programs(tmp_path / "programs", "od", "sha256sum"))
    with pytest.raises(
        SimulatorError, match=r"not on the PATH: od, sha256sum\. Install coreutils"
    ):
        await started(world, tmp_path)


async def test_a_date_that_cannot_tell_azure_time_is_told_so(world, tmp_path, monkeypatch):
    folder = programs(tmp_path / "programs")
    pretend(Path(folder), "date", "exit 1")
    monkeypatch.setenv("PATH", folder)
    with pytest.raises(SimulatorError, match="`date` on the PATH does not know `-d @SECONDS`"):
        await started(world, tmp_path)


async def test_where_no_script_may_run_nothing_is_needed(world, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    async with running(world, tmp_path, vm_id("client")) as guests:
        result = await guests.run_script(vm_id("client"), build_probe([]), 60.0)
    assert result.answered_by == "unknown script"


async def test_a_relative_folder_of_the_path_is_left_out(world, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.pathsep.join(["bin", "", os.environ["PATH"]]))
    async with running(world, tmp_path / "guests", trusted=TRUSTED) as guests:
        assert guests._host is not None
        assert all(Path(each).is_absolute() for each in guests._host.path.split(os.pathsep))
