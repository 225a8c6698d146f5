"""VMs that are consistent with each other: one multi-VM group, from nothing to protected."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from muster.simulator.asr.points import points_of
from muster.steps.replicating.deciding import decide
from tests.in_process.drills import write_plan
from tests.in_process.replicating import Bench, Replicated, bare, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_contoso import contoso
from tests.in_process.test_replicating import VMS, made, states


def together(group: str = "erp") -> Scenario:
    """The shipped plan with all its VMs in one consistency group, and nothing to recover into."""
    scenario = contoso()
    plan: dict[str, Any] = copy.deepcopy(dict(scenario.plan)) | {"mode": "native"}
    plan["replication"]["consistency_group"] = group
    return replace(scenario, plan=plan, world=bare(scenario.world))


def bodies_of_enabling(came: Replicated) -> dict[str, dict[str, Any]]:
    """What was sent to enable each VM, by the item's name."""
    return {
        one.path.rpartition("/")[2]: json.loads(one.body)["properties"]
        for one in came.wire
        if one.method == "PUT" and "/replicationprotecteditems/" in one.path.casefold()
    }


@pytest.fixture(scope="module")
def twice() -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = copy.deepcopy(states(bench.came))
        await bench.settings.clock.sleep(timedelta(hours=1))  # for a point of all of them
        await bench.replicate()

    return replicated(together(), script)


def test_every_member_is_protected_in_one_group(twice):
    assert twice.refused == []
    assert [(one.outcome, one.causes) for one in twice.results] == [("passed", [])] * 2
    assert twice.kept == dict.fromkeys(VMS, "Protected")
    items = twice.azure.world.items.values()
    assert {item["multi_vm_group"] for item in items} == {"erp"}
    assert len({item["ids"]["group"] for item in items}) == 1


def test_azure_is_told_the_group_of_each_by_its_name_alone(twice):
    sent = bodies_of_enabling(twice)
    assert {one["providerSpecificDetails"]["multiVmGroupName"] for one in sent.values()} == {"erp"}
    assert len(sent) == len(VMS)
    # Azure gives the id: what a name that nobody has yet would be known by, only it can say.
    assert not any("multiVmGroupId" in one["providerSpecificDetails"] for one in sent.values())
    asked = [
        json.loads(one.body)["properties"]["providerSpecificInput"]
        for one in twice.wire
        if one.method == "PUT" and "/replicationpolicies/" in one.path.casefold()
    ]
    assert [one["multiVmSyncStatus"] for one in asked] == ["Enable"]


def test_their_recovery_points_are_shared(twice):
    world = twice.azure.world
    of_each = [{one.name for one in points_of(world, item)} for item in world.items.values()]
    assert set.intersection(*of_each)


def test_a_second_time_changes_nothing(twice):
    assert twice.sent(1) == []
    assert set(made(twice, twice.results[1].run).values()) == {"left alone"}


def test_a_member_that_is_protected_outside_is_refused_and_the_others_join():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        write_plan(bench.plan.parent, only_the_database())
        await bench.replicate()
        write_plan(bench.plan.parent, bench.scenario)
        await bench.replicate()

    came = replicated(with_policy(together()), script)
    first, second = came.results
    assert (first.outcome, second.outcome, second.exit_code) == ("passed", "failed", 1)
    assert [(one["step"], one["code"]) for one in second.causes] == [
        ("protect:sql1", "STEP-051"),
        ("protect:sql2", "STEP-051"),
    ]
    assert "consistency group: nothing, not erp" in second.causes[0]["message"]
    assert "in the portal" in second.causes[0]["hint"]
    groups = {item["vm_name"]: item["multi_vm_group"] for item in came.azure.world.items.values()}
    assert groups == dict.fromkeys(VMS, "erp") | {"sql1": "", "sql2": ""}
    assert states(came) == dict.fromkeys(VMS, "Protected")


def test_several_groups_of_one_name_are_named_and_nothing_is_sent():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        for item in bench.azure.world.items.values():
            if item["vm_name"] == "web3":
                item["ids"]["group"] = "11111111-2222-3333-4444-555555555555"
        await bench.replicate()

    came = replicated(together(), script)
    (cause,) = came.results[1].causes
    assert (cause["step"], cause["code"]) == ("preflight", "PRE-141")
    assert "2 consistency groups erp: " in cause["message"]
    assert "web3 in 11111111" in cause["message"]
    assert came.sent(1) == []


def test_a_vm_that_the_plan_names_and_that_is_left_out_fails_with_the_reason():
    scenario = together()
    world = copy.deepcopy(dict(scenario.world))
    world["vms"] = [one for one in world["vms"] if one["name"] != "web3"]

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    came = replicated(replace(scenario, world=world), script)
    (result,) = came.results
    assert (result.outcome, result.exit_code) == ("failed", 1)
    assert [(one["step"], one["code"]) for one in result.causes] == [("protect:web3", "STEP-041")]
    assert "there is no such VM" in result.causes[0]["message"]
    assert states(came) == dict.fromkeys(set(VMS) - {"web3"}, "Protected")


def with_policy(scenario: Scenario) -> Scenario:
    plan = copy.deepcopy(dict(scenario.plan))
    plan["replication"]["policy"] = {"name": "erp-policy"}
    return replace(scenario, plan=plan)


def only_the_database() -> Scenario:
    """The same plan before it knew of a group, and of more than its database."""
    scenario = with_policy(contoso())
    plan = copy.deepcopy(dict(scenario.plan))
    plan["groups"] = plan["groups"][:1]
    plan["checks"] = []
    return replace(scenario, plan=plan)
