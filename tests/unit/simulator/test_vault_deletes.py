"""DELETE in a vault: of what is not there it is one answer; what is on its way is not that."""

from __future__ import annotations

import pytest

from .conftest import CONTAINER_ID, VAULT
from .still_world import StillWorld

FABRIC = f"{VAULT}/replicationFabrics/new"
BODY = {"customDetails": {"instanceType": "Azure", "location": "eastus2"}}


@pytest.mark.parametrize(
    "path",
    [
        "replicationFabrics/none",
        "replicationPolicies/none",
        "replicationRecoveryPlans/none",
        CONTAINER_ID.removeprefix(VAULT)[1:] + "/replicationProtectedItems/none",
        CONTAINER_ID.removeprefix(VAULT)[1:] + "/replicationProtectionContainerMappings/none",
        "replicationFabrics/none/replicationProtectionContainers/c/replicationProtectedItems/i",
    ],
)
def test_a_delete_of_what_is_not_there_is_a_204(path: str) -> None:
    world = StillWorld()
    jobs = len(world.world.table("jobs"))
    assert world.ask("DELETE", f"{VAULT}/{path}").status == 204
    assert len(world.world.table("jobs")) == jobs
    assert world.ask("GET", f"{VAULT}/{path}").status == 404


def test_a_fabric_that_is_being_made_is_neither_deleted_nor_made_twice() -> None:
    world = StillWorld(refusal="conflict")
    assert world.ask("PUT", FABRIC, BODY).status == 202
    assert world.ask("DELETE", FABRIC).status == 409
    assert world.ask("PUT", FABRIC, BODY).status == 409
    world.settle()
    assert world.get(FABRIC)
    assert world.ask("DELETE", FABRIC).status == 202
    world.settle()
    assert world.ask("DELETE", FABRIC).status == 204
