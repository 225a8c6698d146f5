"""The probe of the product inside simulated guests, through the modelled networks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from muster.checks.probe import (
    ProbeCheck,
    ProbeReport,
    build_probe,
    parse_probe_output,
    probe_digest,
)
from muster.simulator.guests.contract import Service
from tests.unit.simulator.guests.small_world import SmallWorld, rule, running, vm_id

TRUSTED = frozenset({probe_digest()})
POINT = datetime(2026, 1, 1, 3, tzinfo=UTC)
HEARTBEAT = '{"written_at": "{data_as_of}", "writer": "{writer}"}'
WEB = Service(8080, "http", {"/health": "healthy {writer}", "/heartbeat": HEARTBEAT})
SPEEDS = pytest.mark.parametrize("speed", [1.0, 600.0])


@pytest.fixture
def world() -> SmallWorld:
    world = SmallWorld()
    for name, writer in (("prod", "web1"), ("drill", "web1-copy")):
        world.network(name, "10.1.0.0/16", a="10.1.0.0/24", b="10.1.2.0/24")
        point = POINT if name == "drill" else None
        services = (WEB, Service(1433))
        world.vm(f"web-{name}", name, "a", "10.1.0.4", *services, data_as_of=point, writer=writer)
        world.vm(f"client-{name}", name, "b", "10.1.2.4")
    world.network("hub", "10.9.0.0/24", hub="10.9.0.0/26")
    world.vm("jump", "hub", "hub", "10.9.0.10", Service(443))
    return world


async def ask(world, folder, vm: str, *checks: ProbeCheck, speed: float = 600.0) -> ProbeReport:
    everyone = [guest.vm_id for guest in world.guests.values()]
    async with running(world, folder, *everyone, speed=speed, trusted=TRUSTED) as guests:
        result = await guests.run_script(vm_id(vm), build_probe(checks), 3600.0)
    assert (result.exit_code, result.stderr, result.answered_by) == (0, "", "executed")
    report = parse_probe_output(result.stdout)
    assert (report.ran, report.complete, report.host, report.proxy) == (True, True, vm, True)
    return report


def health(name: str = "h", **more) -> ProbeCheck:
    return ProbeCheck(name, "http", url="http://10.1.0.4:8080/health", **more)


CANARY = ProbeCheck("c", "unreachable", host="10.9.0.10", port=443)


@SPEEDS
@pytest.mark.parametrize(("side", "writer"), [("prod", "web1"), ("drill", "web1-copy")])
async def test_checks_of_equal_addresses_meet_the_vm_of_the_own_network(
    world, tmp_path, speed, side, writer
):
    report = await ask(
        world,
        tmp_path,
        f"client-{side}",
        health(contains=writer, within=timedelta(seconds=2)),
        ProbeCheck("t", "tcp", host="10.1.0.4", port=1433, within=timedelta(seconds=2)),
        ProbeCheck("d", "data_loss", url="http://10.1.0.4:8080/heartbeat"),
        speed=speed,
    )
    assert {name: r.ok for name, r in report.results.items()} == {"h": True, "t": True, "d": True}
    assert report.results["h"].detail["body"] == f"healthy {writer}"
    assert report.results["d"].detail["writer"] == writer
    written = datetime.fromisoformat(report.results["d"].detail["written_at"])
    assert (written == POINT) == (side == "drill")


@SPEEDS
async def test_what_never_listens_is_refused_in_time(world, tmp_path, speed):
    # At least three seconds on the wall: a busy machine takes part of one to look once.
    within = timedelta(seconds=3 * speed)
    closed = ProbeCheck("x", "tcp", host="10.1.0.4", port=9, within=within)
    report = await ask(world, tmp_path, "client-drill", closed, speed=speed)
    result = report.results["x"]
    assert (result.ok, result.detail["how"]) == (False, "refused")
    assert result.detail["seconds"] >= within.total_seconds()
    assert result.detail["attempts"] >= 2


async def test_an_isolated_network_shows_as_unreachable(world, tmp_path):
    report = await ask(world, tmp_path, "web-drill", CANARY)
    assert report.results["c"].ok
    assert report.results["c"].detail["how"] == "no-route,no-route,no-route"


async def test_a_peering_breaks_the_isolation_and_the_probe_sees_it(world, tmp_path):
    world.peer("drill", "hub")
    report = await ask(world, tmp_path, "web-drill", CANARY)
    assert not report.results["c"].ok
    assert report.results["c"].detail["how"] == "connected"


async def test_a_peering_behind_a_denying_group_is_closed(world, tmp_path):
    world.peer("drill", "hub")
    deny = rule("Deny", "Outbound", 100, destinationAddressPrefix="10.9.0.0/24")
    world.subnet("drill", "a")["networkSecurityGroup"] = world.nsg("n", deny)
    report = await ask(world, tmp_path, "web-drill", CANARY)
    assert report.results["c"].ok


async def test_a_live_host_that_refuses_is_no_isolation(world, tmp_path):
    world.peer("drill", "hub")
    closed = ProbeCheck("c", "unreachable", host="10.9.0.10", port=9)
    report = await ask(world, tmp_path, "web-drill", closed)
    assert not report.results["c"].ok
    assert report.results["c"].detail["how"] == "refused,refused,refused"


async def test_a_service_that_opens_late_is_waited_for(world, tmp_path):
    world.vm("slow", "drill", "a", "10.1.0.9", Service(5432, open_after=600.0))
    late = ProbeCheck("s", "tcp", host="10.1.0.9", port=5432, within=timedelta(hours=1))
    report = await ask(world, tmp_path, "client-drill", late)
    assert report.results["s"].ok
    assert report.results["s"].detail["attempts"] > 1


async def test_a_service_without_its_database_fails_its_check(world, tmp_path):
    needy = Service(80, "http", {"/": "ok"}, needs=[("10.1.0.4", 1433), ("10.9.0.10", 443)])
    world.vm("app", "drill", "b", "10.1.2.9", needy)
    check = ProbeCheck("a", "http", url="http://app/", contains="ok")
    report = await ask(world, tmp_path, "client-drill", check)
    detail = report.results["a"].detail
    assert (report.results["a"].ok, detail["how"], detail["status"]) == (False, "status", 503)
    assert "10.9.0.10:443" in detail["body"]
    assert "10.1.0.4" not in detail["body"]


async def test_the_stamps_of_the_probe_are_azure_time(world, tmp_path):
    async with running(world, tmp_path, vm_id("jump"), speed=3600.0, trusted=TRUSTED) as guests:
        before = guests._clock.now()
        result = await guests.run_script(vm_id("jump"), build_probe([]), 60.0)
        after = guests._clock.now()
    at = parse_probe_output(result.stdout).at
    assert at is not None
    assert before - timedelta(seconds=1) <= at <= after
