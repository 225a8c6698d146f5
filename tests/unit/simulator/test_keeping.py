"""One write serves all who wait, and nobody is told that something is kept which is not."""

from __future__ import annotations

import asyncio
import threading

import pytest

from muster.simulator.keeping import Keeper


class Disk:
    """Saves that wait for a sign, on whatever thread they are made."""

    def __init__(self) -> None:
        self.saved: list[bytes] = []
        self.begun = 0
        self.free = threading.Event()
        self.broken = False

    def save(self, content: bytes) -> None:
        self.begun += 1
        assert self.free.wait(10)
        if self.broken:
            raise OSError("no space left")
        self.saved.append(content)


async def test_what_changes_during_a_write_is_kept_by_the_next_one() -> None:
    state, disk = [b"0"], Disk()
    keeper = Keeper(lambda: state[0], disk.save)

    async def change(content: bytes) -> None:
        state[0] = content
        keeper.changed()
        await keeper.kept()
        assert int(disk.saved[-1]) >= int(content)

    changes = [asyncio.create_task(change(b"%d" % number)) for number in range(1, 6)]
    while not all(task.get_coro().cr_await for task in changes):
        await asyncio.sleep(0)
    disk.free.set()
    await asyncio.gather(*changes)
    assert disk.saved[-1] == b"5"
    assert len(disk.saved) <= 2


async def test_what_changes_while_a_write_is_under_way_is_not_taken_for_written() -> None:
    state, disk = [b"1"], Disk()
    keeper = Keeper(lambda: state[0], disk.save)
    keeper.changed()
    first = asyncio.create_task(keeper.kept())
    while not disk.begun:  # packed already, on its way to the disk
        await asyncio.sleep(0)
    state[0] = b"2"
    keeper.changed()
    second = asyncio.create_task(keeper.kept())
    await asyncio.sleep(0)
    disk.free.set()
    await asyncio.gather(first, second)
    assert disk.saved == [b"1", b"2"]


async def test_nothing_is_written_while_nothing_changes() -> None:
    disk = Disk()
    await Keeper(lambda: b"", disk.save).kept()
    assert disk.saved == []


async def test_everybody_who_waits_hears_of_a_write_that_failed() -> None:
    disk = Disk()
    disk.broken = True
    disk.free.set()
    keeper = Keeper(lambda: b"1", disk.save)
    keeper.changed()
    told = await asyncio.gather(keeper.kept(), keeper.kept(), return_exceptions=True)
    assert [str(each) for each in told] == ["no space left"] * 2
    disk.broken = False
    await keeper.kept()
    assert disk.saved == [b"1"]


async def test_whoever_gives_up_waiting_stops_no_write() -> None:
    disk = Disk()
    keeper = Keeper(lambda: b"1", disk.save)
    keeper.changed()
    impatient, patient = (asyncio.create_task(keeper.kept()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    disk.free.set()
    await patient
    assert disk.saved == [b"1"]
