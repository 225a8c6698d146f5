"""Items that another plan enabled: never changed by a plan that selects or names their VMs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from muster.gateway.port import Gateway
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision
from muster.runs.own_parts import heeding_journals
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Json, replicated
from tests.in_process.test_releasing import play_as, selecting, shared, theirs
from tests.in_process.test_replicating import made

TERMS = {"app_consistent_every": "4h", "keep_recovery_points": "24h", "name": "shared"}


def theirs_alike(plan: Json) -> None:
    """Another team's plan, under the policy and into the group that are ours too."""
    theirs(plan)
    plan["target"] |= {"resource_group": "rg-erp-asr"}
    plan["replication"]["policy"] = dict(TERMS)
    plan["groups"] = [
        {
            "name": "pay",
            "vms": [
                {
                    "name": "pay1",
                    "size": "Standard_D8s_v5",
                    "nics": [{"private_ip": "10.9.0.99"}],
                }
            ],
        }
    ]


def ours(plan: Json) -> None:
    plan["replication"]["policy"] = dict(TERMS)


def ours_selecting(plan: Json) -> None:
    ours(plan)
    selecting(plan)


def longer(plan: Json) -> None:
    ours_selecting(plan)
    plan["replication"]["policy"]["keep_recovery_points"] = "48h"


def naming_theirs(plan: Json) -> None:
    """Ours takes their VM in by name, from where it is."""
    ours(plan)
    plan["groups"][2]["vms"].append({"name": "pay1", "resource_group": "rg-hub"})


async def planned(bench: Bench) -> Decision:
    """What `--plan-only` would show of the bench's plan."""
    found: list[Decision] = []
    plan = RecoveryPlan.model_validate(dict(bench.scenario.plan))

    async def look(gateway: Gateway, _: Decision) -> None:
        folder = bench.plan.parent
        deciding = heeding_journals(decide, bench.store, bench.settings, folder)
        found.append(await deciding(gateway, plan, bench.settings.subscription or ""))

    await bench.by_hand(look)
    return found[0]


def acts_on(decision: Decision, name: str) -> list[str]:
    return [one.act.value for one in decision.changes if one.name == name]


def test_an_item_that_only_a_selector_means_is_left_and_named():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, theirs_alike)
        await bench.replicate()
        play_as(bench, ours_selecting)
        bench.came.kept = await planned(bench)
        await bench.replicate()

    came = replicated(shared(), script)
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])] * 2
    (left,) = came.kept.left
    assert (left.name, left.kind, acts_on(came.kept, "pay1")) == ("pay1", "protected", [])
    assert "of plan pay enabled it" in left.why
    assert [path for _, path in came.sent(1) if "pay1" in path] == []


def test_what_a_run_of_the_plan_selected_and_enabled_stays_its_own():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, ours_selecting)
        await bench.replicate()
        await bench.replicate()
        bench.came.kept = await planned(bench)

    came = replicated(shared(), script)
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])] * 2
    assert (came.kept.left, acts_on(came.kept, "pay1")) == ((), ["leave alone"])
    assert came.sent(1) == []


def test_a_policy_is_not_changed_for_an_item_that_is_only_selected():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, ours)
        await bench.replicate()
        play_as(bench, theirs_alike)
        await bench.replicate()
        play_as(bench, longer)
        await bench.replicate()

    came = replicated(shared(), script)
    (cause,) = came.results[2].causes
    assert (cause["code"], came.sent(2)) == ("PRE-141", [])
    assert "it holds for VMs that are not the plan's: pay1" in cause["message"]


def test_a_named_vm_that_another_plans_run_enabled_is_refused():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, theirs_alike)
        await bench.replicate()
        play_as(bench, naming_theirs)
        await bench.replicate()

    came = replicated(shared(), script)
    (cause,) = [one for one in came.results[1].causes if one["step"] == "protect:pay1"]
    assert cause["code"] == "STEP-051"
    assert "of plan pay enabled it" in cause["message"]
    assert [path for _, path in came.sent(1) if "pay1" in path] == []


@pytest.mark.parametrize("is_named", [True, False])
def test_a_policy_is_put_back_over_a_vm_of_ours_that_was_deleted(is_named: bool):
    """What a run of the plan enabled is no stranger, though its VM is gone."""

    async def longer_by_hand(gateway: Gateway, decision: Decision) -> None:
        sent = await gateway.make_policy(
            decision.wanted.vault.ref, "shared", app_consistent_every=timedelta(hours=4),
            keep_recovery_points=timedelta(hours=72), multi_vm_sync=False, change=True,
        )  # fmt: skip
        job = await gateway.job_ended(
            sent.job_id, expected=timedelta(minutes=1), within=timedelta(hours=1)
        )
        assert job.succeeded

    def without_web3(plan: Json) -> None:
        ours(plan)
        web = plan["groups"][2]
        web["vms"] = [one for one in web["vms"] if one["name"] != "web3"]
        web["checks"] = [one for one in web["checks"] if "web3" not in str(one)]

    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, ours)
        await bench.replicate()
        await bench.by_hand(longer_by_hand)
        world = bench.azure.world
        (gone,) = [key for key in world.resources if key.endswith("/virtualmachines/web3")]
        world.remove(gone)
        if not is_named:
            play_as(bench, without_web3)
        await bench.replicate()

    came = replicated(shared(), script)
    ended = came.results[-1]
    assert made(came, ended.run)["replication policy shared"] == "changed"
    assert ended.outcome == ("failed" if is_named else "passed")
    assert {one["code"] for one in ended.causes} == ({"STEP-041"} if is_named else set())
