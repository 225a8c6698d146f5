"""`--disable` goes by the items that stand in the vault: what it removes, and what it leaves."""

from __future__ import annotations

import asyncio
import copy
import ipaddress
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from muster.gateway.port import Gateway
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision
from muster.runs.release_shown import Shown, as_data, lines_of, read_shown
from muster.simulator.asr.item_states import COMMITTED, FAILED_OVER
from muster.steps.replicating.deciding import decide
from tests.in_process.drills import write_plan
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_replicating import (
    CONFIRMED,
    VMS,
    contoso_with_a_vault,
    empty,
    made,
    states,
)

Json = dict[str, Any]


def causes(came: Replicated) -> list[tuple[str, str]]:
    return [(one["step"], one["code"]) for one in came.results[-1].causes]


def removed(came: Replicated, process: int) -> list[str]:
    """Items whose removal was asked for, from a process on."""
    paths = [path.split("?")[0] for _, path in came.sent(process)]
    return sorted(path.split("/")[-2] for path in paths if path.endswith("/remove"))


async def disabled(bench: Bench, **how: Any) -> None:
    await bench.replicate(Operation.DISABLE, confirmed=CONFIRMED, **how)


def fail_over(bench: Bench, state: str, *vms: str) -> None:
    for item in bench.azure.world.items.values():
        if item["vm_name"] in vms:
            item["protection_state"] = state


async def looked(bench: Bench) -> Shown:
    """What `--disable --plan-only` reads."""
    shown: list[Shown] = []

    async def look(gateway: Gateway, _: Decision) -> None:
        plan = RecoveryPlan.model_validate(dict(bench.scenario.plan))
        shown.append(await read_shown(gateway, plan, bench.settings, bench.store, None))

    await bench.by_hand(look)
    return shown[0]


def test_items_that_have_been_failed_over_stay_and_the_run_does_not_pass():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        fail_over(bench, FAILED_OVER, "sql1")
        fail_over(bench, COMMITTED, "sql2")
        bench.came.kept = await looked(bench)
        await disabled(bench)

    came = replicated(empty(), script)
    result = came.results[-1]
    assert (result.outcome, result.exit_code) == ("failed", 1)
    assert causes(came) == [("disable:sql1", "STEP-054"), ("disable:sql2", "STEP-054")]
    assert "not on its primary side" in result.causes[0]["message"]
    assert "fail it back" in result.causes[0]["hint"]
    assert set(states(came)) == {"sql1", "sql2"}
    assert any("these stay: sql1 (" in sentence for sentence in came.said)
    text = "\n".join(lines_of(came.kept))
    assert "! protected item sql1: named by the plan; UnplannedFailoverCommitPending" in text
    assert "    stays [STEP-054]: it is not on its primary side" in text
    assert "5 to release, 2 to stay." in text
    assert "  - is released: its replication is ended, and its recovery points go" in text
    assert "  ! stays as it is" in text
    assert "being removed already" not in text  # no line bears that mark
    acts = {one["vm"]: (one["act"], one["code"]) for one in as_data(came.kept)["items"]}
    assert (acts["sql2"], acts["web1"]) == (("stay", "STEP-054"), ("release", None))


def test_the_item_of_a_vm_that_is_gone_is_removed():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        world = bench.azure.world
        (gone,) = [
            one["id"]
            for one in world.of_type("Microsoft.Compute/virtualMachines")
            if one["id"].casefold().endswith("/virtualmachines/sql1")
        ]
        world.remove(gone)
        world.index()
        await disabled(bench)

    came = replicated(empty(), script)
    assert came.refused == []
    assert (came.results[-1].outcome, states(came)) == ("passed", {})
    assert made(came, came.results[-1].run)["protected item sql1"] == "removed"


def test_what_failed_over_after_a_run_was_killed_is_not_removed_by_the_next():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        await disabled(bench, killed_at_write=1)
        fail_over(bench, COMMITTED, *VMS)
        await bench.settings.clock.sleep(timedelta(hours=5))
        await disabled(bench)

    came = replicated(empty(), script)
    assert any("Going on with" in sentence for sentence in came.said)
    assert came.results[-1].exit_code == 1
    assert removed(came, 2) == []
    assert len(states(came)) == len(VMS) - 1
    assert {code for _, code in causes(came)} == {"STEP-054"}


def test_it_is_looked_again_right_before_each_request():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        ending = asyncio.create_task(disabled(bench))
        while not removed_by(bench):
            await bench.settings.clock.sleep(timedelta(milliseconds=20))
        fail_over(bench, COMMITTED, *VMS)
        await ending

    def removed_by(bench: Bench) -> list[str]:
        log = bench.processes[-1].road.log if len(bench.processes) > 1 else []
        return [one.path for one in log if one.path.split("?")[0].endswith("/remove")]

    came = replicated(empty(), script)
    assert len(removed(came, 1)) < len(VMS)
    assert {code for _, code in causes(came)} == {"STEP-054"}
    assert came.results[-1].exit_code == 1


@pytest.mark.parametrize(
    ("scenario", "said"),
    [(empty, "There is no vault rsv-contoso"), (contoso_with_a_vault, "Nothing of contoso-erp")],
)
def test_where_nothing_is_protected_no_run_is_opened(scenario: Callable[[], Scenario], said: str):
    async def script(bench: Bench) -> None:
        bench.azure.world.items.clear()
        bench.azure.world.index()
        await disabled(bench)

    came = replicated(scenario(), script)
    (refused,) = came.refused
    assert (refused.shown_code, said in str(refused)) == ("RUN-013", True)
    assert list(came.store.names("")) == []
    assert came.sent() == []


def shared() -> Scenario:
    """The world of `empty` with a VM of another team in it, whose plan is `theirs`."""
    scenario = empty()
    world = copy.deepcopy(dict(scenario.world))
    (hub,) = [one for one in world["networks"] if one["name"] == "vnet-hub"]
    subnet, prefix = next(iter(hub["subnets"].items()))
    world["vms"].append(
        {
            "name": "pay1",
            "group": "rg-hub",
            "size": "Standard_D2s_v5",
            "network": "vnet-hub",
            "subnet": subnet,
            "address": str(ipaddress.ip_network(prefix)[77]),
            "tags": {"tier": "pay"},
        }
    )
    return replace(scenario, world=world)


def theirs(plan: Json) -> None:
    """Another team's plan, into the same vault."""
    plan["plan"] = "pay"
    plan["source"] = {"region": "eastus", "resource_group": "rg-hub", "network": "vnet-hub"}
    target = {"region": "westus2", "resource_group": "rg-pay-asr", "network": "vnet-hub-asr"}
    plan["target"] = target
    plan["groups"] = [{"name": "pay", "vms": ["pay1"]}]
    plan["checks"] = []
    plan.pop("support", None)
    policy = {"app_consistent_every": "1h", "keep_recovery_points": "24h", "name": "pay-policy"}
    plan["replication"]["policy"] = policy


def selecting(plan: Json) -> None:
    plan["replication"]["select"] = {"tags": {"tier": "pay"}}


def play_as(bench: Bench, change: Callable[[Json], None] | None = None) -> None:
    """Let the next process read another plan; none is the scenario's own."""
    plan = copy.deepcopy(dict(shared().plan))
    if change:
        change(plan)
    bench.scenario = replace(bench.scenario, plan=plan)
    bench.plan = write_plan(bench.plan.parent, bench.scenario)


@pytest.fixture(scope="module")
def beside() -> Replicated:
    """Two plans of one vault; then ours selects the other's VM, and is disabled."""

    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, theirs)
        await bench.replicate()
        play_as(bench)
        await bench.replicate()
        play_as(bench, selecting)
        await disabled(bench)

    return replicated(shared(), script)


def test_an_item_that_a_selector_alone_means_stays_and_is_named(beside):
    assert [one.outcome for one in beside.results] == ["passed", "passed", "failed"]
    assert causes(beside) == [("disable:pay1", "STEP-055")]
    assert "only `replication.select` means it" in beside.results[-1].causes[0]["message"]
    assert removed(beside, 2) == sorted(VMS)
    assert states(beside) == {"pay1": "Protected"}


def test_what_a_run_of_the_plan_enabled_by_its_selector_is_removed():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, selecting)
        await bench.replicate()
        await disabled(bench)

    came = replicated(shared(), script)
    assert [one.outcome for one in came.results] == ["passed", "passed"]
    assert (removed(came, 1), states(came)) == (sorted([*VMS, "pay1"]), {})


def test_a_named_vm_that_another_plan_protects_stays():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, theirs)
        await bench.replicate()
        play_as(bench, lambda plan: theirs(plan) or plan.update(plan="pay-two") or other(plan))
        await bench.replicate(Operation.DISABLE, confirmed="disable pay-two")

    def other(plan: Json) -> None:
        plan["replication"]["policy"]["name"] = "another"

    came = replicated(shared(), script)
    assert causes(came) == [("disable:pay1", "STEP-055")]
    assert "under the policy pay-policy" in came.results[-1].causes[0]["message"]
    assert (removed(came, 1), states(came)) == ([], {"pay1": "Protected"})
