"""Services of VMs as real sockets, reached through the real SOCKS server with curl."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from muster.checks.from_worker import tcp_connect
from muster.simulator.guests.contract import Service
from tests.unit.simulator.guests.curls import curl as run_curl
from tests.unit.simulator.guests.curls import path_with
from tests.unit.simulator.guests.small_world import SmallWorld, network_id, rule, running, vm_id

REFUSED = "SOCKS5 connection to 10.1.0.4. (5)"
NO_ROUTE = "(4)"
WEB = Service(8080, "http", {"/who": "{writer}", "/data": '{"at": "{data_as_of}"}'})


@pytest.fixture
def world() -> SmallWorld:
    world = SmallWorld()
    point = datetime(2026, 1, 1, 3, tzinfo=UTC)
    for name in ("prod", "drill"):
        world.network(name, "10.1.0.0/16", data="10.1.0.0/24", web="10.1.2.0/24")
    world.vm("web1", "prod", "data", "10.1.0.4", WEB, writer="web1")
    world.vm("web1-test", "drill", "data", "10.1.0.4", WEB, data_as_of=point, writer="web1-copy")
    world.vm("client", "prod", "web", "10.1.2.4")
    world.vm("client-test", "drill", "web", "10.1.2.4")
    return world


async def curl(guests, vm: str, url: str) -> tuple[int, str, str]:
    """Exit code, output and error of curl inside a guest."""
    proxy = guests._proxies[vm_id(vm).lower()]
    words = ("-q", "-sS", "-m", "20", "-w", "%{http_code}", "--url", url)
    if shutil.which("curl"):
        return await run_curl(os.environ["PATH"], proxy, *words)
    with TemporaryDirectory() as folder:
        return await run_curl(path_with("stand-in", Path(folder)), proxy, *words)


VMS = [vm_id(n) for n in ("web1", "web1-test", "client", "client-test")]


async def test_one_address_in_two_networks_is_answered_by_the_right_vm(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        answers = [
            await curl(guests, c, "http://10.1.0.4:8080/who") for c in ("client", "client-test")
        ]
    assert answers == [(0, "web1200", ""), (0, "web1-copy200", "")]


async def test_names_are_resolved_in_the_model(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        assert (await curl(guests, "client", "http://web1:8080/who"))[1] == "web1200"
        code, _, error = await curl(guests, "client", "http://example.com/")
    assert (code, "(1)" in error) == (97, True)


async def test_a_copy_carries_its_recovery_point_and_production_the_present(world, tmp_path):
    async with running(world, tmp_path, *VMS, speed=1.0) as guests:
        copy = json.loads((await curl(guests, "client-test", "http://10.1.0.4:8080/data"))[1][:-3])
        live = json.loads((await curl(guests, "client", "http://10.1.0.4:8080/data"))[1][:-3])
    assert copy == {"at": "2026-01-01T03:00:00Z"}
    age = datetime.now(UTC) - datetime.fromisoformat(live["at"])
    assert timedelta(0) <= age < timedelta(seconds=30)


async def test_a_listener_is_gone_when_its_vm_is_off_and_back_when_it_is_on(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        await guests.power_off(vm_id("web1"))
        await guests.power_off(vm_id("web1").upper())
        gone = await curl(guests, "client", "http://10.1.0.4:8080/who")
        await guests.power_on(vm_id("web1"))
        await guests.power_on(vm_id("web1"))
        back = await curl(guests, "client", "http://10.1.0.4:8080/who")
    assert (gone[0], NO_ROUTE in gone[2]) == (97, True)
    assert back == (0, "web1200", "")


async def test_the_socket_itself_closes_with_the_vm(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        real = guests._listeners.address(vm_id("web1"), 8080)
        assert real is not None
        assert real[0].startswith("127.")
        assert (await tcp_connect(*real, timedelta(seconds=5), None)).ok
        await guests.power_off(vm_id("web1"))
        assert (await tcp_connect(*real, timedelta(seconds=5), None)).detail == "refused"


async def test_an_open_connection_ends_when_the_vm_goes_off(world, tmp_path):
    world.vm("db", "prod", "data", "10.1.0.9", Service(1433))
    async with running(world, tmp_path, vm_id("db")) as guests:
        real = guests._listeners.address(vm_id("db"), 1433)
        reader, writer = await asyncio.open_connection(*real)
        await guests.power_off(vm_id("db"))
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_port_nobody_listens_on_is_refused_at_once(world, tmp_path):
    async with running(world, tmp_path, *VMS, speed=1.0) as guests:
        began = time.monotonic()
        code, _, error = await curl(guests, "client", "http://10.1.0.4:81/")
    assert (code, REFUSED in error, time.monotonic() - began < 5) == (97, True, True)


async def test_a_dropped_connection_takes_the_time_of_unanswered_syns(world, tmp_path):
    async with running(world, tmp_path, *VMS, speed=30.0) as guests:
        began = time.monotonic()
        code, _, error = await curl(guests, "client", "http://10.1.0.99:80/")
    took = time.monotonic() - began
    assert (code, NO_ROUTE in error) == (97, True)
    assert 0.7 <= took < 5


async def test_a_service_opens_some_azure_time_after_boot(world, tmp_path):
    world.vm("slow", "prod", "data", "10.1.0.7", Service(1, open_after=60.0))
    async with running(world, tmp_path, vm_id("slow"), speed=600.0) as guests:
        assert guests._listeners.address(vm_id("slow"), 1) is None
        await guests._clock.sleep(60.0)
        async with asyncio.timeout(5):
            while guests._listeners.address(vm_id("slow"), 1) is None:
                await guests._clock.sleep(1.0)
        assert guests._listeners.running == {vm_id("slow").lower(): (1,)}


async def test_a_vm_switched_off_before_its_service_opens_never_opens_it(world, tmp_path):
    world.vm("slow", "prod", "data", "10.1.0.7", Service(1, open_after=3600.0))
    async with running(world, tmp_path, vm_id("slow"), speed=600.0) as guests:
        await guests.power_off(vm_id("slow"))
        assert guests._listeners.running == {}


async def test_a_service_that_misses_what_it_needs_says_503_and_why(world, tmp_path):
    needy = Service(80, "http", {"/": "fine"}, needs=[("10.1.0.4", 8080), ("10.1.0.4", 1433)])
    world.vm("app", "prod", "web", "10.1.2.9", needy)
    async with running(world, tmp_path, *VMS, vm_id("app")) as guests:
        _, before, _ = await curl(guests, "client", "http://10.1.2.9/")
        world.change(vm_id("web1"), services=[WEB, Service(1433)])
        await guests.power_off(vm_id("web1"))
        await guests.power_on(vm_id("web1"))
        _, after, _ = await curl(guests, "client", "http://10.1.2.9/")
    assert before.endswith("503")
    assert "10.1.0.4:1433: nothing listens" in before
    assert "10.1.0.4:8080" not in before
    assert after == "fine200"


async def test_another_path_is_404(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        assert (await curl(guests, "client", "http://10.1.0.4:8080/no"))[1].endswith("404")


async def test_a_security_group_closes_the_way_while_the_world_runs(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        assert (await curl(guests, "client", "http://10.1.0.4:8080/who"))[0] == 0
        deny = rule("Deny", "Inbound", 100, destinationPortRange="8080")
        world.subnet("prod", "data")["networkSecurityGroup"] = world.nsg("n", deny)
        assert (await curl(guests, "client", "http://10.1.0.4:8080/who"))[0] == 97


async def test_only_a_token_we_gave_out_opens_the_way(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        url = guests.worker_proxy_url()
        forged = url.replace(url[10:42], "0" * 32)
        result = await tcp_connect("10.1.0.4", 8080, timedelta(seconds=5), forged)
        old = guests._proxies[vm_id("client").lower()]
        await guests.power_off(vm_id("client"))
        stale = await tcp_connect("10.1.0.4", 8080, timedelta(seconds=5), old)
    assert (result.ok, stale.ok) == (False, False)


async def test_the_worker_sees_the_network_it_stands_in(world, tmp_path):
    place = (network_id("drill"), "10.1.2.200")
    async with running(world, tmp_path, *VMS, worker=place) as guests:
        url = guests.worker_proxy_url()
        ask = [("10.1.0.4", 8080), ("10.1.0.4", 9), ("10.7.0.4", 8080), ("nobody", 80)]
        said = [await tcp_connect(h, p, timedelta(seconds=5), url) for h, p in ask]
    assert [r.detail for r in said] == ["connected", "refused", "no route", "unresolved"]
    assert [r.ok for r in said] == [True, False, False, False]


async def test_a_worker_outside_every_network_reaches_nobody(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        url = guests.worker_proxy_url()
        result = await tcp_connect("10.1.0.4", 8080, timedelta(seconds=5), url)
    assert (result.ok, result.detail) == (False, "no route")


async def test_a_real_listener_of_the_host_is_never_reached_through_the_model(world, tmp_path):
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with running(world, tmp_path, *VMS) as guests, server:
        for host in ("127.0.0.1", "localhost"):
            code, _, error = await curl(guests, "client", f"http://{host}:{port}/")
            assert (code, "(5)" in error) == (97, True)


async def test_stopping_twice_is_fine_and_leaves_nothing_open(world, tmp_path):
    async with running(world, tmp_path, *VMS) as guests:
        real = guests._listeners.address(vm_id("web1"), 8080)
        await guests.stop()
        assert not (await tcp_connect(*real, timedelta(seconds=5), None)).ok
        assert guests._listeners.running == {}
