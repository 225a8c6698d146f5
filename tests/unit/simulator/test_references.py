"""What bodies say of each other: ids lead somewhere, names are those of what they name, times fit.

The recordings are compared by the form of values; here it is what the values say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from muster.simulator.arm.ids import same
from muster.simulator.call import Answer

from .conftest import CONTAINER_ID, ITEMS, VAULT
from .item_rules import WEB, kept, path_of, switch_details
from .life import failover_body
from .planning import PLAN, drill_body, group, plan_body, runbook
from .still_world import StillWorld
from .test_site_recovery import instant
from .test_taking_back import TEST

LISTS = (
    "Fabrics", "ProtectionContainers", "ProtectionContainerMappings", "Networks",
    "NetworkMappings", "Policies", "ProtectedItems", "RecoveryPlans", "Jobs", "Events",
    "RecoveryServicesProviders",
)  # fmt: skip
STATES = ("at rest", "tested", "failed over", "committed", "protected back", "drilled by a plan")


def in_state(name: str) -> StillWorld:
    still = StillWorld()
    failover = ("POST", f"{WEB}/unplannedFailover", {"properties": failover_body()})
    commit = ("POST", f"{WEB}/failoverCommit", {})
    steps: dict[str, Any] = {
        "tested": [("POST", f"{WEB}/testFailover", {"properties": TEST})],
        "failed over": [failover],
        "committed": [failover, commit],
        "protected back": [failover, commit],
        "drilled by a plan": [
            ("PUT", PLAN, plan_body(group("web1", "Sql1", end=[runbook()]))),
            ("POST", f"{PLAN}/testFailover", drill_body()),
        ],
    }
    for method, path, body in steps.get(name, []):
        assert still.answer(method, path, body).status == 202
        still.settle()
    if name == "protected back":
        item = kept(still)
        body = {"replicationProtectedItemName": item["name"],
                "providerSpecificDetails": switch_details(still, item)}  # fmt: skip
        assert still.ask("POST", f"{CONTAINER_ID}/switchprotection", body).status == 202
        still.settle()
    return still


def bodies(still: StillWorld) -> Iterator[Any]:
    """Everything that the vault's lists tell, whole where a GET tells more."""
    for kind in LISTS:
        for row in still.get(f"{VAULT}/replication{kind}")["value"]:
            yield still.get(row["id"]) if kind in ("Jobs", "ProtectedItems") else row
    for name in ITEMS.values():
        item = next(one for one in still.world.items.values() if one["name"] == name)
        points = still.ask("GET", f"{path_of(item)}/recoveryPoints").body
        yield from (points or {}).get("value", [])


def ids(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """(key, id) of every ARM id inside a body."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from ids(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from ids(each, key)
    elif isinstance(value, str) and value.lower().startswith("/subscriptions/"):
        yield key, value


def leads_nowhere(still: StillWorld, key: str, arm_id: str) -> bool:
    """Whether nobody answers for an id that should lead somewhere."""
    if arm_id.endswith("/replicationJobs/None"):
        return False  # told of an idle item [CLI]
    if key == "containerIds":
        return False  # they end in internal GUIDs [PS-NC]
    if key == "failoverRecoveryPointId":
        return False  # "latest" makes a point of its own, which no list tells; a commit ends all
    return still.ask("GET", arm_id).status != 200


@pytest.mark.parametrize("state", STATES)
def test_every_id_that_is_told_leads_somewhere(state: str) -> None:
    still = in_state(state)
    lost = {
        (body["type"].rpartition("/")[2], key)
        for body in bodies(still)
        for key, arm_id in ids(body)
        if leads_nowhere(still, key, arm_id)
    }
    assert lost == set()


@pytest.mark.parametrize("state", STATES)
def test_an_item_names_what_it_refers_to(state: str) -> None:
    still = in_state(state)
    for row in still.get(f"{VAULT}/replicationProtectedItems")["value"]:
        told, head = row["properties"], row["id"].partition("/replicationProtectionContainers/")[0]
        here = still.get(head)["properties"]["friendlyName"]
        there = still.get(told["recoveryFabricId"])["properties"]["friendlyName"]
        assert (told["primaryFabricFriendlyName"], told["recoveryFabricFriendlyName"]) == (
            here, there)  # fmt: skip
        assert here != there
        assert same(told["recoveryContainerId"].partition("/replicationProtectionContainers/")[0],
                    told["recoveryFabricId"])  # fmt: skip
        for key, word in (
            ("policyId", "policyFriendlyName"),
            ("recoveryContainerId", "recoveryProtectionContainerFriendlyName"),
        ):
            assert still.get(told[key])["properties"]["friendlyName"] == told[word]
        assert told["recoveryServicesProviderId"].startswith(head)


@pytest.mark.parametrize("state", STATES)
def test_jobs_name_their_subject_and_their_times_fit(state: str) -> None:
    still = in_state(state)
    rows = still.get(f"{VAULT}/replicationJobs")["value"]
    assert rows or state == "at rest"
    starts = [instant(row["properties"]["startTime"]) for row in rows]
    assert starts == sorted(starts, reverse=True)
    entities = {one["vm_name"]: one["entity"] for one in still.world.items.values()}
    for row in rows:
        told = still.get(row["id"])["properties"]
        assert told["targetObjectId"] == row["properties"]["targetObjectId"]
        if told["targetInstanceType"] == "ProtectionEntity" and state != "protected back":
            assert told["targetObjectId"] == entities[told["targetObjectName"]]
        begun, ended = instant(told["startTime"]), instant(told["endTime"])
        assert begun.timestamp() <= ended.timestamp() + 1.0  # ends are told in whole seconds
        assert ended.timestamp() <= still.clock.seconds()
        for task in told["tasks"]:
            if task["state"] == "Succeeded":
                assert begun <= instant(task["startTime"]) <= instant(task["endTime"])


def followed(still: StillWorld, address: str) -> Answer:
    """What is answered at an address as it was told, signature and all."""
    parts = urlsplit(address)
    return still.ask("GET", parts.path, **dict(parse_qsl(parts.query)))


def test_an_operation_is_called_the_same_everywhere_and_asked_for_every_half_minute() -> None:
    still = StillWorld()
    answer = still.ask("POST", f"{WEB}/testFailover", TEST)
    status, result = (answer.headers[name] for name in ("Azure-AsyncOperation", "Location"))
    job = answer.headers["x-ms-request-id"].rpartition("/")[2]
    assert {urlsplit(each).path.rpartition("/")[2] for each in (status, result)} == {job}
    assert answer.headers["Retry-After"] == "30"
    still.pass_by(30.0)
    running = followed(still, status)
    assert running.headers["Retry-After"] == "30"
    assert followed(still, result).headers["Retry-After"] == "30"
    still.settle()
    told = followed(still, status).body
    assert running.body
    assert told
    assert running.body["name"] == told["name"] == job
    assert instant(told["startTime"]) <= instant(told["endTime"])


def test_the_last_test_failover_was_when_its_job_ended() -> None:
    still = in_state("tested")
    (row,) = still.get(f"{VAULT}/replicationJobs")["value"]
    ended = instant(row["properties"]["endTime"]).timestamp()
    tested = still.get(WEB)["properties"]["lastSuccessfulTestFailoverTime"]
    assert abs(instant(tested).timestamp() - ended) <= 1.0
