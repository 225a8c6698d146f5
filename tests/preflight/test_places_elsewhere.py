"""Places that are ids, VMs of many groups and subscriptions: read where they are, drilled."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from muster.plan.actions import Operation
from tests.in_process.drills import drill
from tests.preflight.bending import GROUPS, all_of
from tests.preflight.elsewhere import OTHER, contoso, places_as_ids, vm_stands_in
from tests.preflight.looking import Case, look_at

BOTH = (Operation.DRILL, Operation.FAILOVER)
IN_A_GROUP = vm_stands_in("sql1", "rg-hub")
IN_A_SUBSCRIPTION = vm_stands_in("web2", "rg-far", subscription=OTHER)


def not_passed(operation: Operation, plan, world) -> dict[str, str]:
    found = look_at(Case("", "", operation=operation, plan=plan, world=world))
    drilled_otherwise = {"PRE-101"}  # the plan is written otherwise than it was drilled
    return {one: found.why(one) for one in found.not_passed - drilled_otherwise}


@pytest.mark.parametrize("operation", BOTH)
@pytest.mark.parametrize(("plan", "world"), [
    (places_as_ids, lambda world: None), IN_A_GROUP, IN_A_SUBSCRIPTION,
], ids=["ids", "another group", "another subscription"])  # fmt: skip
def test_a_healthy_world_gives_no_alarm_wherever_its_places_are(operation, plan, world):
    assert not_passed(operation, plan, world) == {}


@pytest.mark.parametrize(("plan", "world"), [
    (places_as_ids, lambda world: None),
    (all_of(IN_A_GROUP[0], IN_A_SUBSCRIPTION[0]), all_of(IN_A_GROUP[1], IN_A_SUBSCRIPTION[1])),
], ids=["ids", "groups and subscriptions"])  # fmt: skip
def test_such_a_plan_is_drilled_and_its_world_is_as_before(plan, world):
    scenario = contoso()
    changed = copy.deepcopy((scenario.plan, scenario.world))
    plan(changed[0])
    world(changed[1])
    drilled = drill(replace(scenario, plan=changed[0], world=changed[1]))
    assert drilled.refused is None
    assert drilled.result.outcome == "passed", drilled.result.causes
    assert drilled.before["resources"].keys() == drilled.world["resources"].keys()


def test_a_vm_that_is_not_in_the_group_it_names_is_missed():
    plan, _ = IN_A_GROUP
    told = not_passed(Operation.DRILL, plan, lambda world: None)
    assert "sql1" in told["PRE-024"]


def test_what_a_wall_of_another_network_refuses_is_told():
    """A VM whose card stands in another network than the plan's goes out by that one's rules."""

    def world(world) -> None:
        deny = {"priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "*",
                "sourceAddressPrefix": "*", "sourcePortRange": "*",
                "destinationAddressPrefix": "*", "destinationPortRange": "*"}  # fmt: skip
        world.setdefault("resources", []).append({
            "type": "Microsoft.Network/networkSecurityGroups", "name": "nsg-hub",
            "group": "rg-hub", "location": "eastus",
            "properties": {"securityRules": [{"name": "none", "properties": deny}]},
        })  # fmt: skip
        hub = next(one for one in world["networks"] if one["name"] == "vnet-hub")
        subnet, within = next(iter(hub["subnets"].items()))
        hub["security_groups"] = {subnet: "nsg-hub"}
        vm = next(one for one in world["vms"] if one["name"] == "web3")
        vm.update(network="vnet-hub", subnet=subnet, address=within.replace("0/24", "77"))

    told = not_passed(Operation.FAILOVER, lambda plan: None, world)
    assert "vnet-hub/" in told["PRE-067"]


def test_a_vault_of_another_name_in_an_id_is_not_there():
    def plan(plan) -> None:
        plan["vault"]["name"] = (
            f"{GROUPS}/rg-dr/providers/Microsoft.RecoveryServices/vaults/rsv-other"
        )

    assert "rsv-other" in not_passed(Operation.DRILL, plan, lambda world: None)["PRE-001"]


def test_who_may_read_single_groups_only_is_not_asked_to_read_the_subscription():
    moved = [vm_stands_in(vm, f"rg-{vm}") for vm in ("sql1", "sql2", "app1", "web1")]

    def world(world) -> None:
        all_of(*(one for _, one in moved))(world)
        for identity in world["identities"]:
            groups = [f"/resourceGroups/{one['name']}" for one in world["groups"]]
            roles = [one for one in identity["roles"] if one != {"role": "Reader"}]
            identity["roles"] = [*roles, *({"role": "Reader", "scope": one} for one in groups)]

    told = not_passed(Operation.DRILL, all_of(*(one for one, _ in moved)), world)
    assert {"PRE-024", "PRE-031", "PRE-033"} & told.keys() == set()
    assert "PRE-070" in told  # the subscription's quotas are out of sight: the roles do matter
