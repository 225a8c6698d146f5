"""The plan that ships with Muster, replicated from an empty subscription as it is written."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from muster.errors import PlanError
from muster.gateway.port import Gateway
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, bare, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_contoso import contoso
from tests.in_process.test_replicating import VMS, made, states


def from_nothing() -> Scenario:
    scenario = contoso()
    return replace(scenario, world=bare(scenario.world))


@pytest.fixture(scope="module")
def twice() -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = copy.deepcopy(states(bench.came))
        await bench.replicate()

    return replicated(from_nothing(), script)


def test_every_vm_of_the_plan_is_protected(twice):
    assert twice.refused == []
    assert [(one.outcome, one.causes) for one in twice.results] == [("passed", [])] * 2
    assert twice.kept == dict.fromkeys(VMS, "Protected")


def test_a_second_time_changes_nothing(twice):
    assert twice.sent(1) == []
    assert set(made(twice, twice.results[1].run).values()) == {"left alone"}


def test_a_group_to_select_from_that_is_not_there_is_told_with_its_line():
    scenario = from_nothing()
    select = {"select": {"resource_groups": ["rg-erp", "rg-nope"]}}
    plan = {**scenario.plan, "replication": select}

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = bench.plan.read_text(encoding="utf-8").splitlines()

    came = replicated(replace(scenario, plan=plan), script)
    (refused,) = came.refused
    assert isinstance(refused, PlanError)
    (problem,) = refused.problems
    assert problem.code == "PLAN-083"
    assert "`replication.select.resource_groups: rg-nope` is not there" in problem.message
    assert "rg-nope" in came.kept[problem.line - 1]
    assert refused.exit_code == 2
    assert came.sent() == []


def test_a_subnet_that_the_target_lacks_stops_only_the_vms_that_need_it():
    scenario = from_nothing()
    world = copy.deepcopy(dict(scenario.world))
    world["groups"].append({"name": "rg-erp-asr", "location": "westus2"})
    subnets = {"app": "10.1.1.0/24", "web": "10.1.2.0/24"}
    place = {"group": "rg-erp-asr", "ranges": ["10.1.0.0/16"], "subnets": subnets}
    world["networks"].append({"name": "vnet-erp-asr", **place})

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    came = replicated(replace(scenario, world=world), script)
    (result,) = came.results
    assert result.outcome == "failed"
    assert {(one["step"], one["code"]) for one in result.causes} == {
        ("protect:sql1", "STEP-051"),
        ("protect:sql2", "STEP-051"),
    }
    assert "lacks subnet data" in result.causes[0]["message"]
    others = [vm for vm in VMS if not vm.startswith("sql")]
    assert states(came) == dict.fromkeys(others, "Protected")


@pytest.mark.parametrize("client", ["muster-reader", "muster-operator"])
def test_rights_that_are_missing_are_told_before_anything_is_made(client):
    scenario = from_nothing()
    world = {**scenario.world, "client": client}

    async def script(bench: Bench) -> None:
        async def look(gateway: Gateway, _: Decision) -> None:
            plan = RecoveryPlan.model_validate(dict(scenario.plan))
            bench.came.kept = await decide(gateway, plan, bench.settings.subscription or "")

        await bench.by_hand(look)

    came = replicated(replace(scenario, world=world), script)
    told = [one.why for name, one in came.kept.told if name == "rights"]
    if client == "muster-operator":
        assert told == []
    else:
        assert "Microsoft.RecoveryServices/vaults/write" in told[0]
        assert "Microsoft.Storage/storageAccounts/write" in " ".join(told)
