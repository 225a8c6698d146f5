"""The watcher: one list a tick for everybody, gets only where needed, every wait with an end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest

from muster.gateway.jobs import JobWatcher
from muster.gateway.kinds import Forbidden, GatewayWaitEnded, NotFound, Unreachable
from muster.gateway.parse_job import parse_job
from muster.gateway.values import Job
from tests.fakes.clock import VirtualClock
from tests.unit.gateway.stub import VAULT

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EXPECTED = timedelta(seconds=203)


def job_id(name: str) -> str:
    return f"{VAULT.id}/replicationJobs/{name}"


def a_job(name: str, state: str) -> Job:
    return parse_job({"id": job_id(name), "name": name, "properties": {"state": state}})


class Vault:
    """Jobs that end at an instant of the clock; counts what it is asked."""

    def __init__(self, clock: VirtualClock, ends: dict[str, timedelta]) -> None:
        self.clock = clock
        self.ends = ends
        self.states: dict[str, str] = {}  # how they end; Succeeded unless said
        self.unlisted: set[str] = set()
        self.renamed: dict[str, str] = {}  # operation's name -> job's name
        self.failing: list[Exception] = []
        self.lists = 0
        self.gets: list[str] = []

    def _now(self, name: str) -> Job | None:
        if name not in self.ends:
            return None
        ended = self.clock.elapsed >= self.ends[name]
        return a_job(name, self.states.get(name, "Succeeded") if ended else "InProgress")

    async def listed(self, names: Collection[str]) -> dict[str, Job]:
        self.lists += 1
        if self.failing:
            raise self.failing.pop(0)
        shown = (self._now(name) for name in self.ends if name not in self.unlisted)
        return {job.name: job for job in shown if job is not None}

    async def got(self, name: str) -> Job | None:
        self.gets.append(name)
        return self._now(self.renamed.get(name, name))


def watched(ends: dict[str, timedelta]) -> tuple[Vault, JobWatcher]:
    clock = VirtualClock()
    vault = Vault(clock, ends)
    return vault, JobWatcher(vault, clock)


async def wait(watcher: JobWatcher, name: str, within: timedelta = HOUR) -> Job:
    return await watcher.ended(job_id(name), expected=EXPECTED, within=within)


async def test_reads_do_not_grow_with_the_number_of_waiters() -> None:
    async def lists_for(count: int) -> int:
        vault, watcher = watched({f"j{n}": timedelta(seconds=200 + n % 5) for n in range(count)})
        jobs = await asyncio.gather(*(wait(watcher, f"j{n}") for n in range(count)))
        assert all(job.succeeded for job in jobs)
        assert sorted(vault.gets) == sorted(vault.ends)  # one get each, at its end
        return vault.lists

    few, many = await lists_for(1), await lists_for(200)
    assert many <= few + 2
    assert many < 20


async def test_ticks_are_short_near_the_expected_end_and_long_before() -> None:
    vault, watcher = watched({"j": EXPECTED})
    await wait(watcher, "j")
    assert vault.clock.elapsed - EXPECTED <= timedelta(seconds=5)
    assert vault.lists < 16


async def test_a_job_that_ended_long_ago_is_told_at_once() -> None:
    vault, watcher = watched({"j": timedelta()})
    await wait(watcher, "j")
    assert vault.clock.elapsed <= timedelta(seconds=5)


@pytest.mark.parametrize("state", ["Failed", "Cancelled", "Canceled", "Suspended"])
async def test_every_way_to_end_ends_the_wait(state: str) -> None:
    vault, watcher = watched({"j": MINUTE})
    vault.states["j"] = state
    assert (await wait(watcher, "j")).state == state


async def test_a_wait_is_bounded_and_says_what_was_seen() -> None:
    vault, watcher = watched({"j": 10 * HOUR})
    with pytest.raises(GatewayWaitEnded, match="InProgress"):
        await wait(watcher, "j")
    assert HOUR <= vault.clock.elapsed <= HOUR + timedelta(seconds=10)


async def test_one_who_gives_up_does_not_take_the_others_along() -> None:
    _, watcher = watched({"a": 10 * HOUR, "b": timedelta(minutes=10)})
    first, second = await asyncio.gather(
        wait(watcher, "a", 5 * MINUTE), wait(watcher, "b"), return_exceptions=True
    )
    assert isinstance(first, GatewayWaitEnded)
    assert isinstance(second, Job)


async def test_a_job_that_answers_under_another_name_is_followed() -> None:
    vault, watcher = watched({"real": EXPECTED})
    vault.renamed["operation"] = "real"
    job = await wait(watcher, "operation")
    assert job.name == "real"
    assert vault.gets == ["operation", "real"]


async def test_a_job_that_the_list_never_shows_is_asked_for_ever_more_seldom() -> None:
    vault, watcher = watched({"j": timedelta(minutes=20)})
    vault.unlisted.add("j")
    assert (await wait(watcher, "j")).succeeded
    assert len(vault.gets) < 30


async def test_a_job_that_nobody_knows_is_an_error_after_the_lag() -> None:
    vault, watcher = watched({})
    with pytest.raises(NotFound):
        await wait(watcher, "j")
    assert vault.clock.elapsed < 10 * MINUTE


async def test_a_wait_outlives_an_outage() -> None:
    vault, watcher = watched({"j": EXPECTED})
    vault.failing = [Unreachable("the network is away")] * 5
    assert (await wait(watcher, "j")).succeeded


async def test_a_refusal_ends_all_waits() -> None:
    vault, watcher = watched({"a": EXPECTED, "b": EXPECTED})
    vault.failing = [Forbidden("no")]
    ends = await asyncio.gather(wait(watcher, "a"), wait(watcher, "b"), return_exceptions=True)
    assert [type(end) for end in ends] == [Forbidden, Forbidden]


async def test_the_watcher_rests_when_nobody_waits_and_starts_again() -> None:
    vault, watcher = watched({"a": MINUTE, "b": 2 * HOUR})
    await wait(watcher, "a")
    lists = vault.lists
    await vault.clock.sleep(HOUR)
    assert vault.lists == lists
    assert (await wait(watcher, "b", 3 * HOUR)).name == "b"


async def test_a_newcomer_is_looked_at_soon_though_the_tick_is_long() -> None:
    vault, watcher = watched({"slow": 2 * HOUR, "quick": timedelta()})

    async def later() -> timedelta:
        await vault.clock.sleep(timedelta(minutes=10, seconds=1))
        began = vault.clock.elapsed
        await wait(watcher, "quick")
        return vault.clock.elapsed - began

    slow = asyncio.create_task(watcher.ended(job_id("slow"), expected=2 * HOUR, within=5 * HOUR))
    assert await later() <= timedelta(seconds=3)
    assert (await slow).succeeded


async def test_closing_tells_whoever_still_waits() -> None:
    vault, watcher = watched({"j": 10 * HOUR})
    waiting = asyncio.create_task(wait(watcher, "j"))
    await vault.clock.sleep(MINUTE)
    await watcher.close()
    with pytest.raises(Exception, match="closed"):
        await waiting
