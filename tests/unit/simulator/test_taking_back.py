"""A write that fails inside, or is refused late, leaves the world as it was."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from muster.simulator.arm import operations
from muster.simulator.arm.errors import bad_request
from muster.simulator.world import World

from .asked import NETWORK
from .conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS
from .life import failover_body
from .planning import PLAN, drill_body, group, plan_body
from .still_world import StillWorld

WEB = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
TEST = {
    "failoverDirection": "PrimaryToRecovery",
    "networkType": "VmNetworkAsInput",
    "networkId": DRILL_NETWORK,
    "providerSpecificDetails": {"instanceType": "A2A"},
}


def breaking(error: Exception) -> Any:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    return broken


def without_serial(still: StillWorld) -> Any:
    """The world; numbers that were given away are not given again."""
    return copy.deepcopy({key: each for key, each in still.world.state.items() if key != "serial"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{WEB}/testFailover", {"properties": TEST}),
        (f"{WEB}/unplannedFailover", {"properties": failover_body()}),
        (f"{PLAN}/testFailover", drill_body()),
        (f"{PLAN}/unplannedFailover", drill_body(sourceSiteOperations="Required")),
    ],
)
def test_neither_job_nor_hold_is_left(
    path: str, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = StillWorld()
    still.answer("PUT", PLAN, plan_body(group("web1", "Sql1")))
    still.settle()
    before = without_serial(still)
    with monkeypatch.context() as patch:
        patch.setattr(World, "later", breaking(ZeroDivisionError()))
        with pytest.raises(ZeroDivisionError):
            still.answer("POST", path, body)
    assert without_serial(still) == before
    assert still.answer("POST", path, body).status == 202


def test_nor_a_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    still, path = StillWorld(), f"{NETWORK}/routeTables/rt"
    before = without_serial(still)
    with monkeypatch.context() as patch:
        patch.setattr(operations, "headers", breaking(ZeroDivisionError()))
        with pytest.raises(ZeroDivisionError):
            still.answer("PUT", path, {"location": "westus2"})
    assert without_serial(still) == before
    assert still.get(f"{NETWORK}/routeTables")["value"] == []


def test_a_refusal_that_comes_late_takes_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    still, path = StillWorld(), f"{NETWORK}/routeTables/rt"
    before = without_serial(still)
    with monkeypatch.context() as patch:
        patch.setattr(operations, "headers", breaking(bad_request("No", "No.")))
        assert still.answer("PUT", path, {"location": "westus2"}).status == 400
    assert without_serial(still) == before
