"""A VM with two network cards is replicated with both, left alone a second time, and drilled."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.simulated import Azure
from tests.in_process.test_replicating import VMS, made, states
from tests.in_process.test_replicating_plans import from_nothing

WEB1 = "/resourceGroups/rg-erp/providers/Microsoft.Compute/virtualMachines/web1"


def give_a_second_card(bench: Bench) -> None:
    """web1's second card stands in `app`, as somebody made it before anything was replicated."""
    world = bench.azure.world
    vm = next(one for key, one in world.resources.items() if key.endswith(WEB1.lower()))
    listed = vm["properties"]["networkProfile"]["networkInterfaces"]
    first = world.resource(listed[0]["id"])
    assert first is not None
    second_id = f"{listed[0]['id'].rpartition('/')[0]}/web1-back"
    second = copy.deepcopy(first) | {"id": second_id, "name": "web1-back"}
    config = second["properties"]["ipConfigurations"][0]
    network = config["properties"]["subnet"]["id"].rpartition("/")[0]
    config["properties"] |= {"subnet": {"id": f"{network}/app"}, "privateIPAddress": "10.1.1.44"}
    world.put(second)
    listed[0]["properties"] = {"primary": True}
    listed.append({"id": second_id, "properties": {"primary": False}})
    world.index()


def cards_of_the_copy(azure: Azure, kept: dict[str, Any]) -> None:
    for key, body in azure.world.resources.items():
        if "/networkinterfaces/web1-" in key and key.endswith("-test"):
            placed = body["properties"]["ipConfigurations"][0]["properties"]
            subnet = placed["subnet"]["id"].rpartition("/")[2]
            kept["cards"].add((body["name"], subnet, placed["privateIPAddress"]))


@pytest.fixture(scope="module")
def twice() -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        give_a_second_card(bench)
        await bench.replicate()
        bench.came.kept = {"states": states(bench.came), "cards": set()}
        await bench.replicate()
        await bench.drill(lambda azure, _: cards_of_the_copy(azure, bench.came.kept))

    scenario = from_nothing()
    plan: dict[str, Any] = copy.deepcopy(dict(scenario.plan))
    for group in plan["groups"]:  # the bare world has no Automation account
        group["after"] = [one for one in group.get("after", ()) if "runbook" not in one]
    web1 = next(vm for group in plan["groups"] for vm in group["vms"] if vm["name"] == "web1")
    web1["nics"] = [*web1["nics"], {"subnet": "data", "private_ip": "10.1.0.44"}]
    return replicated(replace(scenario, plan=plan), script)


def test_every_vm_is_protected_with_all_its_cards(twice):
    assert twice.refused == []
    assert [(one.outcome, one.causes) for one in twice.results] == [("passed", [])] * 3
    assert twice.kept["states"] == dict.fromkeys(VMS, "Protected")
    item = next(one for one in twice.azure.world.items.values() if one["vm_name"] == "web1")
    (second,) = item["more_nics"]
    assert second["nic"]["name"] == "web1-back"
    assert second["landing"]["subnet"] == "data"
    assert second["landing"]["address"] == "10.1.0.44"
    assert item["landing"]["subnet"] != "data"


def test_a_second_time_changes_nothing(twice):
    assert twice.sent(1) == []
    assert set(made(twice, twice.results[1].run).values()) == {"left alone"}


def test_its_test_copy_has_both_where_the_plan_wants_them(twice):
    assert twice.kept["cards"] == {
        ("web1-nic-test", "web", "10.1.2.4"),
        ("web1-back-test", "data", "10.1.0.44"),
    }
