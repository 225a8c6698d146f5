"""Azure time runs, stands, is moved forward, and never goes back; clients get the same numbers."""

from __future__ import annotations

import asyncio

import pytest

from muster.clock import clock_from
from muster.simulator.azure_time import AzureTime, Immovable

NOON = 1_800_000_000.0


class Wall:
    """A wall clock that a test turns."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> float:
        return self.at


def clock(speed: float = 60.0) -> tuple[AzureTime, Wall]:
    wall = Wall()
    return AzureTime(NOON, speed, wall), wall


def told_to_clients(time: AzureTime, wall: Wall) -> float:
    """What a client that starts now takes the time to be."""
    theirs = clock_from({"MUSTER_CLOCK": time.for_clients})
    return theirs.epoch + (wall.at - theirs.epoch) * theirs.speed


@pytest.mark.parametrize("speed", [1.001, 1.5, 60.0, 3600.0])
def test_clients_that_start_after_a_move_have_the_very_same_time(speed: float) -> None:
    time, wall = clock(speed)
    wall.at += 10
    time.move_to(time.seconds() + 86_400)
    assert time.seconds() == pytest.approx(NOON + 10 * speed + 86_400, abs=0.01)
    wall.at += 7
    time.pause()
    wall.at += 1000
    time.resume()
    wall.at += 3
    wanted = NOON + 20 * speed + 86_400
    assert time.seconds() == pytest.approx(wanted, abs=0.01)
    assert told_to_clients(time, wall) == pytest.approx(wanted, abs=0.01)


def test_while_it_stands_clients_do_not_start() -> None:
    time, wall = clock()
    time.pause()
    wall.at += 5
    assert time.seconds() == NOON
    with pytest.raises(ValueError, match="stands still"):
        told_to_clients(time, wall)


def test_it_does_not_go_back_when_the_wall_clock_does() -> None:
    time, wall = clock()
    wall.at += 100
    before = time.seconds()
    wall.at -= 50
    assert time.seconds() == before
    wall.at += 60
    assert time.seconds() > before


@pytest.mark.parametrize("back", [0.0, 3600.0, 40 * 86_400.0])
def test_it_goes_on_from_where_it_was_when_the_wall_clock_went_back_between_two_starts(
    back: float,
) -> None:
    time, wall = clock()
    wall.at += 100
    before = time.seconds()
    wall.at -= back
    again = AzureTime.kept(time.as_kept(), wall)
    assert again.seconds() == pytest.approx(before, abs=0.001)
    wall.at += 1
    assert again.seconds() == pytest.approx(before + 60, abs=0.001)
    assert told_to_clients(again, wall) == pytest.approx(before + 60, abs=0.001)


def test_it_stands_where_it_stood_after_another_start() -> None:
    time, wall = clock()
    wall.at += 9
    time.pause()
    wall.at += 1000
    again = AzureTime.kept(time.as_kept(), wall)
    assert again.seconds() == time.seconds() == NOON + 540
    again.resume()
    wall.at += 1
    assert again.seconds() == pytest.approx(NOON + 600, abs=0.001)


@pytest.mark.parametrize("move", ["pause", "move"])
def test_at_the_walls_own_speed_it_cannot_be_moved(move: str) -> None:
    time, _ = clock(1.0)
    with pytest.raises(Immovable, match="At speed 1 Azure time is the wall clock's"):
        time.pause() if move == "pause" else time.move_to(NOON + 60)


def test_what_no_client_could_be_told_is_refused_and_changes_nothing() -> None:
    time, _ = clock(1.01)
    with pytest.raises(Immovable, match="too far at this speed"):
        time.move_to(NOON + 30_000_000)
    assert time.seconds() == NOON


async def test_who_sleeps_in_azure_time_wakes_when_it_jumps_and_not_while_it_stands() -> None:
    azure, wall = clock()
    azure.pause()
    sleeper = asyncio.create_task(azure.sleep(3600))
    await asyncio.sleep(0)
    assert azure.next_waking() == NOON + 3600
    wall.at += 1_000_000
    azure.move_to(NOON + 3599)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not sleeper.done()
    azure.move_to(NOON + 3600)
    await sleeper
    assert azure.next_waking() is None
