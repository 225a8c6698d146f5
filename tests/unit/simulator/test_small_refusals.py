"""Small things that Azure does not take, and the words they are refused in."""

from __future__ import annotations

from typing import Any

import pytest

from .asked import NETWORK
from .conftest import ITEMS, VAULT, Azure
from .life import SOURCE, VM
from .planning import PLAN, entry, group, plan_body
from .still_items import StillItems

POLICY = f"{VAULT}/replicationPolicies/often"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{'a': 1}", "Unexpected character encountered while parsing: line 1, position 2."),
        (b"[" * 100_000, "MaxDepth of 64 has been exceeded"),
        (b"{", "Unexpected character encountered while parsing: line 1, position 2."),
    ],
    ids=["quotes", "depth", "end"],
)
async def test_a_body_that_is_no_json_is_refused_without_pythons_words(
    azure: Azure, text: bytes, said: str
) -> None:
    headers = {
        "Authorization": f"Bearer {await azure.as_('operator')}",
        "Content-Type": "application/json",
    }
    url = f"{azure.endpoint}{NETWORK}/routeTables/rt?API-VERSION=2024-05-01"
    async with azure.http.put(url, data=text, headers=headers) as got:
        told = await got.json()
    assert (got.status, told["error"]["code"]) == (400, "InvalidRequestContent")
    assert said in told["error"]["message"]


async def test_the_key_of_the_version_is_read_in_any_casing(azure: Azure) -> None:
    path = f"{VAULT}/replicationFabrics?API-VERSION=2025-08-01"
    status, told, _ = await azure.ask("GET", path)
    assert (status, bool(told["value"])) == (200, True)


@pytest.mark.parametrize(("limits", "state"), [("twelve_hours", "Failed"), ("none", "Succeeded")])
def test_crash_consistent_points_come_every_five_minutes(limits: str, state: str) -> None:
    world = StillItems(policy_limits=limits)
    terms: dict[str, Any] = {"instanceType": "A2A", "multiVmSyncStatus": "Disable"}
    terms["crashConsistentFrequencyInMinutes"] = 1
    job = world.job_of(world.ask("PUT", POLICY, {"providerSpecificInput": terms}))
    world.pass_by(5)
    told = world.get(f"{VAULT}/replicationJobs/{job['id']}")["properties"]
    assert told["state"] == state
    terms["crashConsistentFrequencyInMinutes"] = 5
    job = world.job_of(world.ask("PUT", f"{POLICY}2", {"providerSpecificInput": terms}))
    world.pass_by(5)
    assert world.get(f"{VAULT}/replicationJobs/{job['id']}")["properties"]["state"] == "Succeeded"


def test_a_plan_is_of_resource_managers_machines() -> None:
    world = StillItems()
    classic = plan_body(group("web1"), failoverDeploymentModel="Classic")
    answer = world.answer("PUT", PLAN, classic)
    assert answer.status == 400
    assert "failoverDeploymentModel" in str(answer.body)


def test_a_plans_error_names_an_item_as_it_was_sent() -> None:
    world = StillItems()
    answer = world.answer("PUT", PLAN, plan_body(group("Sql1", "Sql1")))
    job = world.job_of(answer)
    world.pass_by(5)
    told = world.get(f"{VAULT}/replicationJobs/{job['id']}")["properties"]
    message = told["errors"][0]["serviceErrorDetails"]["message"]
    assert entry("Sql1")["id"] in message
    assert ITEMS["Sql1"] in message


@pytest.mark.parametrize(
    ("expand", "status"), [("instanceView", 200), ("userData", 200), ("bogus", 400)]
)
def test_a_vm_is_not_expanded_by_what_it_has_not(expand: str, status: int) -> None:
    query = {"$expand": expand}
    assert StillItems().ask("GET", f"{SOURCE}/{VM}/web1", **query).status == status
