"""Connections from the worker itself, without a proxy and through a broken one."""

from __future__ import annotations

from datetime import timedelta

from muster.checks.from_worker import tcp_connect
from tests.unit.checks.probe_in_bash import closed_port, serving

SOON = timedelta(seconds=5)


async def test_a_listener_is_reached_directly():
    async with serving(b"") as port:
        result = await tcp_connect("127.0.0.1", port, SOON, None)
    assert (result.ok, result.detail) == (True, "connected")


async def test_a_refusal_is_told():
    result = await tcp_connect("127.0.0.1", await closed_port(), SOON, None)
    assert (result.ok, result.detail) == (False, "refused")


async def test_a_dead_proxy_is_told_from_a_dead_target():
    proxy = f"socks5h://u:p@127.0.0.1:{await closed_port()}"
    result = await tcp_connect("127.0.0.1", 1, SOON, proxy)
    assert not result.ok
    assert "proxy itself" in result.detail


async def test_a_proxy_that_says_nothing_runs_into_the_timeout():
    async with serving(b"") as port:
        proxy = f"socks5h://u:p@127.0.0.1:{port}"
        result = await tcp_connect("10.0.0.1", 1, timedelta(seconds=0.2), proxy)
    assert (result.ok, result.detail) == (False, "timeout after 0.2 s")


async def test_a_proxy_url_that_makes_no_sense_is_a_result_too():
    result = await tcp_connect("10.0.0.1", 1, SOON, "ftp://nowhere")
    assert not result.ok


async def test_a_name_that_means_nothing_is_a_result_too():
    result = await tcp_connect("no-such-name.invalid", 1, SOON, None)
    assert not result.ok
