"""How Site Recovery refuses input: one form for items, plans and set-up; and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import VAULT
from .life import A2A
from .planning import PLAN, group, plan_body
from .planning import drill_body as plan_drill_body
from .still_items import StillItems, drill_body, path_of

DETAIL = {
    *("code", "message", "possibleCauses"),
    *("recommendedAction", "clientRequestId", "activityId"),
}


def error_of(answer: Any, status: int = 400, code: str = "BadRequest") -> Any:
    error = (answer.body or {})["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert set(error["details"][0]) == DETAIL
    assert all(error["details"][0].values())
    return error


def test_bad_input_is_refused_in_one_form_wherever_it_is_sent() -> None:
    world = StillItems()
    world.answer("PUT", PLAN, plan_body(group("web1")))
    world.settle()
    for path, body in (
        (path_of("web1", "testFailover"), {}),
        (path_of("web1", "unplannedFailover"), {"providerSpecificDetails": {}}),
        (f"{PLAN}/testFailover", {}),
        (f"{VAULT}/replicationFabrics/f", {}),
    ):
        method = "PUT" if path.endswith("/f") else "POST"
        error = error_of(world.ask(method, path, body))
        assert error["details"][0]["code"] == "InvalidParameter"


@pytest.mark.parametrize(
    ("refusal", "status", "code"), [("conflict", 409, "Conflict"), ("bad_request", 400, None)]
)
def test_a_wrong_state_is_refused_with_its_causes(
    refusal: str, status: int, code: str | None
) -> None:
    world = StillItems(refusal=refusal)
    answer = world.ask("POST", path_of("web1", "testFailoverCleanup"), {"comments": ""})
    error = error_of(answer, status, code or "BadRequest")
    assert error["details"][0]["possibleCauses"].startswith("Another operation")


def test_a_network_type_that_there_is_not_is_refused() -> None:
    world = StillItems()
    wrong = drill_body() | {"networkType": "Foo"}
    error_of(world.ask("POST", path_of("web1", "testFailover"), wrong))
    world.answer("PUT", PLAN, plan_body(group("web1")))
    world.settle()
    answer = world.answer("POST", f"{PLAN}/testFailover", plan_drill_body(networkType="Foo"))
    error = error_of(answer)
    assert error["message"] == (
        "networkType has to be one of VmNetworkAsInput, NoNetworkAttachAsInput."
    )


def test_a_test_goes_from_primary_to_recovery() -> None:
    world = StillItems()
    back = drill_body() | {"failoverDirection": "RecoveryToPrimary"}
    error = world.failed("web1", "testFailover", back)
    assert "RecoveryToPrimary" in error["serviceErrorDetails"]["message"]
    error_of(world.ask("POST", path_of("web1", "testFailover"), back | {"failoverDirection": "x"}))


def test_a_test_needs_a_network_and_says_so() -> None:
    world = StillItems()
    without = {"networkType": "NoNetworkAttachAsInput", "providerSpecificDetails": A2A}
    error = world.failed("web1", "testFailover", without)
    assert "needs a network" in error["serviceErrorDetails"]["message"]
    own = drill_body()["networkId"]
    world.update("web1", selectedTfoAzureNetworkId=own)
    world.did("web1", "testFailover", without)


def test_a_plans_choice_of_points_is_told_in_words() -> None:
    world = StillItems()
    world.answer("PUT", PLAN, plan_body(group("web1")))
    world.settle()
    wrong = [{"instanceType": "A2A", "recoveryPointType": "Oldest"}]
    answer = world.answer(
        "POST", f"{PLAN}/testFailover", plan_drill_body(providerSpecificDetails=wrong)
    )
    assert error_of(answer)["message"] == (
        "'recoveryPointType' has to be one of Latest, LatestApplicationConsistent, "
        "LatestCrashConsistent, LatestProcessed."
    )
