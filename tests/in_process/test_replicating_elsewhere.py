"""The plan names another vault than the one that protects its VMs: told, and nothing doubled."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.replication.decision import Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.drills import write_plan
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_replicating import VMS, states
from tests.in_process.test_replicating_plans import from_nothing

OLD = {"resource_group": "rg-dr", "name": "rsv-contoso"}
NEW = {"resource_group": "rg-dr", "name": "rsv-new"}


def with_vault(vault: dict[str, Any], groups: int = 3) -> Scenario:
    """The shipped plan with another vault, or with its first groups only."""
    scenario = from_nothing()
    plan = copy.deepcopy(dict(scenario.plan)) | {"vault": vault}
    plan["groups"] = plan["groups"][:groups]
    if groups < 3:
        plan["checks"] = []
    return replace(scenario, plan=plan)


def then(first: Scenario, second: Scenario, *, vault_there: bool = False) -> Replicated:
    """Replicated by one plan, then by another of the same name."""

    async def script(bench: Bench) -> None:
        bench.decide = decide
        write_plan(bench.plan.parent, first)
        await bench.replicate()
        if vault_there:
            await bench.by_hand(another_vault)
        write_plan(bench.plan.parent, second)
        await bench.replicate()

    return replicated(from_nothing(), script)


async def another_vault(gateway: Gateway, decision: Decision) -> None:
    ref = VaultRef(decision.wanted.vault.ref.subscription, NEW["resource_group"], NEW["name"])
    await gateway.make_vault(ref, "westus2", within=timedelta(hours=1))


def vaults_of(came: Replicated) -> dict[str, str]:
    """The vault that protects each VM, by its name."""
    items = came.azure.world.items.values()
    return {one["vm_name"]: one["vault_id"].rpartition("/")[2] for one in items}


def test_a_plan_whose_vms_are_all_in_another_vault_is_refused_with_what_to_write():
    came = then(with_vault(OLD), with_vault(NEW))
    assert [one.outcome for one in came.results] == ["passed"]
    assert [one.shown_code for one in came.refused] == ["RUN-013"]
    assert "sql1: it is protected by another vault, rsv-contoso" in came.refused[0].message
    assert "vault: {resource_group: rg-dr, name: rsv-contoso}" in came.refused[0].shown_hint
    assert came.sent(1) == []
    assert vaults_of(came) == dict.fromkeys(VMS, "rsv-contoso")


def test_no_second_vault_is_made_beside_one_that_protects_some_of_the_vms():
    came = then(with_vault(OLD, groups=1), with_vault(NEW))
    (cause,) = came.results[1].causes
    assert (cause["step"], cause["code"]) == ("preflight", "PRE-141")
    assert "rsv-contoso protects sql1, sql2 of the plan" in cause["message"]
    assert "vault: {resource_group: rg-dr, name: rsv-contoso}" in cause["message"]
    assert came.sent(1) == []


def test_a_vault_that_is_there_takes_the_others_and_each_of_them_fails_with_the_reason():
    came = then(with_vault(OLD, groups=1), with_vault(NEW), vault_there=True)
    causes = came.results[1].causes
    assert [(one["step"], one["code"]) for one in causes] == [
        ("protect:sql1", "STEP-041"), ("protect:sql2", "STEP-041"),
    ]  # fmt: skip
    assert "items do not move between vaults" in causes[0]["hint"]
    assert states(came) == dict.fromkeys(VMS, "Protected")
    assert vaults_of(came) == dict.fromkeys(VMS, "rsv-new") | dict.fromkeys(
        ("sql1", "sql2"), "rsv-contoso"
    )


def test_a_vault_of_another_region_than_the_plan_says_is_refused():
    came = then(with_vault(OLD), with_vault(OLD | {"region": "centralus"}))
    (cause,) = came.results[1].causes
    assert (cause["step"], cause["code"]) == ("preflight", "PRE-141")
    assert "a vault cannot be moved" in cause["message"]
    assert "vault.region: westus2" in cause["message"]
    assert came.sent(1) == []
