"""What is refused of a VM is not touched, nor is anything made for its sake."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.open import open_gateway
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act
from muster.replication.decision import Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.drills import write_plan
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.road import InProcessRoad, Latency
from tests.in_process.scenario import Scenario
from tests.in_process.test_replicating import VMS, empty, states

Json = dict[str, Any]
Change = Callable[[Json], Any]


def since(change: Change) -> Replicated:
    """Replicated, then replicated again by a plan that was changed; `kept`: what is decided."""

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        plan = copy.deepcopy(dict(bench.scenario.plan))
        change(plan)
        bench.scenario = replace(bench.scenario, plan=plan)
        bench.plan = write_plan(bench.plan.parent, bench.scenario)
        bench.came.kept = await decided_now(bench)
        await bench.replicate()

    return replicated(empty(), script)


async def decided_now(bench: Bench) -> Decision:
    """What `--plan-only` shows."""
    clock = bench.settings.clock
    road = InProcessRoad(bench.azure, clock, Latency(clock, bench.scenario.seed + 77))
    async with open_gateway(bench.settings, road) as gateway:
        return await decide(gateway, plan_of(bench), bench.settings.subscription or "")


def plan_of(bench: Bench) -> RecoveryPlan:
    return RecoveryPlan.model_validate(dict(bench.scenario.plan))


def to_do(came: Replicated) -> set[tuple[str, str]]:
    decision: Decision = came.kept
    sends = (Act.CREATE, Act.CHANGE)
    return {(one.kind.value, one.name) for one in decision.changes if one.act in sends}


def longer_kept(plan: Json) -> None:
    plan["replication"]["policy"] = {"app_consistent_every": "4h", "keep_recovery_points": "48h"}


def elsewhere(plan: Json) -> None:
    plan["target"]["resource_group"] = "rg-erp-asr2"


def in_a_zone(plan: Json) -> None:
    plan["replication"]["availability"] = {"zone": "1"}


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (longer_kept, "(policy: 24-hour-retention-policy, not 48-hour-retention-policy)"),
        (elsewhere, "(resource group: rg-erp-asr, not rg-erp-asr2)"),
        (in_a_zone, "(availability: single instance, not in a zone)"),
    ],
)
def test_where_every_vm_is_refused_nothing_is_sent(change: Change, differs: str):
    came = since(change)
    result = came.results[-1]
    assert (result.outcome, result.exit_code) == ("failed", 1)
    assert [(one["step"], one["code"]) for one in result.causes] == [("preflight", "PRE-141")]
    message = result.causes[0]["message"]
    assert message.startswith("failed: nothing stands in the way of all VMs: protected item ")
    assert (message.count("protected item"), message.count(differs)) == (1, 1)  # once for all
    assert all(vm in message.partition(differs)[0] for vm in VMS)
    (stopped,) = {
        str(one.data["error"]["message"])
        for one in came.events(result.run)
        if one.step == "preflight" and one.data.get("error")
    }
    assert ".." not in stopped.replace("...", "")
    assert result.causes[0]["message"].count("isable the replication of this VM") == 1
    assert (came.sent(1), to_do(came)) == ([], set())
    assert states(came) == dict.fromkeys(VMS, "Protected")


def test_what_only_a_refused_vm_needs_is_not_made_and_others_go_on():
    came = since(sql1_into_a_set_and_web2_larger)
    result = came.results[-1]
    assert [(one["step"], one["code"]) for one in result.causes] == [("protect:sql1", "STEP-051")]
    assert to_do(came) == {("protected item", "web2")}
    assert [(method, path.split("?")[0].split("/")[-1]) for method, path in came.sent(1)] == [
        ("PATCH", "web2")
    ]


def sql1_into_a_set_and_web2_larger(plan: Json) -> None:
    plan["groups"][0]["vms"][0]["availability_set"] = "as-sql"
    plan["groups"][2]["vms"][1]["size"] = "Standard_D4s_v5"


def test_nothing_is_sent_to_a_vm_of_which_a_disk_is_refused():
    came = since(lambda plan: plan["replication"].update(disks={"exclude": ["sql1-data"]}))
    result = came.results[-1]
    assert [(one["step"], one["code"]) for one in result.causes] == [("protect:sql1", "STEP-051")]
    assert came.sent(1) == []


def without(vm: str) -> Scenario:
    scenario = empty()
    world = copy.deepcopy(dict(scenario.world))
    world["vms"] = [one for one in world["vms"] if one["name"] != vm]
    return replace(scenario, world=world)


@pytest.mark.parametrize(("scenario", "is_possible"), [(empty(), True), (without("sql2"), False)])
def test_a_plan_of_which_a_vm_is_left_out_is_not_possible(scenario: Scenario, is_possible: bool):
    async def script(bench: Bench) -> None:
        decision = await decided_now(bench)
        bench.came.kept = decision.is_possible(plan_of(bench))

    assert replicated(scenario, script).kept is is_possible


def test_a_vm_that_is_left_out_counts_in_whatever_case_it_is_written():
    async def script(bench: Bench) -> None:
        decision = await decided_now(bench)
        plan = plan_of(bench)
        loud = tuple(replace(one, name=one.name.upper()) for one in decision.left)
        bench.came.kept = [one.name for one in replace(decision, left=loud).left_of(plan)]

    assert replicated(without("sql2"), script).kept == ["SQL2"]
