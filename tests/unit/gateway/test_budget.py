"""The bucket never hands out more than ARM gives, whoever asks and when."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.gateway.budget import LIMITS, Bucket, Budget, kind_of
from muster.gateway.kinds import Throttled
from muster.gateway.retry import pause_after_answer, retry_after
from muster.gateway.waiting import LONG, SHORT, pace
from tests.fakes.clock import VirtualClock

SECOND = timedelta(seconds=1)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 20),
    st.integers(1, 10),
    st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_no_more_than_capacity_and_drip(capacity: int, drip: int, starts: list[float]) -> None:
    async def run() -> list[float]:
        clock = VirtualClock()
        bucket = Bucket(clock, capacity, drip)
        taken: list[float] = []

        async def take(start: float) -> None:
            await clock.sleep(timedelta(seconds=start))
            await bucket.acquire()
            taken.append(clock.elapsed.total_seconds())

        await asyncio.gather(*map(take, starts))
        return taken

    taken = sorted(asyncio.run(run()))
    assert len(taken) == len(starts)
    for first, begin in enumerate(taken):
        for last in range(first, len(taken)):
            allowed = capacity + drip * (taken[last] - begin) + 1e-3
            assert last - first + 1 <= allowed


async def test_a_full_bucket_makes_nobody_wait() -> None:
    clock = VirtualClock()
    bucket = Bucket(clock, *LIMITS["reads"])
    for _ in range(250):
        await bucket.acquire()
    assert clock.elapsed == timedelta()
    for _ in range(25):
        await bucket.acquire()
    assert SECOND * 0.9 < clock.elapsed < SECOND * 1.1


async def test_a_429_closes_the_bucket_for_everybody() -> None:
    clock = VirtualClock()
    bucket = Bucket(clock, 200, 10)
    bucket.close_for(7 * SECOND)
    await bucket.acquire()
    assert clock.elapsed >= 7 * SECOND


async def test_an_act_does_not_wait_longer_than_its_patience() -> None:
    clock = VirtualClock()
    bucket = Bucket(clock, 200, 10)
    bucket.close_for(60 * SECOND)
    with pytest.raises(Throttled) as caught:
        await bucket.acquire(30 * SECOND)
    assert not caught.value.maybe_accepted
    assert clock.elapsed == timedelta()


def test_buckets_are_kept_apart_by_subscription_and_kind() -> None:
    budget = Budget(VirtualClock())
    one = budget.bucket("GET", "https://x/subscriptions/A/resourceGroups/g")
    assert one is budget.bucket("HEAD", "https://x/Subscriptions/a?x=1")
    assert one is not budget.bucket("POST", "https://x/subscriptions/a")
    assert one is not budget.bucket("GET", "https://x/subscriptions/b")
    assert [kind_of(m) for m in ("POST", "PUT", "DELETE")] == ["writes", "writes", "deletes"]


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_an_act_is_repeated_after_429_alone(status: int) -> None:
    assert pause_after_answer(status, {}, 0, is_act=True) is None
    assert pause_after_answer(status, {}, 0, is_act=False) is not None
    told = {"Retry-After": "17"}
    assert pause_after_answer(429, told, 0, is_act=True) == 17 * SECOND


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404, 409])
def test_an_answer_that_means_something_is_not_asked_for_again(status: int) -> None:
    assert pause_after_answer(status, {}, 0, is_act=False) is None


def test_retry_after_in_every_form() -> None:
    assert retry_after({"Retry-After": "30"}) == 30 * SECOND
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == timedelta()
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({"Retry-After": "²"}) is None
    assert retry_after({}) is None


def test_a_date_to_wait_for_is_one_of_the_clock_that_wrote_it() -> None:
    told = {
        "Date": "Wed, 21 Oct 2015 07:28:00 GMT",
        "Retry-After": "Wed, 21 Oct 2015 07:28:45 GMT",
    }
    assert retry_after(told) == 45 * SECOND
    assert retry_after({**told, "Date": "Wed, 21 Oct 2015 07:29:00 GMT"}) == timedelta()


@given(st.integers(0, 7200), st.integers(0, 3600))
def test_a_pace_is_never_short_of_5_nor_beyond_30_seconds(waited: int, expected: int) -> None:
    found = pace(waited * SECOND, expected * SECOND)
    assert SHORT <= found <= LONG
    if abs(expected - waited) <= 20:
        assert found == SHORT
