"""Between world and guests: what fails on either side is told, and every script has an end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from muster.simulator import routes
from muster.simulator.guests.contract import GuestResult
from muster.simulator.guests.desk import Desk
from muster.simulator.mishaps import Mishaps

from .conftest import SUBSCRIPTION, FakeGuests
from .still_world import StillWorld

WEB = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web1"


@pytest.fixture(autouse=True)
def _expected(mishaps: list[str]) -> Iterator[None]:
    yield
    assert mishaps
    assert "a client's secret" not in "".join(mishaps)
    mishaps.clear()


class Broken(FakeGuests):
    """Guests that cannot do what they are told."""

    async def power_off(self, vm_id: str) -> None:
        raise KeyError("a client's secret")

    async def run_script(self, vm_id: str, script: str, timeout: float) -> GuestResult:
        raise KeyError("a client's secret")


SCRIPT = (f"{WEB}/runCommand", {"commandId": "RunShellScript", "script": ["a"]})


async def result(still: StillWorld, guests: FakeGuests, mishaps: Mishaps, due: str = "") -> Any:
    """What an operator is told of a script that ended; meanwhile an event may fall due."""
    desk, ended = Desk(still.world, guests, mishaps), asyncio.Event()
    desk.moved = ended.set
    await desk.open()
    answer = still.answer("POST", *SCRIPT)
    if due:
        still.world.later(0.0, due, job="")
    desk.dispatch()
    async with asyncio.timeout(20):
        await ended.wait()
    await desk.close()
    where = answer.headers["Azure-AsyncOperation"].removeprefix("https://127.0.0.1")
    return still.get(where.partition("?")[0])


async def test_a_script_ends_although_an_event_of_that_moment_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any) -> None:
        raise KeyError("a client's secret")

    monkeypatch.setitem(routes.EFFECTS, "copy_appears", fails)
    still, guests, mishaps = StillWorld(), FakeGuests(None), Mishaps()
    guests.answers["a"] = GuestResult(0, "done", "", "executed")
    told = await result(still, guests, mishaps, due="copy_appears")
    assert told["status"] == "Succeeded"
    assert "done" in str(told["properties"]["output"])
    assert mishaps.shown()[0]["what"].endswith("during the event 'copy_appears'")


async def test_a_script_that_its_guest_cannot_run_has_failed() -> None:
    mishaps = Mishaps()
    told = await result(StillWorld(), Broken(None), mishaps)
    assert told["status"] == "Succeeded"  # of the operation; the script's own end is in it
    assert "The simulator failed inside" in str(told["properties"]["output"])
    (mishap,) = mishaps.shown()
    assert mishap["what"].startswith("KeyError in run_script")
    assert mishap["what"].endswith("during a script in a guest")


async def test_an_order_that_a_guest_cannot_follow_is_told_and_the_next_one_is_tried() -> None:
    still, guests, mishaps = StillWorld(), Broken(None), Mishaps()
    desk = Desk(still.world, guests, mishaps)
    await desk.open()
    for verb in ("deallocate", "start"):
        still.ask("POST", f"{WEB}/{verb}")
        still.settle()
        desk.dispatch()
    await desk.carried()
    await asyncio.sleep(0)
    await desk.close()
    (mishap,) = mishaps.shown()
    assert mishap["what"].endswith("during an order to a guest")
    assert guests.heard[-2:] == [("on", "web1"), ("stop", "")]
