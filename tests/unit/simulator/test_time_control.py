"""Time moved over the control port: paused, stepped, jumped, resumed, and what comes of it."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.errors import MusterError
from muster.settings import settings_from
from muster.simulator import dates
from muster.simulator.azure_time import AzureTime
from muster.simulator.guests.guests import Guests
from muster.simulator.time_control import SLICE, TimeControl

from .asked import operator
from .conftest import SUBSCRIPTION, VAULT, Azure, running, settings_of
from .still_world import EPOCH, StillWorld
from .test_control_port import ask

WEB = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web1"


async def told(azure: Azure, path: str, method: str = "POST") -> Any:
    status, body, _ = await ask(azure, path, method)
    assert status == 200, body
    return body


async def refused(azure: Azure, path: str) -> tuple[int, str]:
    status, body, _ = await ask(azure, path, "POST")
    return status, body["error"]


async def date_of(azure: Azure) -> str:
    return str((await azure.ask("GET", VAULT))[2]["Date"])


async def test_while_it_is_paused_nothing_moves(azure: Azure) -> None:
    job = await azure.failover_test("web1")
    before = await told(azure, "/time/pause")
    assert before["state"] == "paused"
    dates_seen = {await date_of(azure) for _ in range(20)}
    now = await told(azure, "/time", "GET")
    assert (now["azure_time"], len(dates_seen)) == (before["azure_time"], 1)
    assert now["events_pending"] == before["events_pending"] > 0
    told_job = await azure.get(f"{VAULT}/replicationJobs/{job}")
    assert told_job["properties"]["state"] in ("NotStarted", "InProgress")
    after = await told(azure, "/time/resume")
    assert (after["state"], after["azure_time"] >= now["azure_time"]) == ("running", True)
    assert (await azure.job_ended(job))["state"] == "Succeeded"


async def test_a_step_is_as_long_as_was_said(azure: Azure) -> None:
    await azure.failover_test("web1")
    at = dates.instant((await told(azure, "/time/pause"))["azure_time"])
    assert (await told(azure, "/time/step?seconds=0"))["state"] == "paused"
    for seconds in (0.5, 30, 400):
        body = await told(azure, f"/time/step?seconds={seconds}")
        at += seconds
        assert dates.instant(body["azure_time"]) == pytest.approx(at, abs=1e-5)
        assert body["state"] == "paused"
    assert (await azure.item("web1"))["testFailoverState"] == "WaitingForCompletion"


async def test_what_falls_due_in_a_jump_happens_in_order_and_at_its_instants(
    azure: Azure,
) -> None:
    """The same as if it had passed by itself: a test failover and its parts."""
    job = await azure.failover_test("web1")
    body = await told(azure, "/time/jump?by=1d")
    assert body["state"] == "running"
    ended = await azure.job_ended(job)
    spent = dates.instant(ended["endTime"]) - dates.instant(ended["startTime"])
    assert 170 < spent < 240
    tasks = ended["tasks"]
    starts = [dates.instant(task["startTime"]) for task in tasks]
    assert starts == sorted(starts)
    assert dates.instant(tasks[-1]["endTime"]) <= dates.instant(ended["endTime"]) + 1


async def test_a_script_of_the_table_ends_at_its_instant_within_a_jump(tmp_path: Path) -> None:
    async with running(tmp_path / "state", guests=Guests) as azure:
        admin = await operator(azure)
        await told(azure, "/time/pause")
        path = f"{WEB}/runCommands/promote"
        source = {"source": {"script": "promote"}, "timeoutInSeconds": 600}
        sent = {"location": "eastus", "properties": source}
        assert (await azure.ask("PUT", path, sent, token=admin.token))[0] == 201
        await told(azure, "/time/jump?by=1d")
        view = (await azure.get(path, **{"$expand": "instanceView"}))["properties"]["instanceView"]
        assert (view["executionState"], view["output"]) == ("Succeeded", "promoted")
        spent = dates.instant(view["endTime"]) - dates.instant(view["startTime"])
        assert spent == pytest.approx(3.0, abs=0.01)


async def test_a_script_whose_time_is_up_within_a_jump_timed_out(tmp_path: Path) -> None:
    async with running(tmp_path / "state", guests=Guests) as azure:
        admin = await operator(azure)
        await told(azure, "/time/pause")
        path = f"{WEB}/runCommands/promote"
        source = {"source": {"script": "promote"}, "timeoutInSeconds": 2}
        sent = {"location": "eastus", "properties": source}
        assert (await azure.ask("PUT", path, sent, token=admin.token))[0] == 201
        await told(azure, "/time/jump?by=1d")
        view = (await azure.get(path, **{"$expand": "instanceView"}))["properties"]["instanceView"]
        assert view["executionState"] == "TimedOut"


async def test_a_jump_ends_at_the_instant_that_was_named(azure: Azure) -> None:
    await told(azure, "/time/pause")
    to = "2031-01-02T03:04:05Z"
    assert (await told(azure, f"/time/jump?to={to}"))["azure_time"] == to
    assert await date_of(azure) == "Thu, 02 Jan 2031 03:04:05 GMT"


async def test_a_jump_back_is_refused_with_its_reason(azure: Azure) -> None:
    status, why = await refused(azure, "/time/jump?to=2001-01-01T00:00:00Z")
    assert status == 409
    assert "2001-01-01T00:00:00Z is past" in why
    assert "was answered to clients" in why


@pytest.mark.parametrize(
    ("path", "status", "why"),
    [
        ("/time/step?seconds=5", 409, "pause it before"),
        ("/time/step", 400, "takes 'seconds', and got nothing"),
        ("/time/step?seconds=-5", 400, "'-5' is no number of seconds"),
        ("/time/step?seconds=nan", 400, "no number"),
        ("/time/step?seconds=1e9", 400, "no number"),
        ("/time/step?minutes=5", 400, "got 'minutes'"),
        ("/time/jump?by=1d&by=2d", 400, "Each parameter is given once"),
        ("/time/jump", 400, "takes 'to', and got nothing. Or 'by'"),
        ("/time/jump?by=5", 400, "written like 45s"),
        ("/time/jump?by=99999999d", 409, "too far"),
        ("/time/jump?to=tomorrow", 400, "'tomorrow' is no instant"),
        ("/time/jump?to=9999-12-31T23:59:59Z", 409, "too far"),
        ("/time/jump?to=2031-01-01&by=5d", 400, "got 'by', 'to'"),
        ("/time/pause?for=5s", 400, "takes no parameter, and got 'for'"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_moves_nothing(
    azure: Azure, path: str, status: int, why: str
) -> None:
    code, sentence = await refused(azure, path)
    assert (code, why in sentence) == (status, True), sentence
    now = dates.instant((await told(azure, "/time", "GET"))["azure_time"])
    assert now - time.time() < 100 * 600


async def test_a_world_at_the_walls_speed_says_why_it_cannot_be_paused(tmp_path: Path) -> None:
    async with running(tmp_path / "state", speed=1.0) as azure:
        for path in ("/time/pause", "/time/jump?by=1d"):
            status, why = await refused(azure, path)
            assert (status, "is the wall clock's" in why) == (409, True)


async def test_paused_time_survives_a_restart_and_is_told_to_clients(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    async with running(folder) as azure:
        at = (await told(azure, "/time/pause"))["azure_time"]
        assert settings_of(folder)["MUSTER_CLOCK"] == "paused"
    async with running(folder) as azure:
        body = await told(azure, "/time", "GET")
        assert (body["azure_time"], body["state"]) == (at, "paused")
        with pytest.raises(MusterError, match="stands still"):
            settings_from(settings_of(folder))
        body = await told(azure, "/time/resume")
        settings = settings_of(folder)
        assert settings["MUSTER_CLOCK"] == body["clock"]
        theirs = settings_from(settings).clock.now().timestamp()
        ours = dates.instant((await told(azure, "/time", "GET"))["azure_time"])
        assert 0 <= ours - theirs < 600  # less than a second on the wall
        assert "Source simulator.env again" in body["clients"]


async def test_a_jump_survives_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path / "state") as azure:
        at = (await told(azure, "/time/jump?by=90d"))["azure_time"]
    async with running(tmp_path / "state") as azure:
        assert (await told(azure, "/time", "GET"))["azure_time"] >= at


async def test_moving_time_needs_the_secret_and_no_page_can(azure: Azure) -> None:
    status, _, _ = await ask(azure, "/time/pause", "POST", Origin="https://evil.example")
    assert status == 403
    assert (await told(azure, "/time", "GET"))["state"] == "running"
    assert (await ask(azure, "/time/pause"))[0] == 405


class Crowd:
    """A world in which much is to happen, and what happened when."""

    def __init__(self, dues: list[float]) -> None:
        self.still = StillMoved()
        self.happened: list[tuple[float, int]] = []
        world = self.still.world
        world.effects = {"seen": self._seen, "again": self._again}
        world.state["events"].clear()
        for n, due in enumerate(dues):
            world.later(due, "again" if n % 3 == 0 else "seen", n=n)

    def _seen(self, world: Any, args: Any) -> None:
        self.happened.append((world.now, args["n"]))

    def _again(self, world: Any, args: Any) -> None:
        self._seen(world, args)
        world.later(args["n"] % 5, "seen", n=-args["n"])


class StillMoved(StillWorld):
    """The small world on a clock that stands, and is moved as the control port moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.world.clock = AzureTime(EPOCH, 60.0, lambda: EPOCH, stands_at=EPOCH)


async def jumped(crowd: Crowd, by: str) -> None:
    async def kept() -> None:
        return None

    control = TimeControl(crowd.still.world, crowd.still.world.advance, kept, lambda: None)
    await control.jump({"by": by})


@given(dues=st.lists(st.integers(0, 400).map(float), max_size=200))
def test_a_jump_comes_to_the_same_as_time_that_passes(dues: list[float]) -> None:
    """Whatever is due and whatever that brings with it: same things, same order, same instants."""
    jumping, passing = Crowd(dues), Crowd(dues)
    asyncio.run(jumped(jumping, "500s"))
    passing.still.world.clock.move_to(EPOCH + 500)
    passing.still.world.advance()
    assert jumping.happened == passing.happened
    assert jumping.happened == sorted(jumping.happened, key=lambda one: one[0])
    assert jumping.still.world.now == passing.still.world.now == EPOCH + 500


async def test_a_jump_over_thousands_of_events_gives_others_their_turns() -> None:
    """Between two turns of the loop no more happens than takes some milliseconds."""
    crowd = Crowd([float(n % 80_000) for n in range(4_000)])
    jump = asyncio.create_task(jumped(crowd, "1d"))
    counts = [0]
    while not jump.done():
        await asyncio.sleep(0)
        counts.append(len(crowd.happened))
    await jump
    assert counts[-1] > 4_000
    assert max(after - before for before, after in pairwise(counts)) <= SLICE * 2
