"""Azure time: one linear function of the wall clock, asked for by the environment."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from muster.clock import ScaledClock, clock_from, wall_seconds

EPOCH = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def test_without_a_setting_azure_time_is_the_wall_clock() -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        clock = clock_from({})
        assert clock.now() == clock.wall_now() == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert clock.speed == 1


def test_azure_time_meets_the_wall_clock_at_the_epoch_and_runs_faster_from_there() -> None:
    clock = clock_from({"MUSTER_CLOCK": f"{EPOCH},60"})
    with time_machine.travel(EPOCH, tick=False):
        assert clock.now() == clock.wall_now() == datetime(2026, 1, 1, tzinfo=UTC)
    with time_machine.travel(EPOCH + 30, tick=False):
        assert clock.now() == datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
        assert clock.wall_now() == datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)


def test_instants_are_aware_and_in_utc() -> None:
    clock = ScaledClock(EPOCH, 7.0)
    assert clock.now().utcoffset() == clock.wall_now().utcoffset() == timedelta()


def test_monotonic_never_goes_back_even_if_the_wall_clock_does() -> None:
    clock = ScaledClock(EPOCH, 3600.0)
    first = clock.monotonic()
    with time_machine.travel(EPOCH - 10_000, tick=False):
        second = clock.monotonic()
    assert first <= second <= clock.monotonic()


async def test_sleeping_takes_a_span_of_azure_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    clock = ScaledClock(EPOCH, 60.0)
    await clock.sleep(timedelta(minutes=2))
    await clock.sleep(timedelta(minutes=-2))
    assert asked == [2.0, 0.0]


def test_a_span_of_azure_time_in_seconds_of_the_wall() -> None:
    assert wall_seconds(ScaledClock(EPOCH, 60.0), timedelta(minutes=5)) == 5.0
    assert wall_seconds(ScaledClock(), timedelta(minutes=5)) == 300.0


@pytest.mark.parametrize(
    "text",
    [
        "60",
        "a,b",
        "1767225600,0",
        "0,0.5",
        "0,3601",
        "-1,60",
        ",",
        "1,",
        "1,nan",
        "nan,60",
        "inf,60",
    ],
)
def test_a_setting_that_is_no_clock_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="MUSTER_CLOCK reads") as caught:
        clock_from({"MUSTER_CLOCK": text})
    assert repr(text) in str(caught.value)
