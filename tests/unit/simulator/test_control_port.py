"""The control port: what it tells, and to whom it tells nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from muster.simulator.control import kept_secret
from muster.simulator.errors import SimulatorError

from .conftest import ITEMS, VAULT, WORLD, Azure, running, settings_of

JOBS = f"{VAULT}/replicationJobs"


async def ask(
    azure: Azure, path: str, method: str = "GET", **headers: str
) -> tuple[int, Any, Any]:
    """Status, body and headers of a request to the control port."""
    url = azure.settings["MUSTER_SIMULATOR_CONTROL"] + path
    async with azure.http.request(method, url, headers=headers) as got:
        kind = got.headers.get("Content-Type", "")
        return got.status, (await got.json() if "json" in kind else await got.text()), got.headers


async def counted(azure: Azure) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows by operation and client."""
    _, body, _ = await ask(azure, "/counters")
    return {(row["operation"], row["client"]): row for row in body["counters"]}


async def test_health_says_that_it_runs_and_what_time_it_is(azure: Azure) -> None:
    status, body, _ = await ask(azure, "/health")
    assert status == 200
    assert (body["status"], body["world"]) == ("running", "small")
    assert body["endpoint"] == azure.endpoint
    assert azure.settings["MUSTER_CLOCK"] == f"{body['epoch']!r},{body['speed']!r}"
    later = (await ask(azure, "/health"))[1]["azure_time"]
    assert later > body["azure_time"]


async def test_requests_are_counted_by_operation_client_and_status(azure: Azure) -> None:
    operator = await azure.as_("operator")
    for _ in range(3):
        await azure.get(VAULT)
    await azure.get(VAULT.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
    await azure.ask("GET", JOBS, token=operator)
    await azure.ask("GET", f"{JOBS}/11111111-0000-4000-8000-000000000000", token=operator)
    await azure.ask("POST", f"{JOBS}/x/cancel", {})  # the drill's identity may not
    rows = await counted(azure)
    vault = rows["get Microsoft.RecoveryServices/vaults", "drill"]
    assert (vault["requests"], vault["statuses"]) == (4, {"200": 4})
    assert vault["client_id"] == azure.settings["AZURE_CLIENT_ID"]
    assert vault["bytes_out"] > 4 * 300
    kind = "Microsoft.RecoveryServices/vaults/replicationJobs"
    assert rows[f"list {kind}", "operator"]["statuses"] == {"200": 1}
    assert rows[f"get {kind}", "operator"]["statuses"] == {"404": 1}
    refused = rows[f"post {kind}/cancel", "drill"]
    assert (refused["statuses"], refused["bytes_in"]) == ({"403": 1}, 2)
    assert rows["token", "operator"]["statuses"] == {"200": 1}


async def test_those_who_are_turned_away_are_counted_without_a_name(azure: Azure) -> None:
    await azure.ask("GET", VAULT, token="not.a.token")
    await azure.sign_in("drill", client_secret="guessed-wrongly")
    rows = await counted(azure)
    assert rows["get Microsoft.RecoveryServices/vaults", ""]["statuses"] == {"401": 1}
    assert rows["token", ""]["statuses"] == {"401": 1}


async def test_whatever_is_sent_the_list_of_operations_stays_short(azure: Azure) -> None:
    await azure.get(VAULT)
    before = len(await counted(azure))
    for n in range(30):
        await azure.ask("GET", f"{VAULT}/made-up-{n}/x")
        await azure.ask("POST", f"{VAULT}/replicationJobs/x/verb{n}")
        await azure.ask(("PROPFIND", "LOCK", "REPORT")[n % 3], VAULT)
    rows = await counted(azure)
    assert len(rows) <= before + 1
    assert rows["unknown", "drill"]["requests"] == 90


async def test_a_drill_can_be_read_off_the_counters(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("web1"))
    await azure.job_ended(await azure.clean_up("web1"))
    rows = await counted(azure)
    kind = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    for verb in ("testFailover", "testFailoverCleanup"):
        row = rows[f"post {kind}/replicationProtectedItems/{verb}", "drill"]
        assert row["statuses"] == {"202": 1}
    assert ITEMS["web1"] not in str(rows)


async def test_counting_can_begin_anew(azure: Azure) -> None:
    await azure.get(VAULT)
    before = (await ask(azure, "/counters"))[1]
    status, body, _ = await ask(azure, "/counters/reset", "POST")
    assert (status, body) == (200, before)
    after = (await ask(azure, "/counters"))[1]
    assert after["counters"] == []
    assert after["since"] > before["since"]


async def test_asking_the_control_port_counts_for_nothing(azure: Azure) -> None:
    await ask(azure, "/counters/reset", "POST")
    await ask(azure, "/health")
    assert await counted(azure) == {}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("GET", "/nothing", 404),
        ("POST", "/health", 405),
        ("GET", "/counters/reset", 405),
        ("OPTIONS", "/counters", 405),
    ],
)
async def test_what_it_does_not_know_it_refuses(
    azure: Azure, method: str, path: str, status: int
) -> None:
    told, _, headers = await ask(azure, path, method)
    assert (told, headers["X-Content-Type-Options"]) == (status, "nosniff")


async def test_without_the_secret_there_is_nothing(azure: Azure) -> None:
    parts = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"])
    secret = parts.path.strip("/")
    assert len(secret) >= 32
    base = f"http://{parts.netloc}"
    for path in ("", "health", "counters", f"{secret[:-1]}/health", f"x{secret}/health"):
        async with azure.http.get(f"{base}/{path}") as got:
            assert got.status == 404, path
            assert secret not in await got.text()


async def test_another_host_name_is_turned_away_even_with_the_secret(azure: Azure) -> None:
    """A name that was made to point at the loopback (DNS rebinding)."""
    port = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).port
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.nip.io:{port}"):
        assert (await ask(azure, "/health", Host=host))[0] == 403
    assert (await ask(azure, "/health", Host=f"localhost:{port}"))[0] == 200


async def test_a_page_of_another_origin_is_turned_away_and_may_read_nothing(azure: Azure) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        status, _, headers = await ask(
            azure, "/counters/reset", method, Origin="https://evil.example"
        )
        assert status == 403
        assert not [name for name in headers if name.lower().startswith("access-control")]
    port = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).port
    own = await ask(azure, "/counters/reset", "POST", Origin=f"http://127.0.0.1:{port}")
    assert own[0] == 200
    assert not [name for name in own[2] if name.lower().startswith("access-control")]
    for name, value in (
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ):
        assert own[2][name] == value


async def test_it_is_another_port_than_azures_and_neither_answers_for_the_other(
    azure: Azure,
) -> None:
    control = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"])
    arm = urlsplit(azure.endpoint)
    assert control.hostname == arm.hostname == "127.0.0.1"
    assert control.port != arm.port
    token = await azure.as_("operator")
    headers = {"Authorization": f"Bearer {token}"}
    async with azure.http.get(f"http://{control.netloc}{VAULT}", headers=headers) as got:
        assert got.status == 404
    status, body, _ = await azure.ask("GET", f"{control.path}/health", token=token)
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")


async def test_it_listens_on_the_loopback_alone(azure: Azure) -> None:
    port = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).port
    assert port is not None
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # would be taken if it listened on all addresses
    with pytest.raises(OSError, match="in use"), socket.socket() as same:
        same.bind(("127.0.0.1", port))


async def test_the_secret_is_kept_privately_and_stays_the_same(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        async with running(tmp_path / "state") as azure:
            found.append(urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).path)
    assert found[0] == found[1]
    assert (tmp_path / "state" / "control.secret").stat().st_mode & 0o777 == 0o600
    async with running(tmp_path / "another") as azure:
        assert urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).path != found[0]


async def test_many_may_ask_at_once(azure: Azure) -> None:
    answers = await asyncio.gather(*(ask(azure, "/health") for _ in range(50)))
    assert {status for status, _, _ in answers} == {200}


def test_the_program_prints_ready_first_then_the_control_port_and_its_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "muster.simulator", "--world", str(WORLD)]
    with subprocess.Popen(
        [*command, "--state", str(tmp_path / "state")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)  # all lines are on their way by now
        rest = process.stdout.read()  # not communicate: it drops what readline read ahead
    settings = settings_of(tmp_path / "state")
    assert (first + rest).splitlines() == [
        f"ready {settings['MUSTER_ARM_ENDPOINT']}",
        f"control {settings['MUSTER_SIMULATOR_CONTROL']}",
        f"page {settings['MUSTER_SIMULATOR_CONTROL']}/",
    ]


@pytest.mark.parametrize("content", ["", "\n", "short", "../" * 20, "é" * 40])
def test_a_secret_that_is_none_any_more_opens_nothing_and_is_kept(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "control.secret"
    file.write_text(content)
    with pytest.raises(SimulatorError, match=r"control\.secret holds no secret"):
        kept_secret(tmp_path)
    assert file.read_text() == content
