"""What is deleted goes once, with all that was kept under it, and nothing that came after it."""

from __future__ import annotations

from typing import Any

import pytest

from muster.simulator.identity import access
from muster.simulator.world import DEPARTED
from muster.simulator.worlds.file import load_world

from .asked import COMPUTE, NETWORK
from .conftest import CONTAINER_ID, ITEMS, SUBSCRIPTION, VAULT, WORLD
from .life import failover_body
from .planning import PLAN, RUNBOOKS, drill_body, group, plan_body, runbook
from .still_world import StillWorld
from .test_taking_back import TEST, WEB

GROUPS = f"{SUBSCRIPTION}/resourceGroups"
NEW = f"{GROUPS}/rg-new"
RULES = f"{NEW}/providers/Microsoft.Network/networkSecurityGroups/x"
WIDE: Any = {
    "location": "westus2",
    "properties": {
        "addressSpace": {"addressPrefixes": ["10.7.0.0/16"]},
        "subnets": [{"name": "a", "properties": {"addressPrefix": "10.7.0.0/24"}}],
    },
}
PLACE = {"location": "westus2"}
CASES = [
    (f"{NETWORK}/networkSecurityGroups/x", PLACE),
    (f"{NETWORK}/virtualNetworks/x", WIDE),
    (f"{NETWORK}/virtualNetworks/drill/subnets/beta",
     {"properties": {"addressPrefix": "10.1.5.0/24"}}),
    (f"{COMPUTE}/snapshots/x",
     PLACE | {"properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}}),
    (f"{VAULT}-new", PLACE),
    (NEW, PLACE),
]  # fmt: skip


def done(still: StillWorld, method: str, path: str, body: Any = None) -> Any:
    """A write that is taken, and what comes of it."""
    answer = still.answer(method, path, body or {})
    assert answer.status in (200, 201, 202), answer.body
    still.settle()
    return answer


def until_just_before(still: StillWorld) -> None:
    due = still.world.next_due()
    assert due is not None
    still.pass_by(due - still.clock.seconds() - 0.5)


@pytest.mark.parametrize(("path", "body"), CASES)
def test_a_second_delete_is_the_first_one(path: str, body: Any) -> None:
    still = StillWorld()
    done(still, "PUT", path, body)
    first = still.ask("DELETE", path)
    until_just_before(still)
    second = still.ask("DELETE", path)
    assert first.status == second.status == 202
    for name in ("Location", "Azure-AsyncOperation"):
        assert second.headers.get(name) == first.headers.get(name)
    still.pass_by(1.0)
    assert still.ask("GET", path).status == 404
    assert still.answer("PUT", path, body).status in (201, 202)
    still.settle()
    assert still.ask("GET", path).status == 200


@pytest.mark.parametrize(("path", "body"), CASES)
def test_nothing_is_written_over_what_is_being_deleted(path: str, body: Any) -> None:
    still = StillWorld()
    done(still, "PUT", path, body)
    still.ask("DELETE", path)
    refused = still.answer("PUT", path, body)
    code = (
        "ResourceGroupBeingDeleted" if path == NEW
        else "AnotherOperationInProgress" if "Microsoft.Network" in path else "Conflict"
    )  # fmt: skip
    assert (refused.status, refused.body and refused.body["error"]["code"]) == (409, code)
    still.settle()
    assert done(still, "PUT", path, body).status in (201, 202)


def test_nor_into_it_nor_over_a_network_one_of_whose_parts_goes() -> None:
    still, network = StillWorld(), f"{NETWORK}/virtualNetworks/x"
    done(still, "PUT", network, WIDE)
    subnet = {"properties": {"addressPrefix": "10.7.1.0/24"}}
    assert still.ask("DELETE", f"{network}/subnets/a").status == 202
    assert still.answer("PUT", network, WIDE).status == 409
    assert still.answer("PUT", f"{network}/subnets/b", subnet).status == 201
    still.settle()
    assert still.ask("DELETE", network).status == 202
    assert still.answer("PUT", f"{network}/subnets/c", subnet).status == 409
    assert done(still, "PUT", f"{network}y", WIDE).status == 201


def test_what_went_with_its_group_does_not_go_again() -> None:
    still = StillWorld()
    done(still, "PUT", NEW, PLACE)
    done(still, "PUT", RULES, PLACE)
    still.ask("DELETE", RULES)
    still.world.remove(NEW)  # as the group's own DELETE does at this moment
    still.answer("PUT", NEW, PLACE)
    assert still.answer("PUT", RULES, PLACE).status == 201
    still.settle()
    assert still.ask("GET", RULES).status == 200


@pytest.mark.parametrize("gone", ["rg-dr", "rg-app", "rg-asr"])
def test_nothing_that_is_kept_under_an_id_stays(gone: str) -> None:
    still = StillWorld()
    world, under = still.world, f"{GROUPS}/{gone}".lower() + "/"
    access.seed(world, load_world(WORLD)[0])
    done(still, "PUT", PLAN, plan_body(group("web1")))
    done(still, "PUT", f"{RUNBOOKS}/jobs/one", {"properties": {"runbook": {"name": "Register"}}})
    settings = f"{VAULT}/replicationAlertSettings/defaultAlertSetting"
    done(still, "PUT", settings, {"properties": {"sendToOwners": "Send", "locale": "en"}})
    policies = f"{GROUPS}/{gone}/providers/Microsoft.Authorization/policyAssignments/p"
    world.table("policy_assignments")[policies.lower()] = {}
    for name in ("asr_events", "asr_rpo", "asr_intents", "commands", "moved_items"):
        world.table(name)[f"{under}providers/x/y/z"] = {}
    kept = {name for name, table in world.state.items() if isinstance(table, dict)
            and any(key.startswith(under) for key in table)}  # fmt: skip
    assert {"resources", "role_assignments"} <= kept or gone == "rg-app"
    assert len(kept) > (11 if gone == "rg-dr" else 5)
    world.remove(under[:-1])
    left = {name for name, table in world.state.items() if isinstance(table, dict)
            and any(key.startswith(under) for key in table)}  # fmt: skip
    assert left <= {DEPARTED}  # when a VM went whose item is still there


def test_rights_at_a_group_go_with_it() -> None:
    still = StillWorld()
    access.seed(still.world, load_world(WORLD)[0])
    drill = "aaaaaaaa-0000-4000-8000-000000000002"
    scopes = {grant.scope.rpartition("/")[2] for grant in access.grants_of(still.world, drill)}
    assert "rg-asr" in scopes
    done(still, "DELETE", f"{GROUPS}/rg-asr")
    done(still, "PUT", f"{GROUPS}/rg-asr", PLACE)
    kept = {grant.scope.rpartition("/")[2] for grant in access.grants_of(still.world, drill)}
    assert kept == scopes - {"rg-asr"}


def test_a_group_with_a_vault_that_protects_something_stays() -> None:
    still = StillWorld()
    done(still, "PUT", f"{GROUPS}/rg-dr/providers/Microsoft.Network/routeTables/rt", PLACE)
    answer = done(still, "DELETE", f"{GROUPS}/rg-dr")
    assert still.get(f"{GROUPS}/rg-dr")["properties"]["provisioningState"] == "Succeeded"
    result = answer.headers["Location"].removeprefix("https://127.0.0.1").partition("?")[0]
    refused = still.ask("GET", result)
    assert refused.body is not None
    error = refused.body["error"]
    assert (refused.status, error["code"]) == (409, "ResourceGroupDeletionBlocked")
    assert "'Microsoft.RecoveryServices/vaults/rsv' could not be deleted" in error["message"]
    assert "ServiceResourceNotEmptyWithBackendMessage" in error["details"][0]["message"]
    assert len(still.get(f"{VAULT}/replicationProtectedItems")["value"]) == len(ITEMS)
    assert len(still.get(f"{VAULT}/replicationFabrics")["value"]) == 2
    rest = [row["id"] for row in still.get(f"{GROUPS}/rg-dr/resources")["value"]]
    assert rest == [VAULT]
    assert done(still, "POST", f"{WEB}/testFailover", {"properties": TEST}).status == 202


@pytest.mark.parametrize("whole_group", [False, True])
def test_a_vault_takes_its_jobs_along(whole_group: bool) -> None:
    still = StillWorld()
    for name in ITEMS.values():
        path = f"{CONTAINER_ID}/replicationProtectedItems/{name}"
        still.ask("POST", f"{path}/remove", {"replicationProviderInput": {}})
    still.settle()
    refresh = f"{VAULT}/replicationVaultHealth/default/refresh"
    still.answer("POST", refresh, {})
    gone = GROUPS + "/rg-dr" if whole_group else VAULT
    takes = still.world.takes("group_delete" if whole_group else "resource_delete", gone)
    assert still.ask("DELETE", f"{GROUPS}/rg-dr" if whole_group else VAULT).status == 202
    still.pass_by(takes - 0.5)
    job = still.job_of(still.answer("POST", refresh, {}))
    still.pass_by(0.6)
    assert job["ends"] > still.world.now
    assert job["id"] not in [event[3].get("job") for event in still.world.state["events"]]
    still.answer("PUT", f"{GROUPS}/rg-dr", PLACE)
    assert done(still, "PUT", VAULT, PLACE).status == 201
    for kind in ("Jobs", "Fabrics", "RecoveryPlans", "ProtectedItems", "Policies"):
        assert still.get(f"{VAULT}/replication{kind}")["value"] == []
    assert still.ask("DELETE", VAULT).status == 202


def test_an_automation_account_takes_its_jobs_along() -> None:
    still = StillWorld()
    done(still, "PUT", PLAN, plan_body(group("web1", start=[runbook()])))
    answer = still.answer("POST", f"{PLAN}/testFailover", drill_body())
    while not still.world.table("automation_jobs"):
        still.next_thing()
    assert still.ask("DELETE", RUNBOOKS).status == 200
    assert not still.world.table("automation_jobs")
    still.settle()
    job = still.get(f"{VAULT}/replicationJobs/{still.job_of(answer)['id']}")["properties"]
    assert "The runbook's job is gone" in str(job["tasks"])
    assert job["stateDescription"] == "CompletedWithInformation"


def test_items_of_a_vault_that_stays_are_as_they_were() -> None:
    still = StillWorld()
    done(still, "DELETE", f"{GROUPS}/rg-dr")
    answer = done(still, "POST", f"{WEB}/unplannedFailover", {"properties": failover_body()})
    assert not still.job_of(answer)["fails"]
