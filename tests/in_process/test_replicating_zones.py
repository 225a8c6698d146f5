"""From one zone to another of one region: one fabric with two containers, and no second region."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.port import Gateway
from muster.replication.decision import Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.drills import write_plan
from tests.in_process.replicating import Bench, Replicated, bare, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.simulated import Azure
from tests.in_process.test_contoso import contoso
from tests.in_process.test_replicating import VMS, made, states

ZONES = dict(zip(VMS, ("1", "2", "3", "1", "2", "3", "1"), strict=True))
OTHER = {"1": "2", "2": "3", "3": "1"}


def in_one_region(**target: Any) -> Scenario:
    """The shipped application, each VM in a zone of eastus, to recover into another zone there."""
    scenario = contoso()
    plan: dict[str, Any] = copy.deepcopy(dict(scenario.plan))
    plan["target"] = {"region": "eastus", **plan["target"]} | {"region": "eastus"} | target
    world = bare(scenario.world)
    for vm in world["vms"]:
        vm["zone"] = ZONES.get(vm["name"])
    return replace(scenario, plan=plan, world=world)


@pytest.fixture(scope="module")
def twice() -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = copy.deepcopy(states(bench.came)), await zones_told(bench)
        await bench.replicate()

    return replicated(in_one_region(), script)


async def zones_told(bench: Bench) -> dict[str, tuple[str, ...]]:
    """The zones of each item as Azure tells them, now and at first, on both sides."""
    keys = ("primaryAvailabilityZone", "initialPrimaryZone", "recoveryAvailabilityZone",
            "initialRecoveryZone")  # fmt: skip
    told = {}

    async def read(gateway: Gateway, decision: Decision) -> None:
        for item in await gateway.protected_items(decision.wanted.vault.ref):
            details = item.raw["properties"]["providerSpecificDetails"]
            told[item.friendly_name] = tuple(details[key] for key in keys)

    await bench.by_hand(read)
    return told


def test_every_vm_is_protected_into_another_zone(twice):
    assert twice.refused == []
    assert [(one.outcome, one.causes) for one in twice.results] == [("passed", [])] * 2
    assert twice.kept[0] == dict.fromkeys(VMS, "Protected")
    assert twice.kept[1] == {
        name: (zone, zone, OTHER[zone], OTHER[zone]) for name, zone in ZONES.items()
    }


def puts(came: Replicated, kind: str) -> dict[str, dict[str, Any]]:
    """What was PUT of a kind, by its name."""
    return {
        one.path.rpartition("/")[2]: json.loads(one.body)["properties"]
        for one in came.wire
        if one.method == "PUT" and one.path.split("/")[-2].casefold() == kind.casefold()
    }


def test_there_is_one_fabric_with_two_containers_mapped_to_each_other(twice):
    fabric = "asr-a2a-default-eastus"
    assert list(puts(twice, "replicationFabrics")) == [fabric]
    here, there = f"{fabric}-container", f"{fabric}-t-container"
    assert set(puts(twice, "replicationProtectionContainers")) == {here, there}
    mapped = [
        (
            one.path.split("/")[-3],
            json.loads(one.body)["properties"]["targetProtectionContainerId"],
        )
        for one in twice.wire
        if one.method == "PUT" and "/replicationprotectioncontainermappings/" in one.path.lower()
    ]
    assert {(source, target.rpartition("/")[2]) for source, target in mapped} == {
        (here, there),
        (there, here),
    }
    # A network mapping leads from one fabric to another, and there is but one.
    assert puts(twice, "replicationNetworkMappings") == {}


def test_each_vm_is_enabled_into_its_zone_network_and_container(twice):
    for name, given in puts(twice, "replicationProtectedItems").items():
        details = given["providerSpecificDetails"]
        vm = name.removesuffix("-item")
        assert details["recoveryAvailabilityZone"] == OTHER[ZONES[vm]]
        assert details["recoveryContainerId"].endswith("/asr-a2a-default-eastus-t-container")
        assert details["recoveryAzureNetworkId"].endswith("/vnet-erp-asr")
        assert "recoveryAvailabilitySetId" not in details


def test_the_replicas_lie_in_the_other_zone(twice):
    replicas = {
        one["name"].removesuffix("-ASRReplica"): one["zones"]
        for one in twice.azure.world.of_type("Microsoft.Compute/disks")
        if one["name"].endswith("-ASRReplica")
    }
    assert replicas["web1-osdisk"] == [OTHER[ZONES["web1"]]]
    assert len(replicas) == len(VMS) + 2


def test_a_second_time_changes_nothing(twice):
    assert twice.sent(1) == []
    assert set(made(twice, twice.results[1].run).values()) == {"left alone"}


def test_vms_may_stay_in_their_network_but_not_in_their_group():
    group = f"/subscriptions/{contoso().world['subscription']['id']}/resourceGroups/rg-erp"
    own = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet-erp"

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        write_plan(bench.plan.parent, in_one_region(network=own, resource_group="rg-erp"))
        await bench.replicate()

    came = replicated(in_one_region(network=own), script)
    first, second = came.results
    assert (first.outcome, states(came)) == ("passed", dict.fromkeys(VMS, "Protected"))
    networks = {item["recovery_network"] for item in came.azure.world.items.values()}
    assert networks == {own}
    made_networks = [path for _, path in came.sent() if "/virtualnetworks/" in path.lower()]
    assert made_networks == []
    (cause,) = second.causes
    assert (cause["step"], cause["code"]) == ("preflight", "PRE-141")
    assert "would recover into the group that they are in" in cause["message"]


def test_a_vm_in_no_zone_is_left_with_the_reason():
    scenario = in_one_region()
    world = copy.deepcopy(dict(scenario.world))
    for vm in world["vms"]:
        vm["zone"] = None if vm["name"] == "web3" else vm["zone"]

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    came = replicated(replace(scenario, world=world), script)
    (result,) = came.results
    assert [(one["step"], one["code"]) for one in result.causes] == [("protect:web3", "STEP-041")]
    assert "stands in no availability zone" in result.causes[0]["message"]
    assert states(came) == dict.fromkeys(set(VMS) - {"web3"}, "Protected")


def test_a_drill_brings_the_copies_up_in_the_other_zone():
    seen: dict[str, list[str]] = {}

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        await bench.drill(lambda azure, _: seen.update(zones_of_copies(azure)))

    came = replicated(without_actions(in_one_region()), script)
    assert came.refused == []
    assert [one.outcome for one in came.results] == ["passed", "passed"]
    assert seen == {f"{name}-test": [OTHER[zone]] for name, zone in ZONES.items()}
    assert states(came) == dict.fromkeys(VMS, "Protected")


def zones_of_copies(azure: Azure) -> dict[str, list[str]]:
    machines = azure.world.of_type("Microsoft.Compute/virtualMachines")
    return {one["name"]: one["zones"] for one in machines if one["name"].endswith("-test")}


def without_actions(scenario: Scenario) -> Scenario:
    """Only VMs and their checks: there is no Automation account in a bare world."""
    plan = copy.deepcopy(dict(scenario.plan))
    for group in plan["groups"]:
        for key in ("before", "after"):
            group.pop(key, None)
    return replace(scenario, plan=plan)
