"""The loop of virtual time: what it jumps over, and what it finds."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta

import pytest

from muster.checks.from_worker import tcp_connect
from muster.clock import ScaledClock
from tests.in_process.virtual_loop import Deadlock, Endless, VirtualLoop, run_virtually

START = 1_770_000_000.0


def clock_of(loop: VirtualLoop) -> ScaledClock:
    return ScaledClock(START, 1.0, wall=loop.wall, ticks=loop.time)


def test_an_hour_passes_at_once_and_everybody_wakes_in_order():
    async def main(loop):
        clock, woken = clock_of(loop), []

        async def wake(minutes):
            await clock.sleep(timedelta(minutes=minutes))
            woken.append((minutes, clock.now().timestamp() - START))

        await asyncio.gather(*map(wake, (60, 1, 20)))
        return woken

    woken = run_virtually(main, start=START, lasting=86_400)
    assert woken == [(1, 60.0), (20, 1200.0), (60, 3600.0)]


def test_a_timeout_goes_by_the_same_time():
    async def main(loop):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await clock_of(loop).sleep(timedelta(minutes=1))
        return loop.time()

    assert run_virtually(main, start=START, lasting=86_400) == 30.0


def test_who_waits_for_what_never_happens_is_named_with_the_line():
    async def waits_for_good():
        await asyncio.Event().wait()

    async def main(loop):
        await asyncio.create_task(waits_for_good(), name="somebody")

    with pytest.raises(
        Deadlock, match=r"somebody: .*test_virtual_loop\.py:\d+ in .*waits_for_good"
    ):
        run_virtually(main, start=START, lasting=86_400)


def test_time_has_an_end():
    async def main(loop):
        while True:
            await clock_of(loop).sleep(timedelta(hours=1))

    with pytest.raises(Endless, match="7200 s are over"):
        run_virtually(main, start=START, lasting=7200)


def test_work_that_lets_no_time_pass_has_an_end_too():
    async def main(loop):
        while True:
            await asyncio.sleep(0)

    with pytest.raises(Endless, match="time stands still"):
        run_virtually(main, start=START, lasting=7200)


def test_what_goes_to_a_thread_is_done_in_its_turn_and_no_time_passes():
    def work(number):
        if number:
            return number
        raise KeyError("none")

    async def main(loop):
        with pytest.raises(KeyError):
            await asyncio.to_thread(work, 0)
        return await asyncio.to_thread(work, 3), loop.time()

    assert run_virtually(main, start=START, lasting=7200) == (3, 0.0)


def test_a_signal_reaches_who_asked_for_it_and_nobody_else():
    async def main(loop):
        heard = []
        loop.interrupt(signal.SIGINT)
        loop.add_signal_handler(signal.SIGINT, heard.append, "interrupt")
        loop.interrupt(signal.SIGINT)
        await asyncio.sleep(0)
        assert loop.remove_signal_handler(signal.SIGINT)
        loop.interrupt(signal.SIGINT)
        await asyncio.sleep(0)
        return heard

    assert run_virtually(main, start=START, lasting=7200) == ["interrupt"]


def test_connections_go_where_the_network_says():
    async def main(loop):
        async def connect(host, port):
            if host == "silent":
                await asyncio.Event().wait()
            if port != 443:
                raise ConnectionRefusedError

        loop.connect = connect
        asked = [("there", 443), ("there", 80), ("silent", 443)]
        five = timedelta(seconds=5)
        return [(await tcp_connect(host, port, five, None)).detail for host, port in asked]

    said = run_virtually(main, start=START, lasting=7200)
    assert said == ["connected", "refused", "timeout after 5 s"]
