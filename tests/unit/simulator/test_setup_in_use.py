"""Set-up that items need is not taken away from under them, by force neither."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import VAULT
from .item_rules import WEB, kept, path_of, switch_details, switch_input
from .life import RECOVERY_FABRIC, failover_body
from .still_world import StillWorld

RECOVERY = f"{VAULT}/replicationFabrics/{RECOVERY_FABRIC}"
OTHER = f"{VAULT}/replicationPolicies/other"


@pytest.fixture
def still() -> StillWorld:
    return StillWorld(refusal="conflict")


def other_policy(still: StillWorld) -> None:
    details = {"instanceType": "A2A", "multiVmSyncStatus": "Enable"}
    still.ask("PUT", OTHER, {"providerSpecificInput": details})
    still.settle()


def refused(still: StillWorld, path: str) -> str:
    answer = still.ask("DELETE", path)
    assert (answer.status, answer.body is not None) == (409, True)
    return str(answer.body and answer.body["error"]["message"])


def test_a_fabric_that_items_replicate_into_is_not_purged(still: StillWorld) -> None:
    assert "cannot be removed" in refused(still, RECOVERY)
    still.settle()
    assert len(still.get(f"{VAULT}/replicationProtectionContainers")["value"]) == 2


def test_a_policy_that_items_follow_is_not_deleted(still: StillWorld) -> None:
    other_policy(still)
    still.ask("DELETE", WEB)
    still.settle()
    body: Any = switch_input(still, "web1", back=False) | {"policyId": OTHER}
    still.ask("PUT", WEB, body)
    still.settle()
    assert kept(still)["policy"] == "other"  # no mapping names this one
    assert "cannot be removed" in refused(still, OTHER)


def test_nor_one_that_an_item_is_going_to_follow(still: StillWorld) -> None:
    other_policy(still)
    for verb, body in (("unplannedFailover", failover_body()), ("failoverCommit", None)):
        still.ask("POST", f"{WEB}/{verb}", body)
        still.settle()
    item = kept(still)
    given = {
        "replicationProtectedItemName": item["name"],
        "providerSpecificDetails": switch_details(still, item) | {"policyId": OTHER},
    }
    container = path_of(item).partition("/replicationProtectedItems/")[0]
    job = still.job_of(still.ask("POST", f"{container}/switchprotection", given))
    assert "in progress" in refused(still, OTHER)
    assert "cannot be removed" in refused(still, RECOVERY)
    still.settle()
    assert not job["fails"]
    assert kept(still)["policy"] == "other"
    assert "cannot be removed" in refused(still, OTHER)
