"""Recovery points over time: when one can be used, how close they lie, none after a failover."""

from __future__ import annotations

from itertools import pairwise

from .item_rules import WEB
from .life import failover_body
from .still_world import StillWorld
from .test_site_recovery import instant


def ages(still: StillWorld, vm: str = WEB) -> list[float]:
    """How many seconds old the points of an item are, in the order they are told in."""
    rows = still.get(f"{vm}/recoveryPoints")["value"]
    times = [instant(row["properties"]["recoveryPointTime"]).timestamp() for row in rows]
    return [still.clock.seconds() - time for time in times]


def test_a_point_can_be_used_half_a_minute_after_its_moment() -> None:
    still, seen = StillWorld(), []
    for _ in range(60):
        still.pass_by(10.0)
        seen.append(min(ages(still)))
    assert 30.0 <= min(seen) < 45.0
    assert max(seen) < 400.0


def test_points_are_told_from_the_oldest_to_the_newest() -> None:
    told = ages(StillWorld())
    assert len(told) > 24
    assert told == sorted(told, reverse=True)


def test_they_lie_five_minutes_apart_for_two_hours_and_then_an_hour() -> None:
    told = ages(StillWorld())
    close = [one - other for one, other in pairwise(told) if one < 2 * 3600]
    far = [one - other for one, other in pairwise(told) if other > 2 * 3600]
    assert len(close) > 20
    assert all(255 < gap < 345 for gap in close)
    assert len(far) > 15
    assert all(3555 < gap < 3645 for gap in far)
    assert 24 * 3600 - 3700 < told[0] <= 24 * 3600


def test_after_a_failover_there_are_no_new_ones_and_none_grows_too_old() -> None:
    still = StillWorld()
    names = [row["name"] for row in still.get(f"{WEB}/recoveryPoints")["value"]]
    still.ask("POST", f"{WEB}/unplannedFailover", failover_body())
    still.settle()
    for _ in range(3):
        rows = still.get(f"{WEB}/recoveryPoints")["value"]
        told = [row["name"] for row in rows]
        assert told[:20] == names[:20]
        assert len(set(told) - set(names)) <= 1  # the source ran on for a moment
        still.pass_by(6 * 3600)
