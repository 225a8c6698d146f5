"""One shared thing that cannot be made stops the VMs that need it, and no others."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from muster.journal.events import EventKind
from muster.simulator.arm.policy import ASSIGNMENTS
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, bare, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_contoso import contoso
from tests.in_process.test_replicating import VMS, states

OTHERS = dict.fromkeys(set(VMS) - {"web3"}, "Protected")


def one_apart(*rules: Mapping[str, Any], **faults: Any) -> Scenario:
    """The shipped application with web3 in a network of its own, and to be in a set of its own.

    `rules` are what policies of the subscription deny.
    """
    scenario = contoso(**faults)
    plan, world = copy.deepcopy(dict(scenario.plan)), bare(scenario.world)
    plan["groups"][2]["vms"][2] = {
        "name": "web3", "nics": [{"subnet": "own", "private_ip": "10.7.0.6"}],
        "size": "Standard_D2s_v5", "availability_set": "avset-web3",
    }  # fmt: skip
    world["networks"].append(
        {
            "name": "vnet-own",
            "group": "rg-erp",
            "ranges": ["10.7.0.0/16"],
            "subnets": {"own": "10.7.0.0/24"},
        }
    )
    for vm in world["vms"]:
        if vm["name"] == "web3":
            vm |= {"network": "vnet-own", "subnet": "own", "address": "10.7.0.6"}
    world["policies"] = [{"name": f"deny-{n}", "rule": rule} for n, rule in enumerate(rules)]
    return replace(scenario, plan=plan, world=world)


def once(scenario: Scenario) -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    came = replicated(scenario, script)
    assert came.refused == []
    return came


def skipped(came: Replicated) -> dict[str, str]:
    """Why each step was skipped, each told once."""
    told = [
        (str(event.step), str(event.data["why"]))
        for event in came.events(came.results[-1].run)
        if event.kind is EventKind.FINISHED and event.data["status"] == "skipped"
    ]
    assert len(told) == len(dict(told))
    return dict(told)


def causes(came: Replicated) -> list[str]:
    assert (came.results[-1].outcome, came.results[-1].exit_code) != ("passed", 0)
    return [one["step"] for one in came.results[-1].causes]


def test_with_nothing_in_the_way_all_are_protected():
    assert states(once(one_apart())) == dict.fromkeys(VMS, "Protected")


@pytest.mark.parametrize(("kind", "name", "said"), [
    ("Microsoft.Compute/availabilitySets", "avset-web3", "the availabilitySets avset-web3"),
    ("Microsoft.Network/virtualNetworks", "vnet-own-asr", "the virtualNetworks vnet-own-asr"),
])  # fmt: skip
def test_what_one_vm_needs_stops_that_one_alone(kind: str, name: str, said: str):
    rule = {"allOf": [{"field": "type", "equals": kind}, {"field": "name", "equals": name}]}
    came = once(one_apart(rule))
    assert causes(came) == ["target-resources"]
    assert states(came) == OTHERS
    why = skipped(came)
    assert why["protect:web3"].startswith(f"web3 needs {said}, which was not made: [")
    assert "deny-0" in why["protect:web3"]
    (cause,) = came.results[0].causes
    assert "ask its owner" in cause["hint"]  # a role would not help
    assert why["settle:web3"] == f"protect:web3 was skipped: {why['protect:web3']}"
    assert set(why) == {"protect:web3", "settle:web3"}


def test_no_mapping_is_asked_for_a_network_that_was_not_made():
    rule = {"allOf": [{"field": "type", "equals": "Microsoft.Network/virtualNetworks"},
                      {"field": "name", "equals": "vnet-own-asr"}]}  # fmt: skip
    came = once(one_apart(rule))
    asked = [path for _, path in came.sent() if "/replicationnetworkmappings/" in path.lower()]
    assert len(asked) == 2  # there and back for the other network
    assert not any("own" in path for path in asked)


def test_a_mapping_that_fails_stops_the_vms_of_its_network(tmp_path: Path):
    rules = tmp_path / "mapping.yaml"
    rules.write_text(
        "faults: mapping\ntitle: A network mapping is refused\nrules:\n"
        '  - on: {call: "put *replicationNetworkMappings"}\n    client: own\n    calls: 1\n'
        "    do: {answer: {status: 400, code: NoSuchPair, message: These two do not go.}}\n",
        encoding="utf-8",
    )
    came = once(one_apart(faults=(str(rules),)))
    assert causes(came) == ["network-mappings"]
    why = skipped(came)
    stopped = {step.removeprefix("protect:") for step in why if step.startswith("protect:")}
    assert stopped in ({"web3"}, set(VMS) - {"web3"})
    assert states(came) == dict.fromkeys(set(VMS) - stopped, "Protected")
    for vm in stopped:
        assert (
            "[NoSuchPair]" in why[f"protect:{vm}"]
            or "These two do not go." in why[f"protect:{vm}"]
        )


def test_cache_storage_that_nobody_may_make_stops_a_run_before_anything_is_sent():
    came = once(one_apart({"field": "type", "equals": "Microsoft.Storage/storageAccounts"}))
    (cause,) = came.results[0].causes
    assert (cause["step"], cause["code"]) == ("preflight", "PRE-094")
    assert "deny-0: it denies storageAccounts rgerpasr" in cause["message"]
    assert (states(came), came.sent()) == ({}, [])


def test_the_next_run_makes_what_was_left_and_touches_nothing_else():
    rule = {"field": "type", "equals": "Microsoft.Compute/availabilitySets"}

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.azure.world.table(ASSIGNMENTS).clear()  # its owner takes the policy away
        await bench.replicate()

    came = replicated(one_apart(rule), script)
    assert [one.outcome for one in came.results] == ["failed", "passed"]
    assert states(came) == dict.fromkeys(VMS, "Protected")
    assert sorted(path.rpartition("/")[2].casefold() for _, path in came.sent(1)) == [
        "avset-web3",
        "web3",
    ]
