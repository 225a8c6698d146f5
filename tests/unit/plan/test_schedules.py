"""When drills fire, and when they may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.plan.schedule import Schedule

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def schedule(**keys: object) -> Schedule:
    return Schedule.model_validate({"cron": "0 3 1 * *", **keys})


def test_fires_follow_the_time_zone_through_summer_time() -> None:
    fires = schedule(timezone="America/New_York").next_fires(NEW_YEAR, 4)
    assert [fire.astimezone(UTC).strftime("%m-%d %H") for fire in fires] == [
        "01-01 08",
        "02-01 08",
        "03-01 08",
        "04-01 07",
    ]


def test_excluded_days_are_skipped_in_local_time() -> None:
    plan = schedule(timezone="America/New_York", not_on=["2026-01-01..2026-02-01", "2026-04-01"])
    fires = plan.next_fires(NEW_YEAR, 3)
    assert [(fire.month, fire.day) for fire in fires] == [(3, 1), (5, 1), (6, 1)]


@pytest.mark.timeout(10)
def test_a_cron_of_every_minute_does_not_count_through_excluded_decades() -> None:
    plan = Schedule.model_validate({"cron": "* * * * *", "not_on": ["2020-01-01..2034-12-31"]})
    assert plan.next_fires(NEW_YEAR)[0] == datetime(2035, 1, 1, tzinfo=UTC)
    never = Schedule.model_validate({"cron": "* * * * *", "not_on": ["2020-01-01..2199-12-31"]})
    assert never.next_fires(NEW_YEAR) == []


@settings(max_examples=25, deadline=None)
@given(
    hour=st.integers(0, 23), first=st.integers(0, 60), days=st.integers(0, 60),
    zone=st.sampled_from(["UTC", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe"]),
)  # fmt: skip
def test_skipping_gives_the_same_as_asking_for_every_fire(
    hour: int, first: int, days: int, zone: str
) -> None:
    begin = NEW_YEAR.date() + timedelta(days=first)
    span = f"{begin}..{begin + timedelta(days=days)}"
    cron = {"cron": f"30 {hour} * * *", "timezone": zone}
    every = Schedule.model_validate(cron).next_fires(NEW_YEAR, 140)
    plan = Schedule.model_validate({**cron, "not_on": [span]})
    wanted = [fire for fire in every if plan.excludes(fire) is None]
    assert plan.next_fires(NEW_YEAR, 70) == wanted[:70]
