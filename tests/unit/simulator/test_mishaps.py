"""An error of the simulator's own: said aloud, kept, and not the end of the world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from muster.simulator import routes
from muster.simulator.call import Call
from muster.simulator.errors import SimulatorError
from muster.simulator.mishaps import Mishaps
from muster.simulator.world import World

from .conftest import TARGET, VAULT, Azure, running
from .still_world import StillWorld
from .test_control_port import ask

ROUTES = f"{TARGET}/Microsoft.Network/routeTables/rt"


async def test_time_goes_on_after_an_effect_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mishaps: list[str]
) -> None:
    def broken(world: Any, args: Any) -> None:
        raise KeyError("a secret of a client")

    plain, failed = routes.EFFECTS["failover_test_ends"], []

    def once_broken(world: Any, args: Any) -> None:
        if not failed:
            failed.append(args)
            broken(world, args)
        plain(world, args)

    monkeypatch.setitem(routes.EFFECTS, "failover_test_ends", once_broken)
    async with running(tmp_path / "state") as azure:
        begun = await azure.failover_test("Sql1")
        while not failed:  # nobody has to ask for that
            await ask(azure, "/health")
        job = await azure.failover_test("web1")
        assert (await azure.job_ended(job))["state"] == "Succeeded"
        health = (await ask(azure, "/health"))[1]
        states = [(await azure.item(vm))["testFailoverState"] for vm in ("web1", "Sql1")]
        broke = (await azure.job_ended(begun))["errors"][0]["serviceErrorDetails"]["code"]
    assert health["status"] == "damaged"
    (mishap,) = health["mishaps"]
    assert mishap["what"].startswith("KeyError in broken (line ")
    assert mishap["what"].endswith("during the event 'failover_test_ends'")
    assert states == ["WaitingForCompletion"] * 2  # a copy that is there waits for its cleanup
    assert broke == "SimulatorMishap"
    assert "secret" not in "".join(mishaps)
    mishaps.clear()


async def test_a_request_that_fails_inside_gets_arms_answer_and_is_told(
    azure: Azure, monkeypatch: pytest.MonkeyPatch, mishaps: list[str]
) -> None:
    def broken(verb: str, target: Any) -> Any:
        def handler(call: Call) -> Any:
            raise ZeroDivisionError

        return handler

    with monkeypatch.context() as patch:
        patch.setattr(routes, "handler_for", broken)
        status, body, headers = await azure.ask("GET", VAULT)
    assert (status, body["error"]["code"]) == (500, "InternalServerError")
    assert headers["x-ms-request-id"]
    assert (await azure.get(VAULT))["name"] == "rsv"
    health = (await ask(azure, "/health"))[1]
    assert health["mishaps"][0]["what"].endswith("during get Microsoft.RecoveryServices/vaults")
    (told,) = mishaps
    assert "A bug of the simulator" in told
    mishaps.clear()


async def test_without_one_it_is_not_damaged(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("web1"))
    health = (await ask(azure, "/health"))[1]
    assert (health["status"], health["mishaps"]) == ("running", [])


async def test_a_state_that_cannot_be_written_is_told_and_time_goes_on(
    tmp_path: Path, mishaps: list[str]
) -> None:
    async with running(tmp_path / "state") as azure:
        job = await azure.failover_test("web1")
        state = azure.guests.view._world.state
        state["odd"] = object()
        status, body, _ = await azure.ask("PUT", ROUTES, {"location": "westus2"})
        assert (status, body["error"]["code"]) == (500, "StateNotKept")
        while len(state["events"]) > 0:  # nobody has to ask for that
            health = (await ask(azure, "/health"))[1]
        assert health["status"] == "damaged"
        assert health["mishaps"][-1]["what"].endswith("during the keeping of the state")
        del state["odd"]
        assert (await azure.job_ended(job))["state"] == "Succeeded"
        assert job in json.loads((azure.folder / "state.json").read_text())["jobs"]
    assert mishaps
    mishaps.clear()


async def test_who_stops_it_hears_that_the_last_state_was_not_kept(
    tmp_path: Path, mishaps: list[str]
) -> None:
    with pytest.raises(SimulatorError, match=r"cannot keep its state: .* is lost"):
        async with running(tmp_path / "state") as azure:
            azure.guests.view._world.state["odd"] = object()
    assert len(mishaps) == 1
    mishaps.clear()


async def test_a_damaged_world_is_damaged_after_a_restart_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mishaps: list[str]
) -> None:
    def broken(verb: str, target: Any) -> Any:
        raise ZeroDivisionError

    async with running(tmp_path / "state") as azure:
        assert not [line for line in azure.told if line.startswith("damaged")]
        with monkeypatch.context() as patch:
            patch.setattr(routes, "handler_for", broken)
            for _ in range(2):
                assert (await azure.ask("GET", VAULT))[0] == 500
        before = (await ask(azure, "/health"))[1]
    async with running(tmp_path / "state") as azure:
        health = (await ask(azure, "/health"))[1]
        (told,) = [line for line in azure.told if line.startswith("damaged")]
    assert "2 so far" in told
    assert health["status"] == "damaged"
    assert len(health["mishaps"]) == 2
    assert health["mishaps"] == before["mishaps"]
    mishaps.clear()


def test_the_last_hundred_are_kept_and_all_are_counted(mishaps: list[str]) -> None:
    world = StillWorld().world
    kept = world.table("mishaps")
    for number in range(130):
        world.changed = False
        _note(Mishaps(kept), world, f"number {number}")
        assert world.changed
    again = Mishaps(json.loads(json.dumps(kept)))
    assert again.count == 130
    assert len(again.shown()) == 100
    assert again.shown()[-1]["what"].endswith("during number 129")
    mishaps.clear()


def _note(told: Mishaps, world: World, during: str) -> None:
    try:
        world.resources[during]
    except KeyError as err:
        told.note(world, during, err)
