"""A healthy world for a replication, in which there is one of everything that a look can meet."""

from __future__ import annotations

from collections.abc import Callable

from muster.plan.actions import Operation
from muster.steps.preflight_checks.facts import Facts
from tests.in_process.simulated import Azure
from tests.preflight.bending import (
    SOURCE_NET,
    Raw,
    all_of,
    of_plan,
    resource,
    source,
    subnet,
    with_resource,
)
from tests.preflight.cases_of_set_up import _cache, _group, _own_cache, _vault
from tests.preflight.looking import Case
from tests.preflight.one_of_everything import RESERVED, TABLE, WALL, _id, _table, _wall

TARGET_GROUP = "/resourceGroups/rg-erp-asr"
FREED = "hub"
"""The policy that an exemption keeps from denying anything."""
IN_SOURCE = "/resourceGroups/rg-erp/providers"


def rich_to_replicate(seen: Callable[[Facts], object], *, is_network_there: bool) -> Case:
    """The look at it; `seen` is given what was read.

    Where the target network is there, all that is made outside of the vault is what one VM needs.
    """
    return Case(
        "", "one of everything, for a replication", operation=Operation.REPLICATE,
        world=all_of(_world, _network) if is_network_there else _world,
        state=_state, seen=seen, plan=all_of(_own_cache, _plan),
    )  # fmt: skip


def _network(world: Raw) -> None:
    like = next(one for one in world["networks"] if one["name"] == "vnet-erp")
    there = {"name": "vnet-erp-asr", "group": "rg-erp-asr"}
    world["networks"].append({**like, **there})


def _plan(plan: Raw) -> None:
    """What is selected, and one of each that the plan may want for a VM."""
    of_plan("replication", "select", value={"resource_groups": ["rg-erp"]})(plan)
    sql1 = plan["groups"][0]["vms"][0]
    sql1 |= {"availability_set": "as-sql", "capacity_reservation": "crg-of-the-plan",
             "disks": {"encryption_set": "des"}}  # fmt: skip
    sql1["nics"][0] |= {"network_security_group": "nsg-asr", "public_ip_address": "pip",
                        "backend_pools": ["lb/web"]}  # fmt: skip


def _rules(world: Raw) -> None:
    """A policy that an exemption keeps from denying, one that denies nothing, and two locks."""
    world["policies"] = [
        {"name": FREED, "display_name": "Networks are the hub's", "scope": TARGET_GROUP,
         "rule": {"field": "type", "equals": "Microsoft.Network/virtualNetworks"},
         "exempt": [TARGET_GROUP]},
        {"name": "here", "display_name": "Sets stand in Europe", "scope": TARGET_GROUP,
         "rule": {"allOf": [
             {"field": "type", "equals": "Microsoft.Compute/availabilitySets"},
             {"field": "location", "equals": "westeurope"}]}},
    ]  # fmt: skip
    network = f"{IN_SOURCE}/Microsoft.Network/virtualNetworks/vnet-erp"
    world["locks"] = [
        {"name": "keep", "scope": TARGET_GROUP, "level": "CanNotDelete"},
        {"name": "network", "scope": network, "level": "ReadOnly"},
    ]


_world = all_of(
    _group("rg-dr"),
    _group("rg-erp-asr"),
    _wall("nsg", "rg-erp", "eastus"),
    _wall("nsg-asr", "rg-erp-asr", "westus2"),
    _table,
    with_resource(RESERVED, "crg-of-the-plan", location="westus2"),
    with_resource("Microsoft.Compute/diskEncryptionSets", "des", location="westus2"),
    with_resource("Microsoft.Network/publicIPAddresses", "pip", location="westus2"),
    with_resource("Microsoft.Network/loadBalancers", "lb", location="westus2", properties={
        "backendAddressPools": [{"name": "web", "properties": {}}]}),
    _rules,
)  # fmt: skip


def _state(azure: Azure) -> None:
    _vault("westus2")(azure)
    _cache(azure)
    wall = _id(azure, source(WALL, "nsg"))
    subnet(SOURCE_NET, "web", networkSecurityGroup=wall)(azure)
    subnet(SOURCE_NET, "web", routeTable=_id(azure, source(TABLE, "rt")))(azure)
    resource(source("Microsoft.Network/networkInterfaces", "sql1-nic"),
             networkSecurityGroup=wall)(azure)  # fmt: skip
    resource(source("Microsoft.Compute/disks", "sql1-data"),
             encryption={"type": "EncryptionAtRestWithCustomerKey"})(azure)  # fmt: skip
