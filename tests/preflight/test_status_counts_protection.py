"""`muster status` counts what a plan means: selected VMs too, and none whose VM is gone."""

from __future__ import annotations

import copy
from collections.abc import Callable

from muster.cli.plans_status import sentences_of
from muster.gateway.open import open_gateway
from muster.journal.stores import MemoryStore
from muster.plan.loader import load_plan
from muster.runs.means import Means
from muster.runs.overview import PlanStatus, plan_here, with_azure
from tests.in_process.drills import START, settings_for, write_plan
from tests.in_process.road import InProcessRoad, Latency
from tests.in_process.scenario import Scenario
from tests.in_process.simulated import Azure, azure_in_process, facts_of
from tests.in_process.virtual_loop import VirtualLoop, run_virtually
from tests.preflight.faults import answering, faults
from tests.preflight.looking import healthy


def status_of(tmp_path, bend: Callable[[dict, dict], object], state=lambda _: None, faulty=()):
    """What `muster status` has to tell of the example's plan in a world that is bent."""
    plan, world, scripts = copy.deepcopy(healthy())
    bend(plan, world)
    scenario, store = Scenario(plan=plan, world=world, scripts=scripts), MemoryStore()
    loaded = load_plan(write_plan(tmp_path, scenario))

    async def status(loop: VirtualLoop) -> PlanStatus:
        settings = settings_for(tmp_path, scenario, loop)
        async with azure_in_process(facts_of(scenario.world), loop, faulty) as azure:
            state(azure)
            azure.world.index()
            road = InProcessRoad(azure, settings.clock, Latency(settings.clock, 0))
            means = Means(store=lambda _: store, gateway=lambda s: open_gateway(s, road))
            known = plan_here(loaded, store, settings.clock.now())
            return await with_azure(known, loaded, settings, means=means)

    return run_virtually(status, start=START, lasting=3600)


def selecting(plan: dict, world: dict) -> None:
    """One VM that is selected and protected, one that is selected and not."""
    web = next(vm for vm in world["vms"] if vm["name"] == "web3")
    for number, name in enumerate(("pay1", "pay2")):
        address = f"10.1.2.{77 + number}"
        world["vms"].append(web | {"name": name, "address": address, "tags": {"tier": "pay"}})
    world["vaults"][0]["items"].append({"vm": "pay1", "name": "item-of-pay1"})
    plan.setdefault("replication", {})["select"] = {"tags": {"tier": "pay"}}


def without_web3(azure: Azure) -> None:
    machines = azure.world.table("resources")
    for key in [key for key in machines if key.endswith("/virtualmachines/web3")]:
        del machines[key]


def test_selected_vms_are_counted_too(tmp_path):
    told = status_of(tmp_path, selecting)
    assert (told.protected, told.vms, told.gone, told.unknown) == (8, 9, (), "")
    assert any("1 of 9 VMs are not protected" in one for one in sentences_of(told))


def test_a_vm_that_is_gone_counts_as_not_protected_and_is_named(tmp_path):
    told = status_of(tmp_path, lambda *_: None, without_web3)
    assert (told.protected, told.vms, told.gone) == (6, 7, ("web3",))
    assert any("the source has no VM web3" in one for one in sentences_of(told))


def test_a_group_that_is_not_there_holds_no_vm(tmp_path):
    def elsewhere(plan: dict, _: dict) -> None:
        plan["groups"][2]["vms"][2]["resource_group"] = "rg-nope"

    told = status_of(tmp_path, elsewhere)
    assert (told.protected, told.vms, told.gone) == (6, 7, ("web3",))


def test_a_source_that_cannot_be_read_is_said_and_groups_are_counted(tmp_path):
    garbled = faults(
        answering(
            "list Microsoft.Compute/virtualMachines",
            {"answer": {"status": 403, "code": "AuthorizationFailed", "message": "no"}},
        )
    )
    told = status_of(tmp_path, selecting, faulty=garbled)
    assert (told.protected, told.vms) == (7, 7)
    assert "the source could not be looked at" in told.unknown


def test_without_a_vault_nothing_is_protected_yet_and_that_is_said(tmp_path):
    def no_vault(plan: dict, _: dict) -> None:
        plan["vault"]["name"] = "rsv-none"

    told = status_of(tmp_path, no_vault)
    assert (told.protected, told.vms) == (0, 7)
    assert told.unknown == "there is no vault rsv-none yet"
    assert any("muster replicate contoso-erp --plan-only" in one for one in sentences_of(told))
